#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace surgery {

class Node;

/// Which nodes of a model were changed, in order, for whoever keeps something about them (see Inference::catch_up()).
/// A node counts as changed when inference may find something else for it than before: through its operator, attributes
/// and inputs, a constant that it reads, or the declared types of its outputs.
class ChangeLog {
 public:
  /// A moment in the life of the model.
  struct Mark {
    uint64_t epoch = 0;
    size_t position = 0;
  };

  Mark now() const { return {epoch_, nodes_.size()}; }
  /// The nodes that were changed after `mark` and are still there, each once. Nothing when anything may have changed.
  std::optional<std::vector<Node*>> since(Mark mark) const;
  bool was_erased(uint32_t node_id) const { return erased_.contains(node_id); }  ///< in this epoch

  // ---- For Graph and Model ----------------------------------------------------------------------------------------

  void note(Node& node);
  void note_erased(const Node& node);
  void note_everything();

 private:
  std::vector<std::pair<uint32_t, Node*>> nodes_;  // with their ids: an address may be given to another node later
  std::unordered_set<uint32_t> erased_;            // ids
  uint64_t epoch_ = 1;                             // goes on when anything may have changed
};

}  // namespace surgery
