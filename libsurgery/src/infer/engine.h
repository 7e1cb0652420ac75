#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "surgery/infer.h"

namespace surgery::infer {

/// Where a node is inferred: the main graph (with all its subgraphs), or one call of a model-local function.
struct Frame {
  const Frame* caller = nullptr;       ///< nullptr for the main graph, and for a body looked at without a call
  const Node* call = nullptr;          ///< the node in the caller's frame
  const Function* function = nullptr;  ///< nullptr for the main graph
  uint32_t number = 0;                 ///< unique among frames; 0 for the main graph
  int depth = 0;                       ///< calls around it
  int64_t opset = 0;                   ///< of the default domain
};

/// The facts of a model and the machinery that fills them. Operators see it through InferContext.
///
/// Invariants:
///  1. A stored tensor type with a shape has no unknown dim and no negative one: what an operator does not know gets a
///     fresh symbol named after the value ("x.0"), the same one each time.
///  2. A fresh symbol belongs to one axis of one value in one frame and to no dim_param of the model.
class Engine {
 public:
  explicit Engine(const Model& model, const InferenceOptions& options);

  void run();
  bool update(const Node& node);
  void update_downstream(const Node& node);
  void catch_up();
  void assume(const Value& value, Type type);

  const Fact& fact(const Value& value) const;
  const Model& model() const { return model_; }

  /// How many times a node was inferred, by run() and by what followed it.
  int64_t num_inferred() const { return num_inferred_; }

  const std::vector<Contradiction>& contradictions();
  const std::vector<std::string>& errors();
  std::vector<ImpossibleNode> impossible_nodes() const;
  const std::vector<std::string>& unknown_operators() const { return unknown_operators_; }
  bool is_fresh(std::string_view symbol) const { return fresh_owners_.contains(symbol); }

  // ---- For InferContext -------------------------------------------------------------------------------------------

  /// The symbol of an axis that inference cannot express otherwise; unknown once there are absurdly many.
  Dim fresh_symbol(const Value& value, size_t axis, const Frame& frame);
  /// Sets the fact of a value that no node produces: an input of a subgraph or function.
  void set_input(const Value& value, Fact fact, const Frame& frame);
  /// Infers a graph whose inputs are set. With `never_runs`, nothing that is wrong in it is reported.
  void infer_graph(const Graph& graph, const Frame& frame, bool never_runs = false);
  /// Infers a call of a model-local function: the facts of its outputs.
  std::vector<Fact> infer_call(const Function& function, const Node& call, const Frame& frame);
  /// False once loops and calls have been gone through so often that the model must be hostile: then every body is
  /// looked at once, with its carried values widened at once.
  bool has_budget() const { return budget_ > 0; }
  int64_t opset(std::string_view domain, const Frame& frame) const;

 private:
  struct NotedContradiction {
    Contradiction contradiction;
    std::optional<uint32_t> producer;  // Node::id
  };

  bool infer_node(const Node& node, const Frame& frame);
  /// Whether the fact changed.
  bool store(const Value& value, Fact fact, const Frame& frame, const Node* producer);
  Fact initial_fact(const Value& value) const;
  const Function* find_function(const Node& node) const;
  int64_t default_opset(const Function* function) const;
  Frame frame_of_body(const Function& function);
  uint32_t frame_number(const Function* function, uint64_t call);
  double position(const Node& node);
  void note_unknown(const Node& node);
  void report(const Node& node, const std::string& message);
  void note_contradiction(const Value& value, const Type& declared, const Type& inferred, const Node* producer);
  void update_all_downstream(std::span<const Node* const> nodes);
  void place_body_facts();
  void grow();

  const Model& model_;
  InferenceOptions options_;
  std::deque<Fact> facts_;  // by Value::id; a reference to one stays good when values are added
  std::unordered_map<uint32_t, Type> assumed_;
  std::unordered_map<uint64_t, Dim> fresh_;  // by frame, value, axis
  std::set<std::string, std::less<>> fresh_owners_;
  std::set<std::string, std::less<>> model_symbols_;                              ///< in any declared type
  std::set<std::string, std::less<>> input_symbols_;                              ///< in those of the graph inputs
  std::unordered_map<std::string_view, std::vector<const Function*>> functions_;  // by name
  std::map<std::pair<const Function*, uint64_t>, uint32_t> frames_;               // numbers, by caller and node
  std::unordered_map<const Function*, std::unordered_map<uint32_t, Fact>> body_facts_;  // joined over the calls
  std::unordered_set<const Function*> called_;  // since their joined facts were put in place
  std::vector<double> positions_;               // by Node::id: the order in which nodes were inferred; NaN for new ones
  int64_t last_position_ = 0;
  std::map<uint32_t, ImpossibleNode> errors_;              // by Node::id
  std::map<uint32_t, NotedContradiction> contradictions_;  // by Value::id
  std::vector<std::string> error_list_;
  std::vector<Contradiction> contradiction_list_;
  std::vector<std::string> unknown_operators_;
  Frame main_frame_;
  ChangeLog::Mark seen_;  ///< changes up to here are in the facts; none before the first run()
  int64_t budget_ = 0;
  int64_t num_inferred_ = 0;
  int graphs_that_never_run_ = 0;  ///< around the present node
};

/// Type and, of a small integer tensor, elements of a constant.
Fact fact_of(const Tensor& tensor);

}  // namespace surgery::infer
