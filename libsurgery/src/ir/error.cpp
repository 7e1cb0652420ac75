#include "surgery/error.h"

#include <cstdio>
#include <cstdlib>

namespace surgery {

void fail_assertion(const char* expression, const char* file, int line, const char* message) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s (%s)\n", file, line, message, expression);
  std::abort();
}

}  // namespace surgery
