#pragma once

#include <cstdint>

#include "surgery/graph.h"

namespace surgery {

/// Same name, type and value (a float by its bits). False for subgraphs, sparse tensors and types, which are not
/// compared.
bool is_same_attribute(const Attribute& a, const Attribute& b);

/// A hash that is equal for two nodes that are the same call.
uint64_t hash_of_call(const Node& node);

/// Whether both compute the same: operator, inputs and attributes equal, in any order of the attributes. False for
/// nodes with subgraphs or sparse constants, which are not compared.
bool is_same_call(const Node& a, const Node& b);

}  // namespace surgery
