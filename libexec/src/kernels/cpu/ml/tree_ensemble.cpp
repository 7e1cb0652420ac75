#include "kernels/cpu/ml/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace exec::cpu::ml {

bool TreeEnsemble::goes_true(const Node& node, double x) const {
  bool holds = false;
  switch (node.mode) {
    case Mode::kLeq:
      holds = x <= node.split;
      break;
    case Mode::kLt:
      holds = x < node.split;
      break;
    case Mode::kGte:
      holds = x >= node.split;
      break;
    case Mode::kGt:
      holds = x > node.split;
      break;
    case Mode::kEq:
      holds = x == node.split;
      break;
    case Mode::kNeq:
      holds = x != node.split;
      break;
    case Mode::kMember: {
      const std::vector<double>& members = member_sets[static_cast<size_t>(node.members)];
      holds = !std::isnan(x) && std::binary_search(members.begin(), members.end(), x);
      break;
    }
    case Mode::kLeaf:
      break;
  }
  return holds || (node.missing_goes_true && std::isnan(x));
}

const TreeEnsemble::Node& TreeEnsemble::leaf_of(int32_t root, std::span<const double> sample) const {
  const Node* node = &nodes[static_cast<size_t>(root)];
  while (node->mode != Mode::kLeaf) {
    const double x = sample[static_cast<size_t>(node->feature)];
    node = &nodes[static_cast<size_t>(goes_true(*node, x) ? node->if_true : node->if_false)];
  }
  return *node;
}

void TreeEnsemble::evaluate(std::span<const double> sample, Aggregate aggregate, std::span<Score> scores) const {
  for (const int32_t root : roots) {
    const Node& leaf = leaf_of(root, sample);
    for (int32_t i = leaf.if_true; i < leaf.if_false; ++i) {
      const Weight& weight = weights[static_cast<size_t>(i)];
      Score& score = scores[static_cast<size_t>(weight.target)];
      if (!score.is_set) {
        score = {weight.value, true};
      } else if (aggregate == Aggregate::kMin) {
        score.value = std::min(score.value, weight.value);
      } else if (aggregate == Aggregate::kMax) {
        score.value = std::max(score.value, weight.value);
      } else {
        score.value += weight.value;
      }
    }
  }
  if (aggregate != Aggregate::kAverage || roots.empty()) return;
  for (Score& score : scores) score.value /= static_cast<double>(roots.size());
}

void TreeEnsemble::require_sound(const KernelContext& context, int64_t width) const {
  enum class Color : uint8_t { kNew, kOpen, kDone };
  std::vector<Color> colors(nodes.size(), Color::kNew);
  std::vector<int32_t> stack;
  for (const int32_t root : roots) {
    stack.push_back(root);
    while (!stack.empty()) {
      const auto at = static_cast<size_t>(stack.back());
      const Node& node = nodes[at];
      if (colors[at] != Color::kNew || node.mode == Mode::kLeaf) {
        colors[at] = Color::kDone;
        stack.pop_back();
        continue;
      }
      if (node.feature < 0 || node.feature >= width) {
        context.fail("tree node " + std::to_string(at) + " looks at feature " + std::to_string(node.feature) +
                     ", the input has " + std::to_string(width));
      }
      colors[at] = Color::kOpen;
      for (const int32_t child : {node.if_true, node.if_false}) {
        if (child < 0 || static_cast<size_t>(child) >= nodes.size()) {
          context.fail("tree node " + std::to_string(at) + " has a child that is no node");
        }
        const Color color = colors[static_cast<size_t>(child)];
        if (color == Color::kOpen) context.fail("tree node " + std::to_string(child) + " is below itself");
        if (color == Color::kNew) stack.push_back(child);
      }
    }
  }
}

}  // namespace exec::cpu::ml
