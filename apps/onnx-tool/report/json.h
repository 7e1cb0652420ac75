#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "surgery/graph.h"
#include "surgery/type.h"

namespace app {

/// Keys keep the order in which they are set. docs/json.md documents every object.
using Json = nlohmann::ordered_json;

/// The start of every report: {"version": 1, "command": "..."}; the version grows when a key changes its meaning.
Json new_report(std::string_view command);

/// Prints the object and a line feed to stdout. Invalid UTF-8 in names is replaced by U+FFFD.
void print_json(const Json& report);

/// {"name", "type", "shape"}: dims as numbers, symbols as strings, unknown ones as null; no shape without a rank.
Json to_json(std::string_view name, const surgery::Type& type);

Json to_json(const surgery::Shape& shape);

}  // namespace app
