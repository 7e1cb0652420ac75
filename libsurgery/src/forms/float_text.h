#pragma once

#include <string>

namespace surgery {

/// Appends the number as Python's repr() writes it: "1.0", "0.1", "1e-05", "1e+16", "inf", "nan". Protobuf's Python
/// library, and so the `onnx` package, writes numbers this way.
void append_repr(std::string& out, double value);

/// The double with the fewest digits, but at least six, that becomes `value` as a float.
double shortest_double_of(float value);

}  // namespace surgery
