#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace surgery {

/// What kind of failure an Error is. The values are the exit codes of the command line (docs/architecture.md).
enum class ErrorCode : int {
  kAnswerIsNo = 1,   ///< the question was answered, with no: verification failed, model refused
  kUsage = 2,        ///< the caller asked for something that does not exist or contradicts itself
  kRead = 3,         ///< an input cannot be read or is not valid
  kUnsupported = 4,  ///< an operator, type or feature that this build does not have; the message names it
  kWrite = 5,        ///< an output cannot be written; what stood there before still does
};

/// The one exception type of the libraries. The message says what was found, what was expected and where:
/// lower case at the start, no full stop at the end, names from models escaped (surgery/text.h).
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const noexcept { return code_; }

  /// The same failure with the place it happened in front: "model.onnx: ...".
  Error within(std::string_view place) const { return {code_, std::string(place) + ": " + what()}; }

 private:
  ErrorCode code_;
};

/// Stops the program when an invariant of ours does not hold: a defect of the program, never of its input.
[[noreturn]] void fail_assertion(const char* expression, const char* file, int line, const char* message);

}  // namespace surgery

/// Checked in every build: the conditions are cheap, and a wrong model written is worse than a stop.
#define SURGERY_ASSERT(condition, message) \
  ((condition) ? static_cast<void>(0) : ::surgery::fail_assertion(#condition, __FILE__, __LINE__, message))
