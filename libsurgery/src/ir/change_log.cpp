#include "surgery/change_log.h"

#include "surgery/graph.h"

namespace surgery {
namespace {

/// 16 MB of a log that nobody may ever read are enough; from there on everything counts as changed.
constexpr size_t kMaxKept = 1'000'000;

}  // namespace

std::optional<std::vector<Node*>> ChangeLog::since(Mark mark) const {
  if (mark.epoch != epoch_) return std::nullopt;
  std::vector<Node*> changed;
  std::unordered_set<uint32_t> seen;
  for (size_t i = mark.position; i < nodes_.size(); ++i) {
    const auto [id, node] = nodes_[i];
    if (!erased_.contains(id) && seen.insert(id).second) changed.push_back(node);
  }
  return changed;
}

void ChangeLog::note(Node& node) {
  if (!nodes_.empty() && nodes_.back().first == node.id()) return;
  if (nodes_.size() == kMaxKept) return note_everything();
  nodes_.emplace_back(node.id(), &node);
}

void ChangeLog::note_erased(const Node& node) { erased_.insert(node.id()); }

void ChangeLog::note_everything() {
  nodes_.clear();
  erased_.clear();
  ++epoch_;
}

}  // namespace surgery
