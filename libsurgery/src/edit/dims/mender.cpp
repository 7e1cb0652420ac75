#include "edit/dims/mender.h"

#include <algorithm>

#include "surgery/text.h"

namespace surgery::dims {

bool is_any_of(const Node& node, std::initializer_list<std::string_view> types) {
  return std::any_of(types.begin(), types.end(), [&](std::string_view type) { return node.is(type); });
}

namespace {

// Each pass mends what the one before made visible; a model that needs more than a few is not one that anybody wrote.
constexpr int kMaxPasses = 16;

}  // namespace

Mender::Mender(Model& model, std::vector<FreedDim> freed, const MendOptions& options, const Inference& original)
    : model_(model),
      freed_(std::move(freed)),
      options_(options),
      opset_(model.opset().value_or(1)),
      original_(original),
      inference_(model, {.use_declared = false}),
      folder_(model, options.evaluator, inference_) {
  std::map<Value*, Type> types;
  for (const FreedDim& dim : freed_) {
    // With a space: no dim_param that an exporter writes.
    symbols_.push_back(model.unique_name("size " + std::to_string(symbols_.size())));
    old_.emplace(symbols_.back(), dim.old_size);
    new_.emplace(symbols_.back(), dim.target);
    for (const auto& [input, axis] : dim.carriers) {
      Type& type = types.try_emplace(input, input->type()).first->second;
      (*type.shape)[axis] = Dim::symbol(symbols_.back());
    }
  }
  for (auto& [input, type] : types) inference_.assume(*input, std::move(type));
  inference_.run();
}

void Mender::run() {
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    changed_ = false;
    walk(model_.graph());
    if (!changed_) break;
  }
  remove_unused(std::move(unused_));
  if (!options_.per_sample) note_literals(*this);
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
    const auto holds = [&](const Dim& dim) { return is_freed(dim); };
    if (fact.type.shape && std::any_of(fact.type.shape->begin(), fact.type.shape->end(), holds)) return true;
    return fact.content && std::any_of(fact.content->begin(), fact.content->end(), holds);
  };
  const bool is_concerned = node.has_subgraphs() || std::any_of(node.inputs().begin(), node.inputs().end(), is_touched);
  if (!is_concerned) return;
  try {
    if (const Rule rule = find_rule(node)) rule(node, *this);
  } catch (const Error& error) {
    if (!options_.force) throw;
    notes_.push_back("warning: " + std::string(error.what()) + "; left as it is");
    settled_.insert(&node);
  }
  carry_factors(node);
  note_lost(node);
  if (options_.per_sample && !settled_.contains(&node)) require_one_batch(node);
}

/// A tensor that holds the batch in two axes puts each sample beside each other one.
void Mender::require_one_batch(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (output == nullptr || freed_axes(output).size() < 2) continue;
    const std::string why = "makes " + to_string(before(*shape(output))) + ", which holds the batch in two axes";
    if (!options_.force) throw no_other_size(*this, node, why);
    notes_.push_back("warning: " + std::string(no_other_size(*this, node, why).what()));
  }
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

/// Where an output holds a multiple of a freed dimension, the order of the factors is that of the input it comes from.
void Mender::carry_factors(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (output == nullptr) continue;
    for (const size_t axis : freed_axes(output)) {
      const Dim& size = (*shape(output))[axis];
      if (size.is_plain_symbol() || factors_.contains({output, axis})) continue;
      const auto carry = [&](const Value* input) {
        for (const size_t from : freed_axes(input)) {
          const auto known = factors_.find({input, from});
          if (known == factors_.end() || !(product(known->second) == size)) continue;
          set_factors(*output, axis, Factors(known->second));
          return true;
        }
        return false;
      };
      if (std::any_of(node.inputs().begin(), node.inputs().end(), carry)) continue;
    }
  }
}

bool Mender::is_freed(const Dim& dim) const {
  if (!dim.is_symbolic()) return false;
  for (const std::string& symbol : dim.symbols()) {
    if (old_.contains(symbol)) return true;
  }
  return false;
}

Dim Mender::before(const Dim& dim) const { return dim.is_symbolic() ? dim.substitute(old_) : dim; }
Dim Mender::after(const Dim& dim) const { return dim.is_symbolic() ? dim.substitute(new_) : dim; }

Shape Mender::before(Shape shape) const {
  for (Dim& dim : shape) dim = before(dim);
  return shape;
}

const Shape* Mender::shape(const Value* value) const { return value != nullptr ? inference_.shape(*value) : nullptr; }

std::optional<std::vector<Dim>> Mender::content(const Value* value) const {
  auto known = content_or_folded(value);
  const Node* maker = value != nullptr ? value->producer() : nullptr;
  const auto is_unknown = [](const Dim& dim) { return dim.is_unknown(); };
  const bool is_complete = known && std::none_of(known->begin(), known->end(), is_unknown);
  if (is_complete || maker == nullptr || !maker->is("Concat")) return known;
  std::vector<Dim> elements;  // piece by piece: one of them may have to be computed
  for (const Value* piece : maker->inputs()) {
    const Shape* dims = shape(piece);
    const auto part = content_or_folded(piece);
    if (dims == nullptr || dims->size() != 1 || !part) return known;
    elements.insert(elements.end(), part->begin(), part->end());
  }
  return elements;
}

/// What inference says; for sizes that went through floating point, which it does not follow, what they come to.
std::optional<std::vector<Dim>> Mender::content_or_folded(const Value* value) const {
  if (value == nullptr) return std::nullopt;
  const Fact& fact = inference_.fact(*value);
  const auto is_unknown = [](const Dim& dim) { return dim.is_unknown(); };
  const bool is_known = fact.content && std::none_of(fact.content->begin(), fact.content->end(), is_unknown);
  if (is_known || value->producer() == nullptr || !is_integer(element_type(*value))) return fact.content;
  constexpr int64_t kMaxSizes = 1024;
  const std::shared_ptr<const Tensor> tensor = fold(*value);
  const auto numbers = tensor != nullptr ? tensor->to_int64s(kMaxSizes) : std::nullopt;
  return numbers ? std::optional(std::vector<Dim>(numbers->begin(), numbers->end())) : fact.content;
}

std::vector<size_t> Mender::freed_axes(const Value* value) const {
  std::vector<size_t> axes;
  const Shape* dims = shape(value);
  for (size_t i = 0; dims != nullptr && i < dims->size(); ++i) {
    if (is_freed((*dims)[i])) axes.push_back(i);
  }
  return axes;
}

Factors Mender::factors(const Value* value, size_t axis) const {
  const Dim& size = (*shape(value))[axis];
  if (!is_freed(size) || size.is_plain_symbol()) return {size};
  if (const auto known = factors_.find({value, axis}); known != factors_.end() && product(known->second) == size) {
    return known->second;
  }
  // Merged with others, a batch is nearly always the outermost.
  for (const std::string& symbol : symbols_) {
    const std::optional<Dim> inner = exact_div(size, Dim::symbol(symbol));
    if (inner && !is_freed(*inner)) return {Dim::symbol(symbol), *inner};
  }
  return {size};
}

const Factors* Mender::known_factors(const Value* value, size_t axis) const {
  const auto known = factors_.find({value, axis});
  return known != factors_.end() && product(known->second) == (*shape(value))[axis] ? &known->second : nullptr;
}

Wanted Mender::wanted(const Value* value, size_t axis, bool may_broadcast) const {
  return {(*shape(value))[axis], factors(value, axis), may_broadcast};
}

const FreedDim* Mender::find_freed(const Dim& dim) const {
  for (size_t i = 0; i < freed_.size(); ++i) {
    if (dim == Dim::symbol(symbols_[i])) return &freed_[i];
  }
  return nullptr;
}

void Mender::follow(Value& input, size_t axis, const FreedDim& freed, const Node& reader) {
  const auto index = static_cast<size_t>(&freed - freed_.data());
  Type type = inference_.fact(input).type;
  (*type.shape)[axis] = Dim::symbol(symbols_[index]);
  inference_.assume(input, std::move(type));
  notes_.push_back("input " + quote(input.name()) + ": axis " + std::to_string(axis) + " " +
                   std::to_string(freed.old_size) + " -> " + escape(freed.target.to_string()) + " too, since " +
                   describe(reader) + " needs it");
  freed_[index].carriers.push_back({&input, axis});
  changed_ = true;
  for (const Use& use : input.uses()) inference_.update_downstream(*use.node);
}

void Mender::settle(const Node& node, const Value& output, Shape shape) {
  settled_.insert(&node);
  inference_.update(node);  // its new operands have contents, which another demand may ask for
  inference_.assume(output, Type::tensor(inference_.element_type(output), std::move(shape)));
  changed_ = true;
  for (const Use& use : output.uses()) inference_.update_downstream(*use.node);
}

void Mender::infer_again(const Node& node) {
  changed_ = true;
  inference_.update_downstream(node);
}

void Mender::note(const Node& node, const std::string& text) { notes_.push_back(describe(node) + ": " + text); }

std::string Mender::origin(int64_t literal, const Dim& wanted) const {
  const std::string name = options_.per_sample ? "batch" : "size";
  const std::string derived = options_.per_sample ? " held" : " came from";
  for (size_t i = 0; i < freed_.size(); ++i) {
    if (!wanted.symbols().contains(symbols_[i])) continue;
    std::string text = ", the literal " + std::to_string(literal);
    if (freed_[i].old_size == literal) {
      text += " was the old " + name;
    } else {
      text += derived;
      text += " the old " + name + " " + std::to_string(freed_[i].old_size);
    }
    return text;
  }
  return {};
}

Error no_other_size(const Mender& mender, const Node& node, const std::string& why) {
  const std::string sizes = mender.is_per_sample()
                                ? "no batch other than " + std::to_string(mender.freed().front().old_size)
                                : "no other size";
  return {mender.refusal(), describe(node) + ": " + why + "; " + sizes + " is right"};
}

}  // namespace surgery::dims
