#include "edit/batch/mender.h"

#include <algorithm>

#include "surgery/text.h"

namespace surgery::batch {
namespace {

// Each pass mends what the one before made visible; a model that needs more than a few is not one that anybody wrote.
constexpr int kMaxPasses = 16;

Batch require_size(Batch batch) {
  SURGERY_ASSERT(batch.size.has_value(), "a batch that the file fixes");
  return batch;
}

}  // namespace

Mender::Mender(Model& model, const Batch& batch, Dim target)
    : model_(model),
      batch_(require_size(batch)),
      old_size_(*batch.size),
      target_(std::move(target)),
      symbol_name_(model.unique_name("batch size")),  // with a space: no dim_param that an exporter writes
      opset_(model.opset().value_or(1)),
      inference_(model, {.use_declared = false}) {
  symbol_ = Dim::symbol(symbol_name_);
  for (const Value* input : batch_.inputs) {
    Type type = input->type();
    type.shape->front() = symbol_;
    inference_.assume(*input, std::move(type));
  }
  inference_.run();
}

void Mender::run() {
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    changed_ = false;
    walk(model_.graph());
    if (!changed_) break;
  }
  remove_unused(std::move(unused_));
}

void Mender::walk(Graph& graph) {
  for (Node* node : graph.topological_order().value_or(graph.nodes())) {
    for (const Attribute& attribute : node->attributes()) {
      for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) walk(*subgraph);
    }
    visit(*node);
  }
}

void Mender::visit(Node& node) {
  if (settled_.contains(&node)) return;
  const auto is_touched = [&](const Value* value) {
    if (value == nullptr) return false;
    if (is_lost(value)) return true;
    const Fact& fact = inference_.fact(*value);
    const auto holds = [&](const Dim& dim) { return holds_batch(dim); };
    if (fact.type.shape && std::any_of(fact.type.shape->begin(), fact.type.shape->end(), holds)) return true;
    return fact.content && std::any_of(fact.content->begin(), fact.content->end(), holds);
  };
  if (std::none_of(node.inputs().begin(), node.inputs().end(), is_touched)) return;
  if (const Rule rule = find_rule(node)) rule(node, *this);
  carry_place(node);
  note_lost(node);
}

/// Remembers outputs whose shape is not known, or holds a dim that inference made up.
void Mender::note_lost(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (output == nullptr) continue;
    const Shape* dims = shape(output);
    const auto is_made_up = [&](const Dim& dim) {
      return dim.is_unknown() || (dim.is_plain_symbol() && inference_.is_fresh(*dim.symbols().begin()));
    };
    if (dims == nullptr || std::any_of(dims->begin(), dims->end(), is_made_up)) lost_.insert(output);
  }
}

/// Where an output holds a multiple of the batch, the order of the factors is that of the input it comes from.
void Mender::carry_place(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (output == nullptr || places_.contains(output)) continue;
    const std::vector<size_t> axes = batch_axes(output);
    if (axes.size() != 1) continue;
    const Dim& size = (*shape(output))[axes[0]];
    if (size == symbol_) continue;
    for (const Value* input : node.inputs()) {
      const std::optional<Place> from = place(input);
      if (!from || !((*shape(input))[from->axis] == size)) continue;
      places_[output] = {axes[0], from->outer, from->inner};
      break;
    }
  }
}

bool Mender::holds_batch(const Dim& dim) const {
  if (!dim.is_symbolic()) return false;
  return dim == symbol_ || dim.symbols().contains(symbol_name_);
}

Dim Mender::before(const Dim& dim) const {
  return holds_batch(dim) ? dim.substitute({{symbol_name_, old_size_}}) : dim;
}

Dim Mender::after(const Dim& dim) const { return holds_batch(dim) ? dim.substitute({{symbol_name_, target_}}) : dim; }

Shape Mender::before(Shape shape) const {
  for (Dim& dim : shape) dim = before(dim);
  return shape;
}

const Shape* Mender::shape(const Value* value) const { return value != nullptr ? inference_.shape(*value) : nullptr; }

std::optional<std::vector<Dim>> Mender::content(const Value* value) const {
  return value != nullptr ? inference_.fact(*value).content : std::nullopt;
}

std::vector<size_t> Mender::batch_axes(const Value* value) const {
  std::vector<size_t> axes;
  const Shape* dims = shape(value);
  for (size_t i = 0; dims != nullptr && i < dims->size(); ++i) {
    if (holds_batch((*dims)[i])) axes.push_back(i);
  }
  return axes;
}

std::optional<Place> Mender::place(const Value* value) const {
  const std::vector<size_t> axes = batch_axes(value);
  if (axes.size() != 1) return std::nullopt;
  const Dim& size = (*shape(value))[axes[0]];
  if (size == symbol_) return Place{axes[0]};
  if (const auto known = places_.find(value); known != places_.end() && known->second.axis == axes[0]) {
    return known->second;
  }
  // Merged with others, the batch is nearly always the outermost.
  const std::optional<Dim> inner = exact_div(size, symbol_);
  return inner && !holds_batch(*inner) ? std::optional(Place{axes[0], 1, *inner}) : std::nullopt;
}

void Mender::settle(const Node& node, const Value& output, Shape shape) {
  settled_.insert(&node);
  inference_.assume(output, Type::tensor(inference_.element_type(output), std::move(shape)));
  changed_ = true;
  for (const Use& use : output.uses()) inference_.update_downstream(*use.node);
}

void Mender::infer_again(const Node& node) {
  changed_ = true;
  inference_.update_downstream(node);
}

void Mender::note(const Node& node, const std::string& text) { notes_.push_back(describe(node) + ": " + text); }

Error no_other_batch(const Mender& mender, const Node& node, const std::string& why) {
  return {ErrorCode::kAnswerIsNo,
          describe(node) + ": " + why + "; no batch other than " + std::to_string(mender.old_size()) + " is right"};
}

}  // namespace surgery::batch
