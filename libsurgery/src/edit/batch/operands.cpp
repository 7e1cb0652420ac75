#include <algorithm>

#include "edit/batch/mender.h"
#include "surgery/schema.h"
#include "surgery/text.h"

/// How the mender gives a node another operand.
namespace surgery::batch {
namespace {

std::string list(const std::vector<Dim>& sizes) { return to_string(Shape(sizes.begin(), sizes.end())); }

}  // namespace

void Mender::replace_input(Node& node, size_t input, Value& value) {
  Value* former = node.input(input);
  node.graph().set_input(node, input, &value);
  if (former != nullptr) unused_.insert(former);
  changed_ = true;
}

void Mender::remove_input(Node& node, size_t input) {
  unused_.insert(node.input(input));
  node.graph().set_input(node, input, nullptr);
  infer_again(node);
}

Value& Mender::add_constant(Node& node, const std::string& base, Tensor tensor) {
  Graph& graph = node.graph();
  std::string name = model_.unique_name(base);
  const Value* former = graph.find_in_scope(base);
  const bool was_node = former != nullptr && former->producer() != nullptr && former->producer()->is("Constant");
  Value* value = nullptr;
  if (was_node || model_.ir_version() < schema::kFreeInitializerIrVersion) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("value", std::move(tensor));
    Node& constant = graph.insert_before(
        &node, {.op_type = "Constant", .output_names = {name}, .attributes = std::move(attributes), .name = name});
    value = constant.output(0);
    inference_.update(constant);
  } else {
    value = &graph.add_initializer(std::move(name), std::move(tensor));
  }
  return *value;
}

Value& Mender::runtime_batch(int64_t factor) {
  Graph& main = model_.graph();
  const auto compute = [&](std::string_view op_type, std::vector<Value*> inputs, const std::string& name) -> Value& {
    const std::string unique = model_.unique_name(name);
    Node& made = main.insert_before(
        front_,
        {.op_type = std::string(op_type), .inputs = std::move(inputs), .output_names = {unique}, .name = unique});
    inference_.update(made);
    return *made.output(0);
  };
  if (front_ == nullptr) front_ = main.first_node();
  Value*& known = runtime_[factor];
  if (known != nullptr) return *known;
  if (factor != 1) {
    Value& batch = runtime_batch(1);
    const std::string name = batch.name() + "_times_" + std::to_string(factor);
    Value& number = add_constant(*front_, name + "_factor", Tensor::vector(std::vector<int64_t>{factor}));
    return *(runtime_[factor] = &compute("Mul", {&batch, &number}, name));
  }
  Value& input = *batch_.inputs[0];
  Value& shape = compute("Shape", {&input}, input.name() + "_shape");
  Value& zero = add_constant(*front_, input.name() + "_batch_axis", Tensor::vector(std::vector<int64_t>{0}));
  known = &compute("Gather", {&shape, &zero}, input.name() + "_batch");
  notes_.push_back(describe(*known->producer()) + " added: the batch of input " + quote(input.name()));
  return *known;
}

void Mender::rewrite_shape_operand(Node& node, size_t input, const std::vector<Dim>& sizes,
                                   const std::vector<bool>& changed, const std::vector<Dim>& old_sizes,
                                   const std::string& what) {
  Value& operand = *node.input(input);
  std::vector<Dim> written(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) written[i] = changed[i] ? after(sizes[i]) : old_sizes[i];

  const std::vector<Dim> shown = [&] {
    std::vector<Dim> list = old_sizes;
    for (Dim& dim : list) dim = before(dim);
    return list;
  }();
  const std::string reason = what + " " + list(shown) + " -> " + list(written) + ", the literal " +
                             std::to_string(old_size_) + " was the old batch";

  if (const auto dims = static_dims(Shape(written.begin(), written.end()))) {
    replace_input(node, input, add_constant(node, operand.name(), Tensor::vector(*dims)));
    note(node, reason);
    return;
  }
  // Piece by piece: what is a number, what comes from the batch, what the operand computes itself.
  Graph& graph = node.graph();
  std::vector<Value*> pieces;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string base = operand.name() + "_" + std::to_string(i);
    if (written[i].is_known()) {
      pieces.push_back(&add_constant(node, base, Tensor::vector(std::vector<int64_t>{written[i].value()})));
      continue;
    }
    if (changed[i]) {
      const std::optional<Dim> factor = exact_div(sizes[i], symbol_);
      if (!factor || !factor->is_known()) {
        throw Error(ErrorCode::kUnsupported, describe(node) + ": " + what + " would have to be " +
                                                 escape(list(written)) + ", which cannot be put together here");
      }
      pieces.push_back(&runtime_batch(factor->value()));
      continue;
    }
    Value& index = add_constant(node, base + "_index", Tensor::vector(std::vector<int64_t>{static_cast<int64_t>(i)}));
    Node& element = graph.insert_before(&node, {.op_type = "Gather",
                                                .inputs = {&operand, &index},
                                                .output_names = {model_.unique_name(base)},
                                                .name = model_.unique_name(base)});
    inference_.update(element);
    pieces.push_back(element.output(0));
  }
  std::vector<Attribute> attributes;
  attributes.emplace_back("axis", int64_t{0});
  Node& joined = graph.insert_before(&node, {.op_type = "Concat",
                                             .inputs = std::move(pieces),
                                             .output_names = {model_.unique_name(operand.name())},
                                             .attributes = std::move(attributes),
                                             .name = model_.unique_name(operand.name())});
  inference_.update(joined);
  replace_input(node, input, *joined.output(0));
  note(node, reason);
}

}  // namespace surgery::batch
