#include <algorithm>

#include "edit/dims/mender.h"
#include "surgery/schema.h"
#include "surgery/text.h"

/// How the mender gives a node another operand.
namespace surgery::dims {
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

Value& Mender::add_node(Node& node, std::string_view op_type, std::vector<Value*> inputs, const std::string& base,
                        std::vector<Attribute> attributes) {
  const std::string name = model_.unique_name(base);
  Node& made = node.graph().insert_before(&node, {.op_type = std::string(op_type),
                                                  .inputs = std::move(inputs),
                                                  .output_names = {name},
                                                  .attributes = std::move(attributes),
                                                  .name = name});
  inference_.update(made);
  return *made.output(0);
}

Value& Mender::runtime_input_size(size_t freed, int64_t factor) {
  if (front_ == nullptr) front_ = model_.graph().first_node();
  Value*& known = runtime_[{freed, factor}];
  if (known != nullptr) return *known;
  if (factor != 1) {
    Value& size = runtime_input_size(freed, 1);
    const std::string name = size.name() + "_times_" + std::to_string(factor);
    Value& number = add_constant(*front_, name + "_factor", Tensor::vector(std::vector<int64_t>{factor}));
    return *(runtime_[{freed, factor}] = &add_node(*front_, "Mul", {&size, &number}, name));
  }
  const auto& [input, axis] = freed_[freed].carriers.front();
  const std::string what = options_.per_sample ? "batch" : "size";
  Value& shape = add_node(*front_, "Shape", {input}, input->name() + "_shape");
  Value& index = add_constant(*front_, input->name() + "_" + what + "_axis",
                              Tensor::vector(std::vector<int64_t>{static_cast<int64_t>(axis)}));
  known = &add_node(*front_, "Gather", {&shape, &index}, input->name() + "_" + what);
  notes_.push_back(describe(*known->producer()) + " added: the " +
                   (options_.per_sample ? "batch" : "size of axis " + std::to_string(axis)) + " of input " +
                   quote(input->name()));
  return *known;
}

Value& Mender::runtime_size(Node& node, const Dim& size) {
  for (size_t i = 0; i < symbols_.size(); ++i) {
    const std::optional<Dim> factor = exact_div(size, Dim::symbol(symbols_[i]));
    if (factor && factor->is_known()) return runtime_input_size(i, factor->value());
  }
  // Any tensor that has it, made before the node.
  for (const Graph* graph = &node.graph(); graph != nullptr; graph = graph->parent()) {
    const Node* limit = &node;
    while (&limit->graph() != graph) limit = limit->graph().owner();
    for (Node* maker : graph->topological_order().value_or(std::vector<Node*>())) {
      if (maker == limit) break;
      for (Value* output : maker->outputs()) {
        const Shape* dims = shape(output);
        for (size_t axis = 0; dims != nullptr && axis < dims->size(); ++axis) {
          if (!((*dims)[axis] == size)) continue;
          const std::string base = output->name() + "_size";
          Value& whole = add_node(node, "Shape", {output}, output->name() + "_shape");
          Value& index =
              add_constant(node, base + "_axis", Tensor::vector(std::vector<int64_t>{static_cast<int64_t>(axis)}));
          return add_node(node, "Gather", {&whole, &index}, base);
        }
      }
    }
  }
  throw Error(ErrorCode::kUnsupported, describe(node) + ": the size that was " + before(size).to_string() +
                                           " would have to be computed, and no tensor before has it");
}

Value& Mender::runtime_vector(Node& node, const std::vector<Dim>& sizes, const std::string& base) {
  std::vector<Dim> known;
  for (const Dim& size : sizes) known.push_back(after(size));
  if (const auto numbers = static_dims(known)) return add_constant(node, base, Tensor::vector(*numbers));
  std::vector<Value*> pieces;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Dim size = after(sizes[i]);
    const std::string name = base + "_" + std::to_string(i);
    pieces.push_back(size.is_known() ? &add_constant(node, name, Tensor::vector(std::vector<int64_t>{size.value()}))
                                     : &runtime_size(node, sizes[i]));
  }
  if (pieces.size() == 1) return *pieces[0];
  std::vector<Attribute> attributes;
  attributes.emplace_back("axis", int64_t{0});
  return add_node(node, "Concat", std::move(pieces), base, std::move(attributes));
}

void Mender::rewrite_shape_operand(Node& node, size_t input, const std::vector<Dim>& sizes,
                                   const std::vector<bool>& changed, const std::vector<Dim>& old_sizes,
                                   const std::string& what) {
  Value& operand = *node.input(input);
  const Shape* operand_shape = shape(&operand);
  const bool is_scalar = operand_shape != nullptr && operand_shape->empty();
  std::vector<Dim> written(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) written[i] = changed[i] ? after(sizes[i]) : old_sizes[i];

  std::vector<Dim> shown = old_sizes;
  std::vector<Dim> shown_after = written;
  for (Dim& dim : shown) dim = before(dim);
  for (Dim& dim : shown_after) dim = after(dim);
  std::string reason = what + " " + list(shown) + " -> " + list(shown_after);
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!changed[i] || !shown[i].is_known()) continue;
    reason += origin(shown[i].value(), sizes[i]);
    break;
  }
  const bool is_narrow = inference_.element_type(operand) == DataType::kInt32;
  if (!is_narrow && inference_.element_type(operand) != DataType::kInt64) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": " + what + " is of type " +
                                             std::string(surgery::to_string(inference_.element_type(operand))) +
                                             ", which is not mended");
  }
  if (const auto dims = static_dims(Shape(written.begin(), written.end()))) {
    Tensor tensor = Tensor::vector(*dims);
    if (is_narrow) {
      const std::vector<int32_t> narrow(dims->begin(), dims->end());
      tensor = Tensor::from_values<int32_t>(DataType::kInt32, {static_cast<int64_t>(narrow.size())}, narrow);
    }
    if (is_scalar) tensor = tensor.reshaped({});
    replace_input(node, input, add_constant(node, operand.name(), std::move(tensor)));
    note(node, reason);
    return;
  }
  // Piece by piece: what is a number, what comes from an input, what the operand computes itself.
  std::vector<Value*> pieces;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::string base = operand.name() + "_" + std::to_string(i);
    if (written[i].is_known()) {
      pieces.push_back(&add_constant(node, base, Tensor::vector(std::vector<int64_t>{written[i].value()})));
    } else if (changed[i]) {
      pieces.push_back(&runtime_size(node, sizes[i]));
    } else {
      const std::vector<int64_t> at{static_cast<int64_t>(i)};
      Value& index = add_constant(node, base + "_index", Tensor::vector(at));
      pieces.push_back(&add_node(node, "Gather", {&operand, &index}, base));
    }
  }
  Value* joined = pieces[0];
  if (pieces.size() > 1) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("axis", int64_t{0});
    joined = &add_node(node, "Concat", std::move(pieces), operand.name(), std::move(attributes));
  }
  if (is_scalar) {
    joined = &add_node(node, "Reshape",
                       {joined, &add_constant(node, operand.name() + "_scalar",
                                              Tensor::from_values<int64_t>(DataType::kInt64, {0}, {}))},
                       operand.name());
  }
  if (is_narrow) {
    std::vector<Attribute> attributes;
    attributes.emplace_back("to", static_cast<int64_t>(DataType::kInt32));
    joined = &add_node(node, "Cast", {joined}, operand.name(), std::move(attributes));
  }
  replace_input(node, input, *joined);
  note(node, reason);
}

}  // namespace surgery::dims
