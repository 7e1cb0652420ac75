#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exec/kernel.h"

namespace exec::cpu::ml {

enum class Aggregate { kAverage, kSum, kMin, kMax };

/// A forest of decision trees. Invariants: children lie inside `nodes`, no node can be reached from itself.
class TreeEnsemble {
 public:
  enum class Mode : uint8_t { kLeq, kLt, kGte, kGt, kEq, kNeq, kMember, kLeaf };

  struct Node {
    Mode mode = Mode::kLeaf;
    bool missing_goes_true = false;
    int32_t feature = 0;
    double split = 0;
    int32_t if_true = 0;   ///< node; of a leaf, its first entry of `weights`
    int32_t if_false = 0;  ///< node; of a leaf, one past its last entry
    int32_t members = 0;   ///< of kMember: entry of `member_sets`
  };
  struct Weight {
    int32_t target;
    double value;
  };
  /// A target's sum, minimum or maximum; `is_set` once a leaf gave it something.
  struct Score {
    double value = 0;
    bool is_set = false;
  };

  std::vector<Node> nodes;
  std::vector<int32_t> roots;
  std::vector<Weight> weights;
  std::vector<std::vector<double>> member_sets;  ///< ascending

  /// Fails where an invariant does not hold, or a feature is not below `width`.
  void require_sound(const KernelContext& context, int64_t width) const;

  /// Aggregates the leaves that the sample reaches into `scores`, one per target.
  void evaluate(std::span<const double> sample, Aggregate aggregate, std::span<Score> scores) const;

 private:
  const Node& leaf_of(int32_t root, std::span<const double> sample) const;
  bool goes_true(const Node& node, double x) const;
};

/// The nodes of TreeEnsembleClassifier and TreeEnsembleRegressor. `prefix` ("class", "target") names the attributes of
/// the leaves' weights.
TreeEnsemble read_tree_attributes(const KernelContext& context, std::string_view prefix, int64_t num_targets);

/// An attribute of floats, or, from version 3 on, NAME_as_tensor.
std::vector<double> doubles_or_tensor(const KernelContext& context, std::string_view name);

/// The nodes of TreeEnsemble-5.
TreeEnsemble read_tree_tensors(const KernelContext& context, int64_t num_targets);

}  // namespace exec::cpu::ml
