#include "runtime/oracle_node.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <string>
#include <utility>

#include "exec/oracle.h"
#include "surgery/schema.h"

namespace exec {
namespace {

using surgery::Node;
using surgery::schema::OpSchema;
using surgery::schema::ParameterSpec;

bool is_operator(const Node& node, std::string_view name) {
  return node.op_type() == name && surgery::schema::same_domain(node.domain(), "");
}

/// The attributes of standard operators that say of which type a result is.
constexpr std::string_view kTypeAttributes[] = {"to", "dtype", "output_dtype", "output_datatype", "stash_type"};

/// The type that such an attribute names, given or by default; kUndefined where the operator has none, or its text
/// derives it from the inputs.
DataType type_by_attribute(const Node& node, const OpSchema& op, const KernelEnvironment& environment) {
  const KernelContext context(node, {}, {.frame = environment.frame});
  for (const std::string_view name : kTypeAttributes) {
    const surgery::schema::AttributeSpec* known = op.attribute(name);
    if (known == nullptr) continue;
    const surgery::Attribute* given = context.attribute(name);
    if (given != nullptr && given->get_if<std::string>() != nullptr) {  // Cast-1: "FLOAT"
      std::string text = context.attr_string(name, "");
      for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      return surgery::parse_data_type(text).value_or(DataType::kUndefined);
    }
    // SequenceEmpty says its default in words.
    const int64_t fallback =
        is_operator(node, "SequenceEmpty") ? static_cast<int64_t>(DataType::kFloat) : known->default_value.int_value;
    const int64_t type = context.attr_int(name, fallback);
    if (type > 0 && type <= surgery::kMaxDataType) return static_cast<DataType>(type);
  }
  return DataType::kUndefined;
}

/// Whether the result is the text of numbers, which depends on their type.
bool writes_text(const Node& node, const OpSchema* op, const NodeInputs& inputs, const KernelEnvironment& environment) {
  if (op == nullptr) return false;
  if (is_operator(node, "Cast")) return type_by_attribute(node, *op, environment) == DataType::kString;
  return is_operator(node, "CastLike") && inputs.value(1).is_tensor() &&
         inputs.value(1).tensor().type() == DataType::kString;
}

bool has_double(const surgery::schema::TypeSet& types) {
  using surgery::schema::MapType;
  return ((types.tensors | types.sequences | types.optionals | types.optional_sequences) &
          type_bit(DataType::kDouble)) != 0 ||
         types.has_map(MapType::kInt64ToDouble) || types.has_map(MapType::kStringToDouble);
}

/// Whether the standard has double for all inputs that are kept as double.
bool standard_takes_double(const OpSchema* op, const NodeInputs& inputs) {
  for (size_t i = 0; i < inputs.model_types.size(); ++i) {
    if (!is_valid(inputs.model_types[i])) continue;
    const ParameterSpec* parameter = op == nullptr ? nullptr : op->input(i);
    if (parameter == nullptr || !has_double(*parameter->types)) return false;
  }
  return true;
}

/// The kernel that executes the node in double; nullptr where it has to be executed in the model's types.
const Kernel* find_for_double(const Node& node, const OpSchema* op, const NodeInputs& inputs,
                              const KernelEnvironment& environment) {
  std::vector<DataType> types = inputs.tensor_types();
  const Kernel* kernel = find_kernel(node, environment.opset, types);
  if (kernel != nullptr) {
    const bool takes = kernel->widening == Widening::kAlways ||
                       (kernel->widening == Widening::kByStandard && standard_takes_double(op, inputs));
    return takes && !writes_text(node, op, inputs, environment) ? kernel : nullptr;
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (is_valid(inputs.model_types[i])) types[i] = inputs.model_types[i];
  }
  kernel = find_kernel(node, environment.opset, types);
  return kernel != nullptr && kernel->widening == Widening::kAlways ? kernel : nullptr;
}

/// Subgraphs of a node in oracle mode: kernels hand tensors over without the model's type.
class TypedSubgraphs final : public SubgraphRunner {
 public:
  /// The inputs of the subgraph are those of the node from `first_input` on, or slices of them.
  TypedSubgraphs(SubgraphRunner& runner, std::span<const DataType> model_types, size_t first_input)
      : runner_(runner), model_types_(model_types), first_input_(first_input) {}

  std::vector<Datum> run_subgraph(const surgery::Graph& graph, std::vector<Datum> inputs) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (kept_type(inputs[i]) == DataType::kDouble && !is_valid(inputs[i].model_type())) {
        inputs[i].set_model_type(type_of_input(first_input_ + i));
      }
    }
    std::vector<Datum> outputs = runner_.run_subgraph(graph, std::move(inputs));
    output_types_.clear();
    for (const Datum& output : outputs) output_types_.push_back(output.model_type());
    return outputs;
  }

  DataType type_of_input(size_t index) const {
    return index < model_types_.size() ? model_types_[index] : DataType::kUndefined;
  }
  size_t first_input() const { return first_input_; }
  /// Of the subgraph that ran last; empty where none did.
  const std::vector<DataType>& output_types() const { return output_types_; }

 private:
  SubgraphRunner& runner_;
  std::span<const DataType> model_types_;
  size_t first_input_;
  std::vector<DataType> output_types_;
};

/// What the model's type of a result is found by.
struct ResultTypes {
  const Node& node;
  const OpSchema* op;
  const NodeInputs& inputs;
  const KernelEnvironment& environment;
  const TypedSubgraphs& subgraphs;

  /// Of a result kept as double; kUndefined where it is double in the model, too.
  DataType of_output(size_t index) const {
    const ParameterSpec* output = op == nullptr ? nullptr : op->output(index);
    if (output == nullptr) return of_first_input();
    if (node.has_subgraphs() && !output->is_homogeneous) return of_subgraph(index);
    for (size_t i = 0; i < inputs.model_types.size(); ++i) {
      const ParameterSpec* input = op->input(i);
      if (input == nullptr || input->type != output->type) continue;
      if (kept_type(inputs.value(i)) == DataType::kDouble) return inputs.model_types[i];
    }
    const DataType named = type_by_attribute(node, *op, environment);
    if (is_valid(named)) return is_widened(named) ? named : DataType::kUndefined;
    const uint32_t tensors = output->types->tensors;
    return std::has_single_bit(tensors) ? static_cast<DataType>(std::countr_zero(tensors)) : of_first_input();
  }

 private:
  DataType of_first_input() const {
    const auto& types = inputs.model_types;
    const auto found = std::find_if(types.begin(), types.end(), [](DataType type) { return is_valid(type); });
    return found == types.end() ? DataType::kUndefined : *found;
  }

  /// If: its subgraph's output. Loop: the one after the condition, or what it was given to carry. Scan: likewise.
  DataType of_subgraph(size_t index) const {
    const bool is_loop = is_operator(node, "Loop");
    const size_t at = index + (is_loop ? 1 : 0);
    if (at < subgraphs.output_types().size()) return subgraphs.output_types()[at];
    return subgraphs.type_of_input(index + (is_loop ? 2 : subgraphs.first_input()));
  }
};

bool has_floats(const NodeInputs& inputs) {
  return std::any_of(inputs.model_types.begin(), inputs.model_types.end(),
                     [](DataType type) { return is_valid(type); });
}

}  // namespace

OracleWork oracle_work(const Kernel& kernel) {
  const OpSchema* op = surgery::schema::find(kernel.domain, kernel.op_type, kernel.since_version);
  const TypeMask floats = type_bit(DataType::kFloat) | type_bit(DataType::kFloat16) | type_bit(DataType::kBfloat16);
  bool has_floats = kernel.type_input >= 0 && (kernel.types & floats) != 0;
  bool takes_double = op != nullptr;
  for (const ParameterSpec& parameter : op == nullptr ? std::span<const ParameterSpec>() : op->inputs) {
    if (((parameter.types->tensors | parameter.types->sequences) & floats) == 0) continue;
    has_floats = true;
    takes_double = takes_double && has_double(*parameter.types);
  }
  if (kernel.widening == Widening::kAlways) return OracleWork::kDouble;
  if (op != nullptr && !has_floats) return OracleWork::kNoFloats;
  return takes_double && kernel.widening == Widening::kByStandard ? OracleWork::kDouble : OracleWork::kModelTypes;
}

std::vector<Datum> OracleNodes::run(const Node& node, NodeInputs& inputs, KernelEnvironment environment) {
  const OpSchema* op = surgery::schema::find(node.domain(), node.op_type(), environment.opset);
  const Kernel* kernel = find_for_double(node, op, inputs, environment);
  return kernel != nullptr ? run_in_double(*kernel, node, op, inputs, environment)
                           : run_in_own_type(node, inputs, environment);
}

std::vector<Datum> OracleNodes::run_in_double(const Kernel& kernel, const Node& node, const OpSchema* op,
                                              NodeInputs& inputs, KernelEnvironment environment) {
  const bool has_lengths = is_operator(node, "Scan") && environment.opset < 9;
  TypedSubgraphs subgraphs(*environment.subgraphs, inputs.model_types, has_lengths ? 1 : 0);
  environment.in_double = true;
  environment.model_types = inputs.model_types;
  environment.subgraphs = &subgraphs;
  std::vector<Datum> outputs = run_kernel(kernel, node, inputs, environment);
  const ResultTypes types{node, op, inputs, environment, subgraphs};
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (is_valid(outputs[i].model_type())) continue;
    const DataType kept = kept_type(outputs[i]);
    if (kept == DataType::kDouble) {
      outputs[i].set_model_type(types.of_output(i));
    } else if (is_widened(kept)) {
      if (has_floats(inputs)) count_in_own_type(node);
      outputs[i] = widened(std::move(outputs[i]));
    }
  }
  return outputs;
}

std::vector<Datum> OracleNodes::run_in_own_type(const Node& node, NodeInputs& inputs,
                                                const KernelEnvironment& environment) {
  std::deque<Datum> values;
  NodeInputs own;
  for (size_t i = 0; i < inputs.tensors.size(); ++i) {
    const Datum& value = values.emplace_back(rounded(inputs.value(i)));
    own.tensors.push_back(value.is_tensor() ? &value.tensor() : nullptr);
    if (value.is_tensor() || !value.is_defined()) continue;
    own.others.resize(inputs.tensors.size());
    own.others[i] = value;
  }
  if (has_floats(inputs)) count_in_own_type(node);
  std::vector<Datum> outputs = run_kernel(node, own, environment);
  for (Datum& output : outputs) output = widened(std::move(output));
  return outputs;
}

void OracleNodes::count_in_own_type(const Node& node) {
  if (!counted_.insert(&node).second) return;
  const std::string_view domain = surgery::schema::normalize_domain(node.domain());
  ++in_own_type_[(domain.empty() ? "" : std::string(domain) + ".") + std::string(node.op_type())];
}

}  // namespace exec
