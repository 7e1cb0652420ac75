#pragma once

#include <string>
#include <string_view>

#include "exec/datum.h"
#include "surgery/type.h"

namespace app {

/// The value that JSON text stands for, of the declared type: nested lists for a tensor (a number for a scalar), a list
/// of values for a sequence, an object for a map, null for an optional without content. `place` names it in messages.
/// Throws Error(kUsage) for what does not fit: no JSON, lists of different lengths, elements that the type cannot hold.
exec::Datum parse_json_value(std::string_view text, const surgery::Type& type, const std::string& place);

}  // namespace app
