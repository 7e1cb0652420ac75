#include "infer/engine.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <unordered_set>
#include <utility>

#include "infer/infer_context.h"
#include "infer/merge.h"
#include "infer/registry.h"
#include "infer/schema_types.h"
#include "surgery/error.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace surgery::infer {
namespace {

using schema::same_domain;

constexpr size_t kMaxContent = 1024;
constexpr int kMaxCallDepth = 100;
constexpr int64_t kSpareBudget = 200'000;

/// The elements of a small constant of an integer or bool type.
std::optional<std::vector<Dim>> content_of(const Tensor& tensor) {
  if (tensor.num_elements() > static_cast<int64_t>(kMaxContent)) return std::nullopt;
  if (!is_integer(tensor.type()) && tensor.type() != DataType::kBool) return std::nullopt;
  try {
    const std::optional<std::vector<int64_t>> values = tensor.to_int64s(kMaxContent);
    if (!values) return std::nullopt;
    return std::vector<Dim>(values->begin(), values->end());
  } catch (const Error&) {
    return std::nullopt;  // no payload to be had: the shape is still known
  }
}

Type type_of(const Tensor& tensor) {
  return Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end()));
}

}  // namespace

Fact fact_of(const Tensor& tensor) { return {type_of(tensor), content_of(tensor)}; }

Engine::Engine(const Model& model, const InferenceOptions& options) : model_(model), options_(options) {}

// ---- Facts ----------------------------------------------------------------------------------------------------------

const Fact& Engine::fact(const Value& value) const {
  static const Fact kNothing;
  return value.id() < facts_.size() ? facts_[value.id()] : kNothing;
}

void Engine::grow() {
  if (facts_.size() < model_.num_value_ids()) facts_.resize(model_.num_value_ids());
  if (positions_.size() < model_.num_node_ids()) {
    positions_.resize(model_.num_node_ids(), std::numeric_limits<double>::quiet_NaN());
  }
}

Dim Engine::fresh_symbol(const Value& value, size_t axis, const Frame& frame) {
  if (axis > UINT16_MAX || frame.number > UINT16_MAX) return {};
  const uint64_t key = static_cast<uint64_t>(frame.number) << 48U | static_cast<uint64_t>(value.id()) << 16U | axis;
  const auto [entry, is_new] = fresh_.try_emplace(key);
  if (!is_new) return entry->second;
  std::string name = value.name() + "." + std::to_string(axis);
  for (const Frame* each = &frame; each->call != nullptr; each = each->caller) {
    const Node& call = *each->call;
    name.insert(0, (call.name().empty() ? "#" + std::to_string(call.id()) : call.name()) + "/");
  }
  std::string unique = name;
  for (int i = 2; model_symbols_.contains(unique) || !fresh_owners_.insert(unique).second; ++i) {
    unique = name + "_" + std::to_string(i);
  }
  entry->second = Dim::symbol(unique);
  return entry->second;
}

bool Engine::store(const Value& value, Fact fact, const Frame& frame, const Node* producer) {
  const auto assumed = assumed_.find(value.id());
  if (assumed != assumed_.end()) {
    fact.type = assumed->second;
  } else if (value.type().is_known() && (options_.use_declared || value.is_graph_input())) {
    bool contradicts = false;
    const auto is_fresh_symbol = [this](const std::string& name) { return is_fresh(name); };
    const auto is_input_symbol = [this](const std::string& name) { return input_symbols_.contains(name); };
    Type refined = refine(fact.type, value.type(), is_fresh_symbol, is_input_symbol, contradicts);
    if (contradicts) {
      note_contradiction(value, value.type(), fact.type, producer);
    } else if (!contradictions_.empty()) {
      contradictions_.erase(value.id());
    }
    fact.type = std::move(refined);
  }
  if (fact.type.is_tensor() && fact.type.shape) {
    Shape& shape = *fact.type.shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis].is_unknown() || (shape[axis].is_known() && shape[axis].value() < 0)) {
        shape[axis] = fresh_symbol(value, axis, frame);
      }
    }
    if (fact.content && !num_elements(shape).is(static_cast<int64_t>(fact.content->size()))) {
      if (is_static(shape)) fact.content.reset();
    }
  }
  if (fact.content && fact.content->size() > kMaxContent) fact.content.reset();
  Fact& stored = facts_[value.id()];
  if (infer::same(stored, fact)) return false;
  stored = std::move(fact);
  return true;
}

void Engine::set_input(const Value& value, Fact fact, const Frame& frame) {
  store(value, std::move(fact), frame, nullptr);
}

void Engine::assume(const Value& value, Type type) {
  grow();
  assumed_[value.id()] = std::move(type);
  store(value, fact(value), main_frame_, value.producer());
}

Fact Engine::initial_fact(const Value& value) const {
  const Tensor* tensor = value.initializer();
  if (tensor == nullptr) return {value.type(), std::nullopt};
  // What a caller may override is known by its declared type alone.
  if (value.constant() == nullptr && value.type().is_known()) return {value.type(), std::nullopt};
  Fact fact = fact_of(*tensor);
  if (value.constant() == nullptr) fact.content.reset();
  return fact;
}

// ---- Graphs ---------------------------------------------------------------------------------------------------------

void Engine::run() {
  facts_.assign(model_.num_value_ids(), {});
  positions_.assign(model_.num_node_ids(), std::numeric_limits<double>::quiet_NaN());
  errors_.clear();
  contradictions_.clear();
  unknown_operators_.clear();
  functions_.clear();
  body_facts_.clear();
  called_.clear();
  fresh_.clear();
  fresh_owners_.clear();
  frames_.clear();
  model_symbols_.clear();
  input_symbols_.clear();
  main_frame_ = {};
  main_frame_.opset = default_opset(nullptr);
  seen_ = model_.changes().now();

  int64_t num_nodes = 0;
  const auto look_at = [&](const Graph& graph) {
    num_nodes += static_cast<int64_t>(graph.num_nodes());
    for (const Value* value : graph.values()) {
      if (!value->type().shape) continue;
      for (const Dim& dim : *value->type().shape) {
        if (dim.is_symbolic()) model_symbols_.merge(dim.symbols());
      }
    }
  };
  for_each_graph(model_.graph(), look_at);
  for (const Function& function : model_.functions()) {
    functions_[function.name].push_back(&function);
    if (function.body != nullptr) for_each_graph(std::as_const(*function.body), look_at);
  }
  for (const Value* input : model_.graph().inputs()) {
    if (!input->type().shape) continue;
    for (const Dim& dim : *input->type().shape) input_symbols_.merge(dim.symbols());
  }
  budget_ = num_nodes * 4 + kSpareBudget;

  for (const Value* input : model_.graph().inputs()) store(*input, initial_fact(*input), main_frame_, nullptr);
  for (const SparseInitializer& sparse : model_.sparse_initializers()) {
    const Value* value = model_.graph().find(sparse.name);
    if (value == nullptr || value->producer() != nullptr) continue;
    const std::vector<int64_t>& dims = sparse.tensor.dims;
    store(*value, {Type::tensor(sparse.tensor.values.type(), Shape(dims.begin(), dims.end())), std::nullopt},
          main_frame_, nullptr);
  }
  infer_graph(model_.graph(), main_frame_);
  for (const Function& function : model_.functions()) {
    if (function.body == nullptr || body_facts_.contains(&function)) continue;  // called: done
    const Frame frame = frame_of_body(function);
    for (const Value* input : function.body->inputs()) store(*input, {}, frame, nullptr);
    infer_graph(*function.body, frame);
  }
  place_body_facts();
}

/// What holds in every call of a function, in the place of what the last call left.
void Engine::place_body_facts() {
  for (const Function* function : called_) {
    for (const auto& [id, fact] : body_facts_[function]) facts_[id] = fact;
  }
  called_.clear();
}

void Engine::infer_graph(const Graph& graph, const Frame& frame, bool never_runs) {
  graphs_that_never_run_ += never_runs ? 1 : 0;
  for (const Value* value : graph.initializers()) {
    if (!value->is_graph_input()) store(*value, initial_fact(*value), frame, nullptr);
  }
  const std::optional<std::vector<Node*>> order = graph.topological_order();
  // With a cycle the order of the file is as good as any: what is read before it is made stays unknown.
  const std::vector<Node*> nodes = order ? *order : graph.nodes();
  for (const Node* node : nodes) {
    positions_[node->id()] = static_cast<double>(++last_position_);
    infer_node(*node, frame);
  }
  graphs_that_never_run_ -= never_runs ? 1 : 0;
}

bool Engine::infer_node(const Node& node, const Frame& frame) {
  --budget_;
  ++num_inferred_;
  if (!errors_.empty()) errors_.erase(node.id());
  InferContext context(*this, node, frame);
  try {
    if (const Function* function = find_function(node)) {
      context.outputs() = infer_call(*function, node, frame);
      context.outputs().resize(node.outputs().size());
    } else if (const InferFunction infer = find_infer_function(node.domain(), node.op_type())) {
      infer(context);
    } else {
      note_unknown(node);
      infer_from_schema(context);
    }
  } catch (const Error& error) {
    context.fail(error.what());
  } catch (const std::exception& error) {  // out of memory, a size no vector can have
    context.fail(std::string("cannot be inferred: ") + error.what());
  }
  if (context.failed() && graphs_that_never_run_ == 0) report(node, context.message());
  bool changed = false;
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    const Value* output = node.outputs()[i];
    if (output == nullptr) continue;
    Fact fact = context.failed() ? Fact() : std::move(context.outputs()[i]);
    changed |= store(*output, std::move(fact), frame, &node);
  }
  return changed;
}

void Engine::note_unknown(const Node& node) {
  std::string name = (node.domain().empty() ? "ai.onnx" : node.domain()) + "." + node.op_type();
  if (std::find(unknown_operators_.begin(), unknown_operators_.end(), name) == unknown_operators_.end()) {
    unknown_operators_.push_back(std::move(name));
  }
}

// ---- Functions ------------------------------------------------------------------------------------------------------

const Function* Engine::find_function(const Node& node) const {
  if (functions_.empty()) return nullptr;
  const auto found = functions_.find(node.op_type());
  if (found == functions_.end()) return nullptr;
  for (const Function* function : found->second) {
    if (same_domain(function->domain, node.domain()) && function->overload == node.overload() &&
        function->body != nullptr) {
      return function;
    }
  }
  return nullptr;
}

int64_t Engine::default_opset(const Function* function) const {
  if (function == nullptr) return model_.opset().value_or(1);
  for (const OpsetImport& import : function->opset_imports) {
    if (same_domain(import.domain, "")) return import.version;
  }
  return model_.opset().value_or(1);
}

int64_t Engine::opset(std::string_view domain, const Frame& frame) const {
  if (same_domain(domain, "")) return frame.opset;
  if (frame.function != nullptr) {
    for (const OpsetImport& import : frame.function->opset_imports) {
      if (import.domain == domain) return import.version;
    }
  }
  return model_.opset(domain).value_or(1);
}

Frame Engine::frame_of_body(const Function& function) {
  Frame frame;
  frame.function = &function;
  frame.opset = default_opset(&function);
  frame.number = frame_number(&function, 0);
  return frame;
}

uint32_t Engine::frame_number(const Function* function, uint64_t call) {
  return frames_.try_emplace({function, call}, static_cast<uint32_t>(frames_.size() + 1)).first->second;
}

std::vector<Fact> Engine::infer_call(const Function& function, const Node& call, const Frame& frame) {
  if (frame.depth >= kMaxCallDepth) throw Error(ErrorCode::kRead, "functions call each other without end");
  for (const Frame* each = &frame; each != nullptr; each = each->caller) {
    if (each->function == &function) throw Error(ErrorCode::kRead, "the function calls itself");
  }
  if (budget_ <= 0) return {};
  Frame inner;
  inner.caller = &frame;
  inner.call = &call;
  inner.function = &function;
  inner.depth = frame.depth + 1;
  inner.opset = default_opset(&function);
  inner.number = frame_number(&function, static_cast<uint64_t>(frame.number) << 32U | (call.id() + 1U));

  const Graph& body = *function.body;
  for (size_t i = 0; i < body.inputs().size(); ++i) {
    const Value* argument = call.input(i);
    store(*body.inputs()[i], argument != nullptr ? fact(*argument) : Fact(), inner, nullptr);
  }
  infer_graph(body, inner);
  std::vector<Fact> outputs;
  for (const Value* output : body.outputs()) outputs.push_back(fact(*output));

  called_.insert(&function);
  std::unordered_map<uint32_t, Fact>& kept = body_facts_[&function];
  const bool first = kept.empty();
  for_each_graph(body, [&](const Graph& graph) {
    for (const Value* value : graph.values()) {
      if (first) {
        kept[value->id()] = fact(*value);
      } else if (const auto found = kept.find(value->id()); found != kept.end()) {
        found->second = join(found->second, fact(*value));
      }
    }
  });
  return outputs;
}

// ---- After changes --------------------------------------------------------------------------------------------------

bool Engine::update(const Node& node) {
  grow();
  budget_ = std::max(budget_, kSpareBudget);
  for (const Value* input : node.inputs()) {
    // Constants that a change added or replaced, and new inputs.
    if (input == nullptr || input->producer() != nullptr) continue;
    if (input->is_initializer() || !fact(*input).type.is_known()) {
      store(*input, initial_fact(*input), main_frame_, nullptr);
    }
  }
  const Graph* root = &node.graph();
  while (root->parent() != nullptr) root = root->parent();
  if (root == &model_.graph()) {
    const bool changed = infer_node(node, main_frame_);
    place_body_facts();
    return changed;
  }
  for (const Function& function : model_.functions()) {
    if (function.body.get() == root) return infer_node(node, frame_of_body(function));
  }
  return false;
}

double Engine::position(const Node& node) {
  double& place = positions_[node.id()];
  if (place == place) return place;  // not NaN
  place = 0;
  for (const Value* input : node.inputs()) {
    if (input == nullptr || input->producer() == nullptr) continue;
    const double before = positions_[input->producer()->id()];
    if (before == before) place = std::max(place, before + 0.001);
  }
  return place;
}

void Engine::update_downstream(const Node& node) {
  const Node* const nodes[] = {&node};
  update_all_downstream(nodes);
}

void Engine::update_all_downstream(std::span<const Node* const> nodes) {
  grow();
  std::set<std::pair<double, const Node*>> pending;
  const auto add = [&](const Node& next) { pending.emplace(position(next), &next); };
  for (const Node* node : nodes) add(*node);
  // Positions order the work; a graph rewired against them costs repetitions, which this bounds.
  int64_t steps = 64 * static_cast<int64_t>(model_.num_node_ids()) + 1000;
  while (!pending.empty() && steps-- > 0) {
    const Node& next = *pending.begin()->second;
    pending.erase(pending.begin());
    if (!update(next)) continue;
    for (const Value* output : next.outputs()) {
      if (output == nullptr) continue;
      for (const Use& use : output->uses()) {
        const Node* reader = use.node;
        while (&reader->graph() != &output->graph() && reader->graph().owner() != nullptr) {
          reader = reader->graph().owner();
        }
        add(*reader);
      }
      if (output->is_graph_output() && next.graph().owner() != nullptr) add(*next.graph().owner());
    }
  }
}

void Engine::catch_up() {
  const ChangeLog& log = model_.changes();
  const std::optional<std::vector<Node*>> changed = log.since(seen_);
  if (!changed) return run();
  std::vector<const Node*> nodes;
  std::unordered_set<uint32_t> ids;
  for (const Node* node : *changed) {
    ids.insert(node->id());
    while (node->graph().owner() != nullptr) node = node->graph().owner();  // which infers its subgraphs
    if (&node->graph() != &model_.graph()) return run();                    // in a function: its calls change too
    nodes.push_back(node);
  }
  std::erase_if(errors_, [&](const auto& entry) { return log.was_erased(entry.first); });
  std::erase_if(contradictions_, [&](const auto& entry) {
    const std::optional<uint32_t> producer = entry.second.producer;
    return producer && (log.was_erased(*producer) || ids.contains(*producer));
  });
  seen_ = log.now();
  update_all_downstream(nodes);
}

// ---- Findings -------------------------------------------------------------------------------------------------------

void Engine::report(const Node& node, const std::string& message) {
  errors_[node.id()] = {node.id(), describe(node), message};
}

void Engine::note_contradiction(const Value& value, const Type& declared, const Type& inferred, const Node* producer) {
  NotedContradiction& noted = contradictions_[value.id()];
  if (producer != nullptr) noted.producer = producer->id();
  Contradiction& entry = noted.contradiction;
  entry.value_id = value.id();
  entry.value = value.name();
  entry.declared = to_string(declared);
  entry.inferred = to_string(inferred);
  entry.place = producer != nullptr ? describe(*producer) : value.is_initializer() ? "initializer" : "input";
}

const std::vector<Contradiction>& Engine::contradictions() {
  contradiction_list_.clear();
  for (const auto& [id, noted] : contradictions_) contradiction_list_.push_back(noted.contradiction);
  return contradiction_list_;
}

const std::vector<std::string>& Engine::errors() {
  error_list_.clear();
  for (const auto& [id, error] : errors_) error_list_.push_back(error.node + ": " + error.message);
  return error_list_;
}

std::vector<ImpossibleNode> Engine::impossible_nodes() const {
  std::vector<ImpossibleNode> nodes;
  for (const auto& [id, error] : errors_) nodes.push_back(error);
  return nodes;
}

}  // namespace surgery::infer
