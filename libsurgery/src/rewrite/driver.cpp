#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>
#include <unordered_map>

#include "rewrite/fingerprint.h"
#include "surgery/rewrite.h"
#include "surgery/text.h"

namespace surgery {
namespace {

/// Sweeps over all nodes; each but the last changed something, so models need two or three.
constexpr int kMaxRounds = 30;
/// Changes before two rewrites are taken to undo each other.
constexpr int64_t kMaxStepsPerNode = 30;

#ifdef SURGERY_VALIDATE
constexpr bool kValidate = true;
#else
constexpr bool kValidate = false;
#endif
/// Larger models are validated once per round: each check reads the whole graph.
constexpr uint32_t kMaxNodesToValidateEachStep = 500;

void require_known(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Rewrite* rewrite : all_rewrites()) known.emplace_back(rewrite->name());
  for (const GraphRewrite* rewrite : all_graph_rewrites()) known.emplace_back(rewrite->name());
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorCode::kUsage, "there is no rewrite " + quote(name) + suggestion(name, known));
  }
}

template <typename Kind>
std::vector<const Kind*> selected(std::span<const Kind* const> all, const SimplifyOptions& options) {
  const auto contains = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<const Kind*> chosen;
  for (const Kind* rewrite : all) {
    if (!options.only.empty() && !contains(options.only, rewrite->name())) continue;
    if (!contains(options.skip, rewrite->name())) chosen.push_back(rewrite);
  }
  return chosen;
}

/// Whether an attribute takes its value from the call of a function: then it is not known here.
bool has_bound_attributes(const Node& node) {
  return std::any_of(node.attributes().begin(), node.attributes().end(),
                     [](const Attribute& attribute) { return !attribute.ref_attr_name().empty(); });
}

bool same_imports(const Model& model, const Function& function) {
  return std::all_of(function.opset_imports.begin(), function.opset_imports.end(), [&](const OpsetImport& import) {
    return model.opset(import.domain).value_or(import.version) == import.version;
  });
}

}  // namespace

/// The worklist: nodes to try, first in, first out, each at most once at a time.
class Driver {
 public:
  Driver(Model& model, const Evaluator* evaluator, const SimplifyOptions& options)
      : model_(model),
        options_(options),
        inference_(model),
        rewriter_(model, inference_, evaluator, options.max_folded_bytes),
        rewrites_(selected(all_rewrites(), options)),
        graph_rewrites_(selected(all_graph_rewrites(), options)),
        random_(options.shuffle_seed) {
    inference_.run();
    rewriter_.max_steps_ = std::min(options.max_steps, kMaxStepsPerNode * (model.num_node_ids() + 1000));
  }

  SimplifyReport run() {
    SimplifyReport report;
    bool changing = true;
    for (int round = 0; changing && !is_finished(); ++round) {
      if (round == kMaxRounds) {
        report.reached_limit = true;
        break;
      }
      const int64_t before = rewriter_.num_steps_;
      enqueue_all();
      while (!worklist_.empty() && !is_finished()) visit_next();
      for (const GraphRewrite* rewrite : graph_rewrites_) apply(*rewrite);
      changing = rewriter_.num_steps_ > before;
      if (kValidate) model_.validate();
    }
    report.reached_limit |= is_finished() && rewriter_.num_steps_ < options_.max_steps;
    report.steps = rewriter_.num_steps_;
    for (const Rewrite* rewrite : rewrites_) report.counts.emplace_back(rewrite->name(), counts_[rewrite->name()]);
    for (const GraphRewrite* rewrite : graph_rewrites_) {
      report.counts.emplace_back(rewrite->name(), counts_[rewrite->name()]);
    }
    return report;
  }

 private:
  bool is_finished() const { return rewriter_.num_steps_ >= rewriter_.max_steps_; }

  /// Graphs that may be changed: a function that imports other operator versions than the model is left as it is.
  const std::vector<Graph*>& graphs() {
    if (!graphs_.empty() && !rewriter_.erased_subgraphs_) return graphs_;
    graphs_.clear();
    rewriter_.erased_subgraphs_ = false;
    const auto note = [&](Graph& graph) { graphs_.push_back(&graph); };
    for_each_graph(model_.graph(), note);
    for (const Function& function : model_.functions()) {
      if (same_imports(model_, function)) for_each_graph(*function.body, note);
    }
    return graphs_;
  }

  void enqueue(uint32_t id) {
    if (id >= queued_.size()) queued_.resize(id + 1, false);
    if (queued_[id]) return;
    queued_[id] = true;
    worklist_.push_back(id);
  }

  void enqueue_all() {
    for (Graph* graph : graphs()) {
      for (const Node* node = graph->first_node(); node != nullptr; node = node->next()) enqueue(node->id());
    }
  }

  uint32_t take_next() {
    if (options_.shuffle_seed != 0)
      std::swap(worklist_[next_], worklist_[next_ + random_() % (worklist_.size() - next_)]);
    const uint32_t id = worklist_[next_++];
    queued_[id] = false;
    if (next_ == worklist_.size()) {
      worklist_.clear();
      next_ = 0;
    }
    return id;
  }

  void visit_next() {
    const uint32_t id = take_next();
    Node* node = rewriter_.nodes_[id];
    if (node == nullptr || has_bound_attributes(*node)) return;
    std::vector<const Rewrite*>& candidates = candidates_for(*node);
    if (options_.shuffle_seed != 0) std::shuffle(candidates.begin(), candidates.end(), random_);
    for (const Rewrite* rewrite : candidates) {
      if (!try_at(*rewrite, *node)) continue;
      enqueue(id);
      break;
    }
  }

  /// The rewrites that may start from a node of this kind, in registry order.
  std::vector<const Rewrite*>& candidates_for(const Node& node) {
    static const std::string kForeign;  // no operator has an empty name
    const bool standard = node.is(node.op_type());
    auto [found, is_new] = candidates_.try_emplace(standard ? node.op_type() : kForeign);
    if (!is_new) return found->second;
    for (const Rewrite* rewrite : rewrites_) {
      const auto anchors = rewrite->anchors();
      const bool fits =
          anchors.empty() || (standard && std::find(anchors.begin(), anchors.end(), node.op_type()) != anchors.end());
      if (fits) found->second.push_back(rewrite);
    }
    return found->second;
  }

  bool try_at(const Rewrite& rewrite, Node& node) {
    rewriter_.expect(rewrite.name(), &node);
    const int64_t changes_before = rewriter_.num_changes_;
    const bool watch = kValidate && model_.num_node_ids() <= kMaxNodesToValidateEachStep;
    const uint64_t print_before = watch ? fingerprint(model_) : 0;
    RewriteResult result;
    try {
      result = rewrite.apply(node, rewriter_);
    } catch (const Error&) {
      // A weight that cannot be read, an attribute of the wrong type: no match. Half a change would be a defect.
      if (rewriter_.num_changes_ != changes_before) throw;
      return false;
    }
    const bool touched_graph = rewriter_.num_changes_ != changes_before;
    if (touched_graph != result.changed) throw std::logic_error(std::string(rewrite.name()) + ": reports falsely");
    if (watch && (fingerprint(model_) != print_before) != result.changed) {
      throw std::logic_error(std::string(rewrite.name()) + ": what it reports is not what it did");
    }
    if (!result.changed) return false;
    settle(rewrite.name(), watch);
    return true;
  }

  /// Inner graphs first, and nothing that became unused goes before the end: so every graph of the list stays.
  void apply(const GraphRewrite& rewrite) {
    rewriter_.expect(rewrite.name(), nullptr);
    const int64_t before = rewriter_.num_steps_;
    const std::vector<Graph*>& all = graphs();
    for (auto graph = all.rbegin(); graph != all.rend() && !is_finished(); ++graph) rewrite.apply(**graph, rewriter_);
    if (rewriter_.num_steps_ > before) settle(rewrite.name(), kValidate, rewriter_.num_steps_ - before);
  }

  void settle(std::string_view name, bool validate, int64_t steps = 1) {
    counts_[name] += steps;
    rewriter_.settle();
    for (const uint32_t id : rewriter_.touched_) {
      if (rewriter_.nodes_[id] != nullptr) enqueue(id);
    }
    rewriter_.touched_.clear();
    if (validate) model_.validate();
  }

  Model& model_;
  const SimplifyOptions& options_;
  Inference inference_;
  Rewriter rewriter_;
  std::vector<const Rewrite*> rewrites_;
  std::vector<const GraphRewrite*> graph_rewrites_;
  std::unordered_map<std::string, std::vector<const Rewrite*>> candidates_;
  std::map<std::string_view, int64_t> counts_;
  std::vector<Graph*> graphs_;
  std::vector<uint32_t> worklist_;
  size_t next_ = 0;
  std::vector<bool> queued_;
  std::mt19937_64 random_;
};

SimplifyReport simplify(Model& model, const Evaluator* evaluator, const SimplifyOptions& options) {
  require_known(options.only);
  require_known(options.skip);
  return Driver(model, evaluator, options).run();
}

}  // namespace surgery
