#include "infer/infer_context.h"

#include <algorithm>
#include <utility>

#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery::infer {

InferContext::InferContext(Engine& engine, const Node& node, const Frame& frame)
    : engine_(engine),
      node_(node),
      frame_(frame),
      opset_(engine.opset(node.domain(), frame)),
      outputs_(std::max<size_t>(node.outputs().size(), 1)) {}  // a first one to fill in, although a node may have none

const Fact& InferContext::fact(size_t input) const {
  static const Fact kNothing;
  const Value* value = node_.input(input);
  return value != nullptr ? engine_.fact(*value) : kNothing;
}

const Shape* InferContext::shape(size_t input) const {
  const Type& known = type(input);
  return known.is_tensor() && known.shape ? &*known.shape : nullptr;
}

std::optional<int64_t> InferContext::rank(size_t input) const {
  const Shape* dims = shape(input);
  if (dims == nullptr) return std::nullopt;
  return static_cast<int64_t>(dims->size());
}

Dim InferContext::dim(size_t input, size_t axis) const {
  const Shape* dims = shape(input);
  return dims != nullptr && axis < dims->size() ? (*dims)[axis] : Dim();
}

const std::vector<Dim>* InferContext::content(size_t input) const {
  const Fact& known = fact(input);
  return known.content ? &*known.content : nullptr;
}

std::optional<std::vector<int64_t>> InferContext::integers(size_t input) const {
  const std::vector<Dim>* elements = content(input);
  return elements != nullptr ? static_dims(*elements) : std::nullopt;
}

Dim InferContext::scalar(size_t input) const {
  const std::vector<Dim>* elements = content(input);
  return elements != nullptr && elements->size() == 1 ? elements->front() : Dim();
}

std::shared_ptr<const Tensor> InferContext::constant(size_t input) const {
  const Value* value = node_.input(input);
  return value != nullptr ? constant_of(*value) : nullptr;
}

std::optional<std::vector<double>> InferContext::reals(size_t input) const {
  const std::shared_ptr<const Tensor> tensor = constant(input);
  if (tensor == nullptr || !is_float(tensor->type())) return std::nullopt;
  try {
    return tensor->to_doubles(1024);
  } catch (const Error&) {
    return std::nullopt;  // no payload to be had
  }
}

const Attribute* InferContext::attribute(std::string_view name) const {
  const Attribute* found = node_.attribute(name);
  const Frame* frame = &frame_;
  while (found != nullptr && !found->ref_attr_name().empty()) {
    if (frame->function == nullptr) return nullptr;
    const std::string& wanted = found->ref_attr_name();
    const Attribute* given = frame->call != nullptr ? frame->call->attribute(wanted) : nullptr;
    if (given == nullptr) {
      for (const Attribute& fallback : frame->function->attribute_defaults) {
        if (fallback.name() == wanted) return &fallback;
      }
      return nullptr;
    }
    found = given;
    frame = frame->caller;
  }
  return found;
}

template <typename T>
const T* InferContext::payload(std::string_view name, AttributeType expected) const {
  const Attribute* found = attribute(name);
  if (found == nullptr) return nullptr;
  const T* value = found->get_if<T>();
  if (value == nullptr) {
    throw Error(ErrorCode::kRead, "attribute " + quote(name) + " is of type " + std::string(to_string(found->type())) +
                                      ", expected " + std::string(to_string(expected)));
  }
  return value;
}

int64_t InferContext::int_or(std::string_view name, int64_t fallback) const {
  const auto* value = payload<int64_t>(name, AttributeType::kInt);
  return value != nullptr ? *value : fallback;
}

float InferContext::float_or(std::string_view name, float fallback) const {
  const auto* value = payload<float>(name, AttributeType::kFloat);
  return value != nullptr ? *value : fallback;
}

std::string InferContext::string_or(std::string_view name, std::string_view fallback) const {
  const auto* value = payload<std::string>(name, AttributeType::kString);
  return value != nullptr ? *value : std::string(fallback);
}

const std::vector<int64_t>* InferContext::ints(std::string_view name) const {
  return payload<std::vector<int64_t>>(name, AttributeType::kInts);
}

const std::vector<float>* InferContext::floats(std::string_view name) const {
  return payload<std::vector<float>>(name, AttributeType::kFloats);
}

const std::vector<std::string>* InferContext::strings(std::string_view name) const {
  return payload<std::vector<std::string>>(name, AttributeType::kStrings);
}

const Tensor* InferContext::tensor(std::string_view name) const {
  return payload<Tensor>(name, AttributeType::kTensor);
}

const Type* InferContext::type_attribute(std::string_view name) const {
  return payload<Type>(name, AttributeType::kTypeProto);
}

const Graph* InferContext::graph(std::string_view name) const {
  const auto* value = payload<std::unique_ptr<Graph>>(name, AttributeType::kGraph);
  return value != nullptr ? value->get() : nullptr;
}

DataType InferContext::data_type_or(std::string_view name, DataType fallback) const {
  const int64_t number = int_or(name, 0);
  if (number < 1 || number > kMaxDataType) return fallback;
  return static_cast<DataType>(number);
}

void InferContext::set(size_t output, Type type) {
  if (output < outputs_.size()) outputs_[output].type = std::move(type);
}

void InferContext::set_content(size_t output, std::vector<Dim> elements) {
  if (output < outputs_.size()) outputs_[output].content = std::move(elements);
}

Dim InferContext::fresh(size_t output, size_t axis) {
  const Value* value = node_.output(output);
  return value != nullptr ? engine_.fresh_symbol(*value, axis, frame_) : Dim();
}

Dim InferContext::fresh_for(const Value& value, size_t axis) { return engine_.fresh_symbol(value, axis, frame_); }

void InferContext::fail(std::string message) {
  if (message_.empty()) message_ = std::move(message);
}

std::optional<int64_t> InferContext::normalize_axis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  fail("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  return std::nullopt;
}

std::vector<Fact> InferContext::infer_subgraph(const Graph& graph, std::vector<Fact> inputs, bool never_runs) {
  inputs.resize(graph.inputs().size());
  for (size_t i = 0; i < inputs.size(); ++i) engine_.set_input(*graph.inputs()[i], std::move(inputs[i]), frame_);
  engine_.infer_graph(graph, frame_, never_runs);
  std::vector<Fact> outputs;
  outputs.reserve(graph.outputs().size());
  for (const Value* output : graph.outputs()) outputs.push_back(engine_.fact(*output));
  return outputs;
}

}  // namespace surgery::infer
