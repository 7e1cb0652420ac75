#pragma once

#include <cstdint>
#include <string>

#include "exec/datum.h"
#include "report/json.h"

namespace app {

/// As tensor_text(), for any value: a sequence with a block per element, a map with a line per key, of the first few.
std::string value_text(const std::string& name, const exec::Datum& value, int64_t top);

/// Of a value that is kept as double: lines with range and, of few, elements in all their digits.
std::string double_text(const exec::Datum& value);

/// The same as an object. A sequence has its elements under "elements", a map "keys" and "values" as tensors' objects,
/// an empty optional neither; "kind" says which it is where it is no tensor.
Json value_json(const std::string& name, const exec::Datum& value, int64_t top);

}  // namespace app
