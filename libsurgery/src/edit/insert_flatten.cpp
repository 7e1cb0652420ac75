#include "edit/edits.h"
#include "surgery/infer.h"
#include "surgery/text.h"

/// --insert-flatten-before: puts a Flatten (axis 1) in front of the first input of a node that is no constant. Old
/// exporters fed Gemm with the [N, C, H, W] of a convolution, which the standard does not allow.
/// Meaning   kKept where that input is known to have two dimensions already; otherwise kChanged: the node could not be
///           run as it was, or does something else now.
namespace surgery::edits {
namespace {

size_t data_input_index(const Node& node) {
  for (size_t i = 0; i < node.inputs().size(); ++i) {
    const Value* input = node.input(i);
    if (input != nullptr && !input->is_initializer() && constant_of(*input) == nullptr) return i;
  }
  throw Error(ErrorCode::kUsage, describe(node) + " has no input that is computed, so nothing to flatten");
}

}  // namespace

void insert_flatten_before(Node& node, const Inference& inference, EditReport& report) {
  Graph& graph = node.graph();
  Model& model = graph.model();
  const size_t index = data_input_index(node);
  Value& input = *node.input(index);
  const Type& type = inference.fact(input).type;
  if (type.is_known() && !type.is_tensor()) {
    throw Error(ErrorCode::kUsage,
                describe(node) + ": input " + quote(input.name()) + " is no tensor but a " + to_string(type));
  }
  const Shape* shape = inference.shape(input);

  if (shape == nullptr || shape->size() != 2) report.meaning = Meaning::kChanged;
  const std::string base = node.name().empty() ? input.name() : node.name();
  std::vector<Attribute> attributes;
  attributes.emplace_back("axis", int64_t{1});
  Node& flatten = graph.insert_before(&node, {.op_type = "Flatten",
                                              .inputs = {&input},
                                              .output_names = {model.unique_name(input.name() + "_flattened")},
                                              .attributes = std::move(attributes),
                                              .name = model.unique_name(base + "_flatten")});
  graph.set_input(node, index, flatten.output(0));
  report.notes.push_back(describe(node) + ": input " + quote(input.name()) +
                         (shape != nullptr ? " of shape " + to_string(*shape) : "") + " goes through " +
                         describe(flatten));
}

EditReport insert_flatten(Model& model, std::string_view argument, const EditContext& context) {
  EditReport report;
  insert_flatten_before(select_node(model, argument), context.facts->declared(), report);
  return report;
}

}  // namespace surgery::edits
