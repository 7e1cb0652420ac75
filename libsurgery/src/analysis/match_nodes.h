#pragma once

#include <unordered_map>
#include <vector>

#include "surgery/model.h"

namespace surgery::analysis {

/// Which node of one model is which one of another.
class NodeMatching {
 public:
  /// Matches the nodes of two graphs, and those of the subgraphs of nodes that match. The graphs around them have to
  /// be matched before.
  void match(const Graph& a, const Graph& b);

  const Node* partner_of_a(const Node& a) const { return find(to_b_, a); }
  const Node* partner_of_b(const Node& b) const { return find(to_a_, b); }

 private:
  using Partners = std::unordered_map<const Node*, const Node*>;

  static const Node* find(const Partners& partners, const Node& node) {
    const auto found = partners.find(&node);
    return found == partners.end() ? nullptr : found->second;
  }
  bool are_free(const Node& a, const Node& b) const { return !to_b_.contains(&a) && !to_a_.contains(&b); }
  void pair(const Node& a, const Node& b) {
    to_b_.emplace(&a, &b);
    to_a_.emplace(&b, &a);
  }
  void match_names(const Graph& a, const Graph& b, bool same_operator);
  void match_structure(const Graph& a, const Graph& b);
  void match_output_names(const Graph& a, const Graph& b);
  void match_neighbours(const Graph& a);
  void match_around(const Node& a, std::vector<const Node*>& matched);
  void match_readers(const Value& a, const Value& b, std::vector<const Node*>& matched);
  void match_subgraphs(const Graph& a);

  Partners to_b_;
  Partners to_a_;
};

}  // namespace surgery::analysis
