#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "surgery/data_type.h"

namespace exec::cpu {

/// A number as Cast writes it: the shortest digits that give the same value in `type`, like Python ("0.1", "1e-05",
/// "3.0"); "NaN", "INF", "-INF".
std::string number_text(double value, surgery::DataType type);

/// What a string says, as Cast reads it: plain or scientific numbers, in any case "NaN", "INF", "+INF", "-INF",
/// surrounding spaces ignored. Nothing for anything else.
std::optional<double> parse_number(std::string_view text);

}  // namespace exec::cpu
