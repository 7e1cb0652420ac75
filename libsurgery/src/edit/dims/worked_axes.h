#pragma once

#include <cstddef>
#include <vector>

#include "surgery/graph.h"

namespace surgery::dims {

class Mender;

/// Whether the operator makes each element of its result from the element at the same place of its first input.
bool is_elementwise(const Node& node);

/// The axes of its first input (of that rank) that a node of ai.onnx or ai.onnx.ml works along: in which an element of
/// the result depends on several elements of the input, or on its place. All of them where the node computes them.
std::vector<size_t> worked_axes(const Node& node, const Mender& mender, size_t rank);

}  // namespace surgery::dims
