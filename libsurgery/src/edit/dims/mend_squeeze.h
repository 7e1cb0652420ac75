#pragma once

#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery::dims {

/// A Squeeze without axes drops every axis of size 1, and so would drop a freed one that becomes 1. Names the axes that
/// are 1 in `shape`, its input's under any size; a Squeeze that has none becomes an Identity.
void name_squeezed_axes(Node& node, const Shape& shape);

/// Whether the node is a Squeeze without axes.
bool squeezes_implicitly(const Node& node);

/// name_squeezed_axes() for every Squeeze of a model in which the dimension is still a symbol. Returns one sentence per
/// node.
std::vector<std::string> name_squeezed_axes(Model& model, const Inference& inference, std::string_view symbol);

}  // namespace surgery::dims
