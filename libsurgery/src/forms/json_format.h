#pragma once

#include <string>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace surgery {

/// protobuf's JSON format with the field names of onnx.proto, character for character as the `onnx` package writes it.
/// Unknown fields are left out. Throws Error(kUnsupported) for a string that is no valid UTF-8: JSON cannot hold it.
std::string print_json(const onnx::ModelProto& model);

/// Takes names as in onnx.proto and in lowerCamelCase, numbers as numbers or strings, enums as names or numbers, bytes
/// in base64 of both alphabets; null stands for absent. Throws Error(kRead) for everything else, unknown fields and
/// fields given twice included, saying where ("graph.node[3].op_type: ...").
void parse_json(std::string_view text, onnx::ModelProto& model);

}  // namespace surgery
