#include <cmath>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/error.h"

/// Operators that make tensors: Constant, ConstantOfShape, Range, Shape, Size, OneHot and the random ones.
namespace surgery::infer {
namespace {

constexpr int64_t kMaxContent = 1024;

void infer_constant(InferContext& c) {
  if (const std::shared_ptr<const Tensor> tensor =
          c.node().output(0) != nullptr ? constant_of(*c.node().output(0)) : nullptr) {
    c.outputs()[0] = fact_of(*tensor);
    return;
  }
  // A sparse tensor, or in a function body an attribute of the call.
  for (const Attribute& each : c.node().attributes()) {
    const Attribute* attribute = c.attribute(each.name());
    if (attribute == nullptr) continue;
    if (const auto* sparse = attribute->get_if<SparseTensor>()) {
      return c.set(0, sparse->values.type(), Shape(sparse->dims.begin(), sparse->dims.end()));
    }
    if (const auto* tensor = attribute->get_if<Tensor>()) {
      c.outputs()[0] = fact_of(*tensor);
    } else if (attribute->get_if<float>() != nullptr) {
      c.set(0, DataType::kFloat, Shape{});
    } else if (const auto* number = attribute->get_if<int64_t>()) {
      c.set(0, DataType::kInt64, Shape{});
      c.set_content(0, {Dim(*number)});
    } else if (attribute->get_if<std::string>() != nullptr) {
      c.set(0, DataType::kString, Shape{});
    } else if (const auto* numbers = attribute->get_if<std::vector<float>>()) {
      c.set(0, DataType::kFloat, Shape{static_cast<int64_t>(numbers->size())});
    } else if (const auto* integers = attribute->get_if<std::vector<int64_t>>()) {
      c.set(0, DataType::kInt64, Shape{static_cast<int64_t>(integers->size())});
      c.set_content(0, std::vector<Dim>(integers->begin(), integers->end()));
    } else if (const auto* strings = attribute->get_if<std::vector<std::string>>()) {
      c.set(0, DataType::kString, Shape{static_cast<int64_t>(strings->size())});
    }
  }
}

/// Whether every dim of a shape that a node asks for can be one; fails the node for a negative one.
bool is_possible(InferContext& c, const Shape& shape) {
  for (const Dim& dim : shape) {
    if (dim.is_known() && dim.value() < 0) {
      c.fail("asks for a dim of " + dim.to_string());
      return false;
    }
  }
  return true;
}

void infer_constant_of_shape(InferContext& c) {
  const Tensor* value = c.tensor("value");
  const DataType type = value != nullptr ? value->type() : DataType::kFloat;
  c.set(0, type);
  const std::optional<Shape> shape = shape_from_input(c, 0);
  if (!shape || !is_possible(c, *shape)) return;
  c.set(0, type, *shape);
  const Dim count = num_elements(*shape);
  if (!has_content(type) || !count.is_known() || count.value() > kMaxContent) return;
  const Fact element = fact_of(*value);
  if (!element.content || element.content->size() != 1) return;
  c.set_content(0, std::vector<Dim>(static_cast<size_t>(count.value()), element.content->front()));
}

void infer_shape(InferContext& c) {
  const Shape* data = c.shape(0);
  c.set(0, DataType::kInt64, Shape{Dim()});
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  const auto clamped = [&](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
  const int64_t begin = clamped(c.int_or("start", 0));
  const int64_t end = std::max(begin, clamped(c.int_or("end", rank)));
  c.set(0, DataType::kInt64, Shape{end - begin});
  c.set_content(0, std::vector<Dim>(data->begin() + begin, data->begin() + end));
}

void infer_size(InferContext& c) {
  c.set(0, DataType::kInt64, Shape{});
  if (c.shape(0) != nullptr) c.set_content(0, {num_elements(*c.shape(0))});
}

void infer_range(InferContext& c) {
  const DataType type = c.element_type(0) != DataType::kUndefined ? c.element_type(0) : c.element_type(1);
  c.set(0, type, Shape{Dim()});
  const Dim start = c.scalar(0);
  const Dim limit = c.scalar(1);
  const Dim delta = c.scalar(2);
  if (delta.is(0)) return c.fail("delta is 0");
  if (!start.is_unknown() && !limit.is_unknown() && !delta.is_unknown() &&
      (delta.is_known() || delta.is_non_negative())) {
    const Dim count = max(ceil_div(limit - start, delta), Dim(0));
    c.set(0, type, Shape{count});
    if (!count.is_known() || count.value() > kMaxContent) return;
    std::vector<Dim> elements;
    for (int64_t i = 0; i < count.value(); ++i) elements.push_back(fitted(start + Dim(i) * delta, type));
    return c.set_content(0, std::move(elements));
  }
  const auto first = c.reals(0);
  const auto last = c.reals(1);
  const auto step = c.reals(2);
  if (!first || !last || !step || first->size() != 1 || last->size() != 1 || step->size() != 1) return;
  const double count = std::ceil((last->front() - first->front()) / step->front());
  if (!(count < 1e15)) return;  // not a number, or absurd
  c.set(0, type, Shape{count > 0 ? static_cast<int64_t>(count) : 0});
}

void infer_one_hot(InferContext& c) {
  const DataType type = c.element_type(2);
  c.set(0, type);
  const Shape* indices = c.shape(0);
  if (indices == nullptr) return;
  const auto rank = static_cast<int64_t>(indices->size()) + 1;
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", -1), rank);
  if (!axis) return;
  Dim depth = c.scalar(1);
  if (const auto real = c.reals(1); real && real->size() == 1 && real->front() >= 0 && real->front() < 1e15) {
    depth = Dim(static_cast<int64_t>(real->front()));
  }
  Shape shape = *indices;
  shape.insert(shape.begin() + *axis, depth);
  c.set(0, type, std::move(shape));
}

void infer_random(InferContext& c) {
  const DataType type = c.data_type_or("dtype", DataType::kFloat);
  c.set(0, type);
  const std::vector<int64_t>* dims = c.ints("shape");
  if (dims == nullptr) return c.fail("attribute 'shape' is missing");
  const Shape shape(dims->begin(), dims->end());
  if (is_possible(c, shape)) c.set(0, type, shape);
}

/// input [batch, classes] -> [batch, sample_size]
void infer_multinomial(InferContext& c) {
  if (c.rank(0) && !require_rank(c, 0, 2, "input")) return;
  c.set(0, c.data_type_or("dtype", DataType::kInt32), Shape{c.dim(0, 0), c.int_or("sample_size", 1)});
}

constexpr Operator kOperators[] = {
    {"Constant", infer_constant},
    {"ConstantOfShape", infer_constant_of_shape},
    {"Multinomial", infer_multinomial},
    {"OneHot", infer_one_hot},
    {"RandomNormal", infer_random},
    {"RandomUniform", infer_random},
    {"Range", infer_range},
    {"Shape", infer_shape},
    {"Size", infer_size},
};

}  // namespace

std::span<const Operator> constant_operators() { return kOperators; }

}  // namespace surgery::infer
