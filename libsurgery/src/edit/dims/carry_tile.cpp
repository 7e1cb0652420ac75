#include <utility>

#include "edit/dims/mender.h"

/// Tile repeats a whole axis: of a batch that is repeated, the copies come first, the samples within each of them.
namespace surgery::dims {

void carry_tile(Node& node, Mender& mender) {
  if (node.output(0) == nullptr || mender.opset() < 6) return;
  const auto repeats = mender.content(node.input(1));
  const Shape* result = mender.shape(node.output(0));
  for (const size_t axis : mender.freed_axes(node.input(0))) {
    if (!repeats || axis >= repeats->size() || result == nullptr || axis >= result->size()) continue;
    if ((*repeats)[axis].is(1)) continue;
    Factors factors = mender.factors(node.input(0), axis);
    factors.insert(factors.begin(), (*repeats)[axis]);
    mender.set_factors(*node.output(0), axis, std::move(factors));
  }
}

}  // namespace surgery::dims
