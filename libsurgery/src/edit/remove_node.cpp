#include <algorithm>

#include "edit/edits.h"
#include "edit/unused.h"
#include "surgery/infer.h"
#include "surgery/schema.h"
#include "surgery/text.h"

/// --remove-node: takes nodes out of the data path; the readers of the first output read the data input instead.
/// Requires  one input that carries data (the others constants, or optional), no other output in use, and an output of
///           the same element type and shape as that input, as far as both are known. A node whose outputs nothing uses
///           goes in any case.
/// Meaning   kKept where the node hands its input on unchanged (Identity, Dropout outside of training, data movement to
///           the same shape), otherwise kChanged: the user wants the operation gone.
/// Weights and constants that only the node read go with it.
namespace surgery::edits {
namespace {

bool is_stored(const Value& value) { return value.is_initializer() || constant_of(value) != nullptr; }

bool is_optional_input(const Node& node, size_t index) {
  const int64_t opset = node.graph().model().opset(node.domain()).value_or(0);
  const schema::OpSchema* op = schema::find(node.domain(), node.op_type(), opset);
  const schema::ParameterSpec* parameter = op != nullptr ? op->input(index) : nullptr;
  return parameter != nullptr && parameter->option == schema::ParameterOption::kOptional;
}

/// The input that a bypass hands on.
Value& data_input(const Node& node) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, describe(node) + " cannot be taken out: " + why);
  };
  if (node.has_subgraphs()) throw refuse("it holds subgraphs and its outputs are used");
  std::vector<size_t> computed;
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    if (node.input(i) != nullptr && !is_stored(*node.input(i))) computed.push_back(i);
  }
  if (computed.size() > 1) std::erase_if(computed, [&](size_t i) { return is_optional_input(node, i); });
  if (computed.size() > 1) {
    throw refuse("it joins " + std::to_string(computed.size()) + " inputs (" + quote(node.input(computed[0])->name()) +
                 ", " + quote(node.input(computed[1])->name()) + (computed.size() > 2 ? ", ..." : "") +
                 "), none of which can stand for its output");
  }
  if (!computed.empty()) return *node.input(computed[0]);
  if (node.input(0) == nullptr) throw refuse("it has no input to hand on");
  return *node.input(0);
}

void require_same_type(const Node& node, const Type& in, const Type& out) {
  const auto refuse = [&] {
    return Error(ErrorCode::kUsage,
                 describe(node) + " cannot be taken out: it turns " + to_string(in) + " into " + to_string(out));
  };
  if (!in.is_known() || !out.is_known()) return;
  if (in.kind != out.kind) throw refuse();
  if (!in.is_tensor()) return;
  const bool types_known = is_valid(in.element_type) && is_valid(out.element_type);
  if (types_known && in.element_type != out.element_type) throw refuse();
  if (!in.shape || !out.shape) return;
  if (in.shape->size() != out.shape->size()) throw refuse();
  for (size_t i = 0; i < in.shape->size(); ++i) {
    const Dim& a = (*in.shape)[i];
    const Dim& b = (*out.shape)[i];
    if (!a.is_unknown() && !b.is_unknown() && !(a == b)) throw refuse();
  }
}

/// Whether both shapes are known and proven equal.
bool same_shape(const Type& a, const Type& b) {
  return a.shape && b.shape &&
         std::equal(a.shape->begin(), a.shape->end(), b.shape->begin(), b.shape->end(),
                    [](const Dim& x, const Dim& y) { return x == y; });
}

bool is_inference_dropout(const Node& node) {
  const Value* training = node.input(2);  // an input from opset 12 on; before, runtimes know inference alone
  if (training == nullptr) return true;
  const std::shared_ptr<const Tensor> constant = constant_of(*training);
  const auto flag = constant != nullptr ? constant->to_int64s(1) : std::nullopt;
  return flag && flag->size() == 1 && flag->front() == 0;
}

bool is_sorted_permutation(const std::vector<int64_t>& order) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<int64_t>(i)) return false;
  }
  return !order.empty();
}

/// Whether the node's first output is its data input, element by element.
bool keeps_its_input(const Node& node, const Type& in, const Type& out) {
  if (node.is("Identity")) return true;
  if (node.is("Dropout")) return is_inference_dropout(node);
  if (node.is("Cast")) return is_valid(in.element_type) && in.element_type == out.element_type;
  if (node.is("Concat") || node.is("Sum") || node.is("Max") || node.is("Min") || node.is("Mean")) {
    return node.inputs().size() == 1;
  }
  if (node.is("Transpose")) return is_sorted_permutation(node.ints_or("perm", {}));
  constexpr std::string_view kMoves[] = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"};
  return std::any_of(std::begin(kMoves), std::end(kMoves), [&](std::string_view op) { return node.is(op); }) &&
         same_shape(in, out);
}

/// Hands `in` on to the readers of `out`.
void redirect(const Node& node, Value& out, Value& in) {
  Graph& graph = node.graph();
  if (!graph.can_replace(out, in)) {
    throw Error(ErrorCode::kUsage, describe(node) + " cannot be taken out: its output " + quote(out.name()) +
                                       " is an output of the graph, and " + quote(in.name()) +
                                       ", which would take its place, " +
                                       (in.is_graph_output() ? "is one already" : "is not computed by a node there"));
  }
  if (!out.is_graph_output()) graph.model().journal().correspond(out.name(), in.name());
  graph.replace(out, in);
}

bool is_unused(const Node& node) {
  return std::all_of(node.outputs().begin(), node.outputs().end(),
                     [](const Value* output) { return output == nullptr || output->is_unused(); });
}

/// Removes one node; says whether results stay the same.
bool remove(Node& node, const Inference& inference, ValueSet& pending, std::vector<std::string>& notes) {
  if (is_unused(node)) {
    notes.push_back(describe(node) + " removed, nothing used its outputs");
    erase_node(node, pending);
    return true;
  }
  Value& in = data_input(node);
  for (size_t i = 1; i < node.outputs().size(); ++i) {
    const Value* other = node.output(i);
    if (other != nullptr && !other->is_unused()) {
      throw Error(ErrorCode::kUsage,
                  describe(node) + " cannot be taken out: its output " + quote(other->name()) + " is used too");
    }
  }
  Value* out = node.output(0);
  SURGERY_ASSERT(out != nullptr, "some output is used, and no other than the first");
  const Type in_type = inference.fact(in).type;
  const Type out_type = inference.fact(*out).type;
  require_same_type(node, in_type, out_type);
  const bool kept = keeps_its_input(node, in_type, out_type);
  std::string note = describe(node) + " removed, its readers read " + quote(in.name());
  if (!same_shape(in_type, out_type)) note += "; that both have the same shape is not known";
  redirect(node, *out, in);
  notes.push_back(std::move(note));
  erase_node(node, pending);
  return kept;
}

/// Without the nodes that sit in a subgraph of another one of them, which they go or stay with.
std::vector<Node*> outermost(const std::vector<Node*>& nodes) {
  const std::unordered_set<const Node*> selected(nodes.begin(), nodes.end());
  std::vector<Node*> kept;
  for (Node* node : nodes) {
    const Node* owner = node->graph().owner();
    while (owner != nullptr && !selected.contains(owner)) owner = owner->graph().owner();
    if (owner == nullptr) kept.push_back(node);
  }
  return kept;
}

}  // namespace

void remove_nodes(const std::vector<Node*>& nodes, const Inference& inference, EditReport& report) {
  ValueSet pending;
  for (Node* node : outermost(nodes)) {
    if (!remove(*node, inference, pending, report.notes)) report.meaning = Meaning::kChanged;
  }
  remove_unused(std::move(pending));
}

EditReport remove_node(Model& model, std::string_view argument, const EditContext& context) {
  EditReport report;
  remove_nodes(select_nodes(model, argument), context.facts->declared(), report);
  return report;
}

}  // namespace surgery::edits
