#pragma once

#include <cstddef>

namespace surgery {

/// Messages nested deeper than this are refused in every form: 32 levels of subgraphs take three messages each, and a
/// type in the innermost may be 100 deep, two messages a level.
inline constexpr int kMaxMessageDepth = 320;

/// A text with more messages than this (nodes, attributes, tensors, dims) is refused: an empty one takes three bytes of
/// text and some hundred of memory.
inline constexpr size_t kMaxMessages = 10'000'000;

}  // namespace surgery
