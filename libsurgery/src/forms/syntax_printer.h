#pragma once

#include <string>

namespace onnx {
class ModelProto;
}

namespace surgery {

/// ONNX's textual syntax, as the printer of the `onnx` package writes it, and beyond it: elements of every type (the
/// package writes "..." for some), defaults and value_info of functions, empty string tensors. Throws
/// Error(kUnsupported) for what the grammar cannot say and a model cannot do without: sparse tensors, operator types
/// and attribute names that are no identifiers.
std::string print_syntax(const onnx::ModelProto& model);

}  // namespace surgery
