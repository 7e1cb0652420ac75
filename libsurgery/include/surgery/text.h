#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surgery {

/// A name from a model made safe for a terminal and a log line: control characters and invalid UTF-8 as \xNN, a name of
/// over `max_bytes` bytes cut in the middle with its length told.
std::string escape(std::string_view name, size_t max_bytes = 200);
/// escape() in single quotes.
std::string quote(std::string_view name);

/// Whether `text` matches a shell pattern with *, ? and [a-z]; linear in both for patterns of one star.
bool matches_glob(std::string_view pattern, std::string_view text);
bool is_glob(std::string_view text);  ///< has one of * ? [

/// The up to `count` candidates nearest to `name` by edit distance (a few letters off, or containing it), best first.
std::vector<std::string> nearest(std::string_view name, std::span<const std::string> candidates, size_t count = 3);
/// "; did you mean 'a', 'b'?" or "" when nothing is near.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

/// Whole-string conversions; nothing for anything else than one number in range.
std::optional<int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);

std::string format_bytes(uint64_t bytes);  ///< "512 B", "1.5 KiB", "97.8 MiB"

}  // namespace surgery
