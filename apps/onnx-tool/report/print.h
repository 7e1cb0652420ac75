#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace app {

/// The result of a command goes to stdout through this alone.
void print(std::string_view text);

/// Cut to `width` characters, the last three of them dots where something was left out.
std::string shorten(const std::string& text, size_t width);

/// "1.2e-06", "0", "nan": three significant digits at most.
std::string format_small(double value);

/// With `digits` digits after the point.
std::string format_fixed(double value, int digits);

/// A cosine similarity, in which the distance from 1 is what counts: "1", "0.999987", "0.42".
std::string format_cosine(double value);

/// "1,234,567"
std::string format_count(int64_t count);

/// "1 node", "2 nodes"
std::string plural(int64_t count, std::string_view noun);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace app
