#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onnx {
class TensorProto;
}

namespace surgery {

/// In double quotes, with backslashes before quotes and backslashes; every other byte stands for itself.
void append_syntax_string(std::string& out, std::string_view text);

/// The shortest decimal that reads back as the same number; "nan", "-nan", "inf", "-inf".
void append_syntax_number(std::string& out, int64_t value);
void append_syntax_number(std::string& out, uint64_t value);
void append_syntax_number(std::string& out, int32_t value);
void append_syntax_number(std::string& out, float value);
void append_syntax_number(std::string& out, double value);

/// " {1,2,3}": the entries of the typed field that holds elements of the tensor's type, whichever field they are in.
/// Throws Error(kRead) when raw_data is not of the size that whole elements have.
void append_syntax_elements(std::string& out, const onnx::TensorProto& tensor);

}  // namespace surgery
