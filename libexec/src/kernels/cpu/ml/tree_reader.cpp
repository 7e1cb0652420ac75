// The attributes of the tree operators, checked and turned into a TreeEnsemble.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/ml/tree_ensemble.h"

namespace exec::cpu::ml {
namespace {

using Mode = TreeEnsemble::Mode;

constexpr std::pair<std::string_view, Mode> kModes[] = {
    {"BRANCH_LEQ", Mode::kLeq}, {"BRANCH_LT", Mode::kLt},   {"BRANCH_GTE", Mode::kGte}, {"BRANCH_GT", Mode::kGt},
    {"BRANCH_EQ", Mode::kEq},   {"BRANCH_NEQ", Mode::kNeq}, {"LEAF", Mode::kLeaf},
};

Mode parse_mode(const KernelContext& context, const std::string& name) {
  for (const auto& [known, mode] : kModes) {
    if (name == known) return mode;
  }
  context.fail("nodes_modes has '" + name + "'");
}

void require_count(const KernelContext& context, std::string_view name, size_t found, size_t expected) {
  if (found == expected) return;
  context.fail(std::string(name) + " has " + std::to_string(found) + " values, expected " + std::to_string(expected));
}

Dims ints(const KernelContext& context, std::string_view name, size_t count) {
  Dims values = context.attr_ints(name);
  require_count(context, name, values.size(), count);
  return values;
}

int32_t narrow_index(const KernelContext& context, std::string_view name, int64_t value, int64_t limit) {
  if (value < 0 || value >= limit || value > INT32_MAX) {
    context.fail(std::string(name) + " has " + std::to_string(value) + ", expected 0 to " +
                 std::to_string(std::min<int64_t>(limit, INT32_MAX) - 1));
  }
  return static_cast<int32_t>(value);
}

std::vector<double> doubles_of(const KernelContext& context, const Tensor& tensor, std::string_view name) {
  const auto values = tensor.to_doubles();
  if (!values) context.fail("attribute '" + std::string(name) + "' is no tensor of numbers");
  return *values;
}

/// A tree's node by the numbers that the attributes have for both.
using NodeKey = std::pair<int64_t, int64_t>;

void add_weights(const KernelContext& context, const std::map<NodeKey, int32_t>& index, std::string_view prefix,
                 int64_t num_targets, TreeEnsemble& trees) {
  const std::string name(prefix);
  const std::vector<double> values = doubles_or_tensor(context, name + "_weights");
  const Dims tree_ids = ints(context, name + "_treeids", values.size());
  const Dims node_ids = ints(context, name + "_nodeids", values.size());
  const Dims targets = ints(context, name + "_ids", values.size());
  // A leaf's weights side by side, in their order.
  std::vector<std::pair<int32_t, size_t>> order;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto node = index.find({tree_ids[i], node_ids[i]});
    if (node == index.end()) {
      context.fail(name + "_nodeids has node " + std::to_string(node_ids[i]) + " of tree " +
                   std::to_string(tree_ids[i]) + ", which does not exist");
    }
    // Weights of inner nodes are never reached.
    if (trees.nodes[static_cast<size_t>(node->second)].mode == Mode::kLeaf) order.emplace_back(node->second, i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [node, i] : order) {
    TreeEnsemble::Node& leaf = trees.nodes[static_cast<size_t>(node)];
    const auto at = static_cast<int32_t>(trees.weights.size());
    if (leaf.if_false == leaf.if_true) leaf.if_true = at;
    leaf.if_false = at + 1;
    trees.weights.push_back({narrow_index(context, name + "_ids", targets[i], num_targets), values[i]});
  }
}

}  // namespace

std::vector<double> doubles_or_tensor(const KernelContext& context, std::string_view name) {
  const std::string as_tensor = std::string(name) + "_as_tensor";
  if (const Tensor* tensor = context.attr_tensor(as_tensor)) return doubles_of(context, *tensor, as_tensor);
  const std::vector<float> values = context.attr_floats(name);
  return {values.begin(), values.end()};
}

TreeEnsemble read_tree_attributes(const KernelContext& context, std::string_view prefix, int64_t num_targets) {
  const std::vector<std::string> modes = context.attr_strings("nodes_modes");
  const size_t count = modes.size();
  const Dims tree_ids = ints(context, "nodes_treeids", count);
  const Dims node_ids = ints(context, "nodes_nodeids", count);
  const Dims features = ints(context, "nodes_featureids", count);
  const Dims if_true = ints(context, "nodes_truenodeids", count);
  const Dims if_false = ints(context, "nodes_falsenodeids", count);
  const std::vector<double> splits = doubles_or_tensor(context, "nodes_values");
  require_count(context, "nodes_values", splits.size(), count);
  Dims missing = context.attr_ints("nodes_missing_value_tracks_true");
  if (missing.empty()) missing.assign(count, 0);
  require_count(context, "nodes_missing_value_tracks_true", missing.size(), count);

  std::map<NodeKey, int32_t> index;
  TreeEnsemble trees;
  for (size_t i = 0; i < count; ++i) {
    const auto [entry, is_new] = index.try_emplace(
        {tree_ids[i], node_ids[i]}, narrow_index(context, "nodes_modes", static_cast<int64_t>(i), INT32_MAX));
    if (!is_new) {
      context.fail("node " + std::to_string(node_ids[i]) + " of tree " + std::to_string(tree_ids[i]) +
                   " is there twice");
    }
  }
  Dims seen_trees;
  for (size_t i = 0; i < count; ++i) {
    TreeEnsemble::Node node;
    node.mode = parse_mode(context, modes[i]);
    node.missing_goes_true = missing[i] != 0;
    node.split = splits[i];
    if (node.mode != Mode::kLeaf) {
      node.feature = narrow_index(context, "nodes_featureids", features[i], INT32_MAX);
      const auto child = [&](int64_t id) {
        const auto found = index.find({tree_ids[i], id});
        if (found == index.end()) {
          context.fail("node " + std::to_string(node_ids[i]) + " of tree " + std::to_string(tree_ids[i]) +
                       " has a child " + std::to_string(id) + " that does not exist");
        }
        return found->second;
      };
      node.if_true = child(if_true[i]);
      node.if_false = child(if_false[i]);
    }
    trees.nodes.push_back(node);
    // A tree's root is its first node.
    if (seen_trees.empty() || seen_trees.back() != tree_ids[i]) {
      if (std::find(seen_trees.begin(), seen_trees.end(), tree_ids[i]) == seen_trees.end()) {
        trees.roots.push_back(static_cast<int32_t>(i));
        seen_trees.push_back(tree_ids[i]);
      }
    }
  }
  add_weights(context, index, prefix, num_targets, trees);
  return trees;
}

namespace {

const Tensor& tensor_attribute(const KernelContext& context, std::string_view name) {
  const Tensor* tensor = context.attr_tensor(name);
  if (tensor == nullptr) context.fail("attribute '" + std::string(name) + "' is missing");
  return *tensor;
}

/// The sets of BRANCH_MEMBER nodes: lists that end with a NaN each, in the order of the nodes.
std::vector<std::vector<double>> read_member_sets(const KernelContext& context, size_t count) {
  const Tensor* tensor = context.attr_tensor("membership_values");
  const std::vector<double> values =
      tensor == nullptr ? std::vector<double>{} : doubles_of(context, *tensor, "membership_values");
  std::vector<std::vector<double>> sets(1);
  for (const double value : values) {
    if (std::isnan(value)) {
      sets.emplace_back();
    } else {
      sets.back().push_back(value);
    }
  }
  if (sets.back().empty()) sets.pop_back();  // the last NaN may be there or not
  if (sets.size() != count) {
    context.fail("membership_values has " + std::to_string(sets.size()) + " sets, nodes_modes " +
                 std::to_string(count) + " nodes that need one");
  }
  for (std::vector<double>& set : sets) std::sort(set.begin(), set.end());
  return sets;
}

}  // namespace

TreeEnsemble read_tree_tensors(const KernelContext& context, int64_t num_targets) {
  const auto modes = tensor_attribute(context, "nodes_modes").to_int64s(INT64_MAX);
  if (!modes) context.fail("attribute 'nodes_modes' is no tensor of integers");
  const size_t count = modes->size();
  const std::vector<double> splits = doubles_of(context, tensor_attribute(context, "nodes_splits"), "nodes_splits");
  const std::vector<double> weights = doubles_of(context, tensor_attribute(context, "leaf_weights"), "leaf_weights");
  const Dims targets = ints(context, "leaf_targetids", weights.size());
  const Dims features = ints(context, "nodes_featureids", count);
  const Dims if_true = ints(context, "nodes_truenodeids", count);
  const Dims if_false = ints(context, "nodes_falsenodeids", count);
  const Dims true_is_leaf = ints(context, "nodes_trueleafs", count);
  const Dims false_is_leaf = ints(context, "nodes_falseleafs", count);
  require_count(context, "nodes_splits", splits.size(), count);
  Dims missing = context.attr_ints("nodes_missing_value_tracks_true");
  if (missing.empty()) missing.assign(count, 0);
  require_count(context, "nodes_missing_value_tracks_true", missing.size(), count);

  // Nodes first, then the leaves.
  TreeEnsemble trees;
  const auto num_nodes = static_cast<int64_t>(count);
  const auto num_leaves = static_cast<int64_t>(weights.size());
  if (num_nodes + num_leaves > INT32_MAX) context.unsupported("trees of over 2^31 nodes");
  const auto child = [&](int64_t id, bool is_leaf) {
    if (!is_leaf) return narrow_index(context, "nodes_truenodeids or nodes_falsenodeids", id, num_nodes);
    return static_cast<int32_t>(num_nodes +
                                narrow_index(context, "nodes_truenodeids or nodes_falsenodeids", id, num_leaves));
  };
  int32_t num_sets = 0;
  for (size_t i = 0; i < count; ++i) {
    TreeEnsemble::Node node;
    node.mode = static_cast<Mode>(narrow_index(context, "nodes_modes", (*modes)[i], 7));
    if (node.mode == Mode::kMember) node.members = num_sets++;
    node.missing_goes_true = missing[i] != 0;
    node.split = splits[i];
    node.feature = narrow_index(context, "nodes_featureids", features[i], INT32_MAX);
    node.if_true = child(if_true[i], true_is_leaf[i] != 0);
    node.if_false = child(if_false[i], false_is_leaf[i] != 0);
    trees.nodes.push_back(node);
  }
  trees.member_sets = read_member_sets(context, static_cast<size_t>(num_sets));
  for (size_t i = 0; i < weights.size(); ++i) {
    TreeEnsemble::Node leaf;
    leaf.if_true = static_cast<int32_t>(i);
    leaf.if_false = leaf.if_true + 1;
    trees.nodes.push_back(leaf);
    trees.weights.push_back({narrow_index(context, "leaf_targetids", targets[i], num_targets), weights[i]});
  }
  for (const int64_t root : context.attr_ints("tree_roots")) {
    trees.roots.push_back(narrow_index(context, "tree_roots", root, num_nodes));
  }
  return trees;
}

}  // namespace exec::cpu::ml
