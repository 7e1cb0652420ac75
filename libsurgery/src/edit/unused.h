#pragma once

#include <cstddef>
#include <unordered_set>

#include "surgery/model.h"

namespace surgery {

/// Values that may have lost their last reader.
using ValueSet = std::unordered_set<Value*>;

struct Removed {
  size_t nodes = 0;
  size_t initializers = 0;
};

/// Adds what `node` reads, and what its subgraphs read from outside of it, to `values`.
void collect_inputs(const Node& node, ValueSet& values);

/// Erases the node, whose outputs must be unused, and keeps `pending` right: its outputs leave it, its inputs join it.
void erase_node(Node& node, ValueSet& pending);

/// Removes, from the values given upwards, nodes none of whose outputs is used and initializers that nothing reads.
/// Graph inputs stay, unless they are weights that are listed there.
Removed remove_unused(ValueSet pending);

}  // namespace surgery
