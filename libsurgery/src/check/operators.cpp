#include <algorithm>
#include <array>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

using schema::OpSchema;
using schema::ParameterOption;
using schema::ParameterSpec;

// What ONNX Runtime and converters for it have put into the domain of ONNX, without ONNX defining it.
constexpr std::array<std::string_view, 12> kRuntimeOperators{
    "ATen",         "Affine",     "ConstantFill",       "Crop",
    "DynamicSlice", "GRUUnit",    "GivenTensorFill",    "ImageScaler",
    "Scale",        "ScaledTanh", "ParametricSoftplus", "SimplifiedLayerNormalization"};

std::string domain_text(std::string_view domain) {
  return schema::normalize_domain(domain).empty() ? "ai.onnx" : escape(domain, 60);
}

std::string count_text(int32_t least, int32_t most) {
  if (most == schema::kUnlimited) return std::to_string(least) + " or more";
  return least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
}

std::string op_text(const OpSchema& schema) {
  return std::string(schema.name) + "-" + std::to_string(schema.since_version);
}

/// Names of operators that a domain has in an opset.
std::vector<std::string> operators_of(std::string_view domain, int64_t opset) {
  std::vector<std::string> names;
  for (const OpSchema& op : schema::all()) {
    if (!schema::same_domain(op.domain, domain) || op.since_version > opset) continue;
    if (names.empty() || names.back() != op.name) names.emplace_back(op.name);
  }
  return names;
}

void report_unknown(Context& context, const NodePlace& at, int64_t opset) {
  const Node& node = at.node;
  const std::string where = "opset " + std::to_string(opset) + " of domain " + domain_text(node.domain());
  const std::string name = quote(node.op_type());
  const auto known = schema::versions(node.domain(), node.op_type());
  if (!known.empty()) {
    context.add(
        kUnknownOperator, place_of(at),
        where + " has no operator " + name + " yet: it came with opset " + std::to_string(known.front().since_version));
  } else if (schema::normalize_domain(node.domain()).empty() &&
             std::ranges::find(kRuntimeOperators, node.op_type()) != kRuntimeOperators.end()) {
    context.add(kRuntimeOperator, place_of(at), name + " is an operator of a runtime, not of ONNX");
  } else {
    context.add(
        kUnknownOperator, place_of(at),
        where + " has no operator " + name + context.suggestion(node.op_type(), operators_of(node.domain(), opset)));
  }
}

/// Omitted ones at the end do not count.
size_t count_given(std::span<Value* const> values) {
  while (!values.empty() && values.back() == nullptr) values = values.first(values.size() - 1);
  return values.size();
}

void check_arity(Context& context, const NodePlace& at, const OpSchema& schema) {
  const size_t num_inputs = count_given(at.node.inputs());
  const size_t num_outputs = count_given(at.node.outputs());
  if (!schema.accepts_inputs(num_inputs)) {
    context.add(kInputCount, place_of(at),
                op_text(schema) + " takes " + count_text(schema.min_inputs, schema.max_inputs) + " inputs, found " +
                    std::to_string(num_inputs));
  }
  if (!schema.accepts_outputs(num_outputs)) {
    context.add(kOutputCount, place_of(at),
                op_text(schema) + " gives " + count_text(schema.min_outputs, schema.max_outputs) + " outputs, found " +
                    std::to_string(num_outputs));
  }
  for (size_t i = 0; i < num_inputs; ++i) {
    const ParameterSpec* formal = schema.input(i);
    if (at.node.inputs()[i] != nullptr || formal == nullptr || formal->option != ParameterOption::kSingle) continue;
    context.add(kOmittedInput, place_of(at) + "/input[" + std::to_string(i) + "]",
                op_text(schema) + " needs its input " + quote(formal->name) + ", which is omitted");
  }
  for (size_t i = 0; i < num_outputs; ++i) {
    const ParameterSpec* formal = schema.output(i);
    if (at.node.outputs()[i] != nullptr || formal == nullptr || formal->option != ParameterOption::kSingle) continue;
    context.add(kOmittedOutput, place_of(at) + "/output[" + std::to_string(i) + "]",
                op_text(schema) + " always gives its output " + quote(formal->name) + ", which is omitted");
  }
}

/// The type that the model states for a value that no node makes. (For the others, see infer.h.)
Type stated_type(const Value& value) {
  if (value.initializer() != nullptr) return Type::tensor(value.initializer()->type());
  return value.is_graph_input() ? value.type() : Type{};
}

std::string type_text(const Type& type) {
  return type.is_tensor() ? "tensor(" + std::string(to_string(type.element_type)) + ")" : to_string(type);
}

bool same_element_types(const Type& a, const Type& b) {
  if (!a.is_known() || !b.is_known()) return true;
  if (a.kind != b.kind || a.element_type != b.element_type) return false;
  return a.inner == nullptr || b.inner == nullptr || same_element_types(*a.inner, *b.inner);
}

void check_input_types(Context& context, const NodePlace& at, const OpSchema& schema) {
  struct Bound {
    const ParameterSpec* formal;
    size_t index;
    Type type;
  };
  std::vector<Bound> bound;  // by name of type constraint; few
  for (size_t i = 0; i < at.node.inputs().size(); ++i) {
    const Value* value = at.node.inputs()[i];
    const ParameterSpec* formal = schema.input(i);
    if (value == nullptr || formal == nullptr) continue;
    Type type = stated_type(*value);
    if (!type.is_known() || (type.is_tensor() && !is_valid(type.element_type))) continue;
    const auto place = [&] { return place_of(at) + "/input[" + std::to_string(i) + "]"; };
    if (!formal->types->accepts(type)) {
      context.add(kInputType, place(),
                  quote(value->name()) + " has type " + type_text(type) + ", but " + op_text(schema) + " takes " +
                      to_string(*formal->types) + " for " + quote(formal->name));
      continue;
    }
    if (!formal->is_homogeneous) continue;
    const auto known = std::ranges::find_if(bound, [&](const Bound& b) { return b.formal->type == formal->type; });
    if (known == bound.end()) {
      bound.push_back({formal, i, std::move(type)});
    } else if (!same_element_types(known->type, type)) {
      context.add(kInputType, place(),
                  quote(value->name()) + " has type " + type_text(type) + ", but input[" +
                      std::to_string(known->index) + "] has type " + type_text(known->type) + ", and " +
                      op_text(schema) + " wants them to be the same");
    }
  }
}

void check_call(Context& context, const NodePlace& at, const Function& function) {
  const auto check_count = [&](const Rule& rule, size_t found, size_t most, const char* what) {
    if (found <= most) return;
    context.add(rule, place_of(at),
                "function " + quote(function.domain + "." + function.name) + " has " + std::to_string(most) + " " +
                    what + ", found " + std::to_string(found));
  };
  check_count(kInputCount, count_given(at.node.inputs()), function.body->inputs().size(), "inputs");
  check_count(kOutputCount, count_given(at.node.outputs()), function.body->outputs().size(), "outputs");
  if (!at.scope.opsets.find(at.node.domain())) {
    context.add(kFunctionDomainNotImported, place_of(at),
                "domain " + quote(at.node.domain()) + " of the function is not imported");
  }
}

}  // namespace

void check_operator(Context& context, const NodePlace& at) {
  const Node& node = at.node;
  const OpSchema* schema = nullptr;
  const Function* function = nullptr;
  if (node.op_type().empty()) {
    context.add(kEmptyOpType, place_of(at), "op_type is empty");
  } else if ((function = context.functions().called_by(node)) != nullptr) {
    check_call(context, at, *function);
  } else if (const std::optional<int64_t> opset = at.scope.opsets.find(node.domain()); !opset) {
    context.add(kDomainNotImported, place_of(at),
                "domain " + domain_text(node.domain()) + " of operator " + quote(node.op_type()) +
                    " is not imported by the " + (at.scope.function == nullptr ? "model" : "function"));
  } else if (schema::is_standard_domain(node.domain())) {
    schema = schema::find(node.domain(), node.op_type(), *opset);
    if (schema == nullptr) report_unknown(context, at, *opset);
  }
  if (schema != nullptr) {
    if (schema->is_deprecated()) {
      context.add(kDeprecatedOperator, place_of(at),
                  std::string(schema->name) + " is deprecated since opset " + std::to_string(schema->since_version));
    }
    check_arity(context, at, *schema);
    check_input_types(context, at, *schema);
  }
  check_attributes(context, at, schema, function);
}

}  // namespace surgery::checking
