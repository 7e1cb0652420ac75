#pragma once

#include <string>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace surgery {

/// protobuf's text format, character for character as its Python library writes it. Unknown fields are left out.
std::string print_text_format(const onnx::ModelProto& model);

/// Throws Error(kRead): "line 3, column 7: ...".
void parse_text_format(std::string_view text, onnx::ModelProto& model);

}  // namespace surgery
