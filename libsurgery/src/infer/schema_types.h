#pragma once

#include "infer/infer_context.h"

namespace surgery::infer {

/// Sets what the operator table alone says of the outputs: an element type shared with an input, or the only one that
/// is allowed. Nothing for operators that the table does not have.
void infer_from_schema(InferContext& c);

/// The element type of output `index` by the operator table; undefined when it does not follow from the inputs.
DataType element_type_by_schema(const InferContext& c, size_t index);

}  // namespace surgery::infer
