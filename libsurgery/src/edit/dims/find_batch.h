#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "edit/dims/freed_dim.h"
#include "surgery/infer.h"

namespace surgery::dims {

/// Where a model takes its batch, and how large it is.
struct Batch {
  std::vector<InputAxis> carriers;   ///< never empty
  std::optional<int64_t> size;       ///< the batch that the file fixes; nothing where it is dynamic
  std::string symbol;                ///< the name of a dynamic batch; empty where it has none
  std::vector<const Value*> others;  ///< data inputs with axes that were left out
};

/// Input name -> axis of its batch.
using BatchAxes = std::map<std::string, int64_t, std::less<>>;

/// The batch is axis 0, or what `given` says, of the first data input (one without a stored value) that `given` names,
/// of rank 2 or more, or of the first one at all. Inputs with the same dimension there share it; those of rank 1 only
/// where its symbol, or a size over 1, says so. Throws Error(kUsage) when no input has an axis, for an input of `given`
/// that the model does not have, an axis out of range, or inputs of `given` that differ there; Error(kUnsupported) when
/// the shape of an input is not known.
Batch find_batch(Model& model, const BatchAxes& given = {});

/// Inputs of which axis 0 has a name of its own and must be as long as the batch all the same, since some node cannot
/// take them otherwise, become carriers: some exporters name each open dimension apart. `known` is what inference says
/// of the model without its declared types. A batch without a name has no followers.
void add_followers(Model& model, Batch& batch, const Inference& known);

}  // namespace surgery::dims
