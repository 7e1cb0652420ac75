#pragma once

#include <span>
#include <string_view>

#include "infer/infer_context.h"

namespace surgery::infer {

/// Sets what can be said about the outputs of a node.
using InferFunction = void (*)(InferContext& context);

/// One operator, all its versions: the function looks at InferContext::opset() where they differ.
struct Operator {
  std::string_view op_type;
  InferFunction infer;
  std::string_view domain{};
};

/// nullptr for an operator that no family lists.
InferFunction find_infer_function(std::string_view domain, std::string_view op_type);

}  // namespace surgery::infer
