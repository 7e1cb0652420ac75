#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/graph.h"

namespace surgery {

/// Parts of a graph that are near something, to show instead of all of it. Nodes of subgraphs stand for the node of
/// `graph` that owns them; what is given back are nodes of `graph` itself, in its order.

/// The nodes that are at most `steps` edges away from `centre`, against and along the edges, itself included.
std::vector<const Node*> nodes_around(const Graph& graph, const Node& centre, int steps);

/// The nodes on the ways from the values `from` to the values `to`: readers of the first and what depends on them, as
/// far as the second depend on it. An empty list does not restrict. The producers of `from` are left out.
std::vector<const Node*> nodes_between(const Graph& graph, std::span<Value* const> from, std::span<Value* const> to);

/// The scopes that a node stands in, outermost first: the parts of its name between slashes but for the last one
/// ("/encoder/layer.0/MatMul": encoder, layer.0), or of its first output's name if it has none. At most 32. Views the
/// node.
std::vector<std::string_view> scopes_of(const Node& node);

}  // namespace surgery
