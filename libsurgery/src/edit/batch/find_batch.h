#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "surgery/model.h"

namespace surgery::batch {

/// Where a model takes its batch, and how large it is.
struct Batch {
  std::vector<Value*> inputs;        ///< inputs whose first axis is the batch; never empty
  std::optional<int64_t> size;       ///< the batch that the file fixes; nothing where it is dynamic
  std::string symbol;                ///< the name of a dynamic batch; empty where it has none
  std::vector<std::string> remarks;  ///< inputs that were left out and look as if they might belong: one sentence each
};

/// The batch is axis 0 of the first data input (one without a stored value) of rank 2 or more, or of the first one at
/// all. Inputs with the same first dimension share it; those of rank 1 only where its symbol, or a size over 1, says
/// so. Throws Error(kUsage) when no input has an axis, Error(kUnsupported) when the first axis of one is not known.
Batch find_batch(Model& model);

}  // namespace surgery::batch
