#include <algorithm>
#include <set>

#include "edit/dims/mender.h"

/// Numbers that arithmetic calculates with have no shape: whether a division by 56 divides by the old height is not to
/// be seen. Those that equal an old size, or what was made of one, are named, so that the user can look at them.
namespace surgery::dims {
namespace {

constexpr int64_t kSmallest = 3;  // everything is divided by 2 somewhere

/// The numbers that the sizes of freed axes were.
std::set<double> old_sizes(Mender& mender) {
  std::set<double> sizes;
  for_each_graph(mender.model().graph(), [&](const Graph& graph) {
    for (const Value* value : graph.values()) {
      for (const size_t axis : mender.freed_axes(value)) {
        const Dim size = mender.before((*mender.shape(value))[axis]);
        if (size.is_known() && size.value() >= kSmallest) sizes.insert(static_cast<double>(size.value()));
      }
    }
  });
  return sizes;
}

bool is_arithmetic(const Node& node) {
  constexpr std::string_view kTypes[] = {"Add", "Sub", "Mul", "Div", "Mod", "Pow"};
  return std::any_of(std::begin(kTypes), std::end(kTypes), [&](std::string_view type) { return node.is(type); });
}

}  // namespace

void note_literals(Mender& mender) {
  const std::set<double> sizes = old_sizes(mender);
  for_each_graph(mender.model().graph(), [&](const Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (!is_arithmetic(*node)) continue;
      for (const Value* input : node->inputs()) {
        const std::shared_ptr<const Tensor> tensor = input != nullptr ? constant_of(*input) : nullptr;
        if (tensor == nullptr || tensor->num_elements() != 1) continue;
        const auto number = tensor->to_doubles(1);
        if (!number || number->size() != 1 || !sizes.contains(number->front())) continue;
        mender.note(*node, "calculates with the constant " + std::to_string(static_cast<int64_t>(number->front())) +
                               ", which equals an old size; it stays");
      }
    }
  });
}

}  // namespace surgery::dims
