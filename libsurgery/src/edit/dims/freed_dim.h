#pragma once

#include <string>
#include <vector>

#include "surgery/model.h"

namespace surgery::dims {

struct InputAxis {
  Value* input;
  size_t axis;
};

/// A dimension that the file fixes and that gets another size: a batch, a height, a length.
struct FreedDim {
  std::vector<InputAxis> carriers;  ///< axes of graph inputs that are this dimension; never empty
  int64_t old_size = 0;
  Dim target;  ///< an integer or a symbol
};

}  // namespace surgery::dims
