#pragma once

#include "edit/dims/mender.h"

namespace surgery::dims {

/// One input of a node and an axis of it.
struct Operand {
  size_t input;
  size_t axis;
};

/// The operands must have one size there. Where one of them holds a freed dimension and another the number that it was,
/// that number was the dimension too: what made it is mended.
void agree(Node& node, Mender& mender, const std::vector<Operand>& operands, bool may_broadcast);

/// Makes the other inputs of a node agree with the first one, where they say something of each sample: indices, scales,
/// lengths, masks.
void check_companions(Node& node, Mender& mender);

}  // namespace surgery::dims
