#pragma once

#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery::batch {

/// A Squeeze without axes drops every axis of size 1, and so would drop a batch that becomes 1. Names the axes that are
/// 1 in `shape`, its input's under any batch; a Squeeze that has none becomes an Identity.
void name_squeezed_axes(Node& node, const Shape& shape);

/// Whether the node is a Squeeze without axes.
bool squeezes_implicitly(const Node& node);

/// name_squeezed_axes() for every Squeeze of a model whose batch is still a symbol. Returns one sentence per node.
std::vector<std::string> name_squeezed_axes(Model& model, const Inference& inference, std::string_view batch_symbol);

}  // namespace surgery::batch
