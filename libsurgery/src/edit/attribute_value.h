#pragma once

#include <optional>
#include <string_view>

#include "surgery/attribute.h"
#include "surgery/graph.h"
#include "surgery/schema.h"

namespace surgery {

/// What the standard says of the node's operator in the model's opset; nullptr for an operator it does not have.
const schema::OpSchema* schema_of(const Node& node);

/// An attribute of that type from a command line's text: "1", "0.5", "same", "[1, 1]" or "1,1" for lists. Throws
/// Error(kUsage) when the text is none, Error(kUnsupported) for types without a textual form (tensors, graphs, types).
Attribute parse_attribute(std::string_view name, AttributeType type, std::string_view text);

/// The type that a text has by its form: integers, numbers, lists of them, otherwise a string.
AttributeType type_by_form(std::string_view text);

/// Whether both hold the same numbers or texts. False for tensors, graphs and types.
bool same_value(const Attribute& a, const Attribute& b);

/// The attribute that is meant when it is absent; nothing when the standard gives no fixed default.
std::optional<Attribute> default_of(const schema::AttributeSpec& spec);

}  // namespace surgery
