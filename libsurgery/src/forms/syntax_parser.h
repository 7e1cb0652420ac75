#pragma once

#include <string_view>

namespace onnx {
class ModelProto;
}

namespace surgery {

/// ONNX's textual syntax, by the grammar of its Syntax.md and as the parser of the `onnx` package understands it; and
/// beyond that parser what its printer writes: lists of tensors, graphs and types, domains with components like "2".
/// Subgraphs and types may be nested as deep as in a binary model. Throws Error(kRead) with line and column.
void parse_syntax(std::string_view text, onnx::ModelProto& model);

}  // namespace surgery
