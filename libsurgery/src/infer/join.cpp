#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/text.h"

/// Concat and Split.
namespace surgery::infer {
namespace {

void infer_concat(InferContext& c) {
  if (c.num_inputs() == 0) return c.fail("has no inputs");
  DataType type = DataType::kUndefined;
  for (size_t i = 0; i < c.num_inputs() && type == DataType::kUndefined; ++i) type = c.element_type(i);
  c.set(0, type);
  // Inputs without rank leave the other dims known: they have to agree.
  const Shape* model = nullptr;
  bool complete = true;
  for (size_t i = 0; i < c.num_inputs(); ++i) {
    if (c.shape(i) == nullptr) {
      complete = false;
    } else if (model == nullptr) {
      model = c.shape(i);
    }
  }
  if (model == nullptr) return;
  Shape shape = *model;
  const int64_t default_axis = 1;  // Concat-1; required later
  const std::optional<int64_t> axis =
      c.normalize_axis(c.int_or("axis", default_axis), static_cast<int64_t>(shape.size()));
  if (!axis) return;
  const auto along = static_cast<size_t>(*axis);
  shape[along] = complete ? Dim(0) : Dim();
  for (size_t i = 0; i < c.num_inputs(); ++i) {
    const Shape* input = c.shape(i);
    if (input == nullptr) continue;
    if (input->size() != shape.size()) {
      return c.fail("input " + std::to_string(i) + " has rank " + std::to_string(input->size()) + ", expected " +
                    std::to_string(shape.size()));
    }
    for (size_t k = 0; k < shape.size(); ++k) {
      if (k == along) {
        shape[k] = shape[k] + (*input)[k];
      } else if (proven_different(shape[k], (*input)[k])) {
        return c.fail("axis " + std::to_string(k) + " of input " + std::to_string(i) + " is " +
                      escape((*input)[k].to_string()) + ", of the others " + escape(shape[k].to_string()));
      } else {
        shape[k] = require_equal(c, shape[k], (*input)[k], "dims");
      }
    }
  }
  c.set(0, type, std::move(shape));
  if (along != 0 || !has_content(type)) return;
  std::vector<Dim> elements;
  for (size_t i = 0; i < c.num_inputs(); ++i) {
    const std::vector<Dim>* content = c.content(i);
    if (content != nullptr) {
      elements.insert(elements.end(), content->begin(), content->end());
      continue;
    }
    // Elements nobody knows, but it is known how many.
    const Shape* input = c.shape(i);
    const Dim count = input != nullptr ? num_elements(*input) : Dim();
    if (!count.is_known() || count.value() > 1024) return;
    elements.resize(elements.size() + static_cast<size_t>(count.value()));
  }
  c.set_content(0, std::move(elements));
}

/// The lengths along the axis: the attribute (Split-1 to -11), input 1 (Split-1 and from 13 on), or equal parts.
std::optional<std::vector<Dim>> split_lengths(InferContext& c, const Dim& size) {
  const size_t count = c.num_outputs();
  if (const std::vector<int64_t>* attribute = c.opset() < 13 ? c.ints("split") : nullptr) {
    return std::vector<Dim>(attribute->begin(), attribute->end());
  }
  if (c.has_input(1)) {
    if (const std::vector<Dim>* content = c.content(1)) return *content;
    return std::vector<Dim>(count);
  }
  const int64_t parts =
      c.opset() >= 18 ? c.int_or("num_outputs", static_cast<int64_t>(count)) : static_cast<int64_t>(count);
  if (parts < 1) {
    c.fail("num_outputs is " + std::to_string(parts));
    return std::nullopt;
  }
  if (c.opset() < 18) {
    if (size.is_known() && size.value() % parts != 0) {
      c.fail("cannot split " + size.to_string() + " into " + std::to_string(parts) + " equal parts");
      return std::nullopt;
    }
    return std::vector<Dim>(count, floor_div(size, Dim(parts)));
  }
  // From opset 18 on the last part may be smaller.
  const Dim each = ceil_div(size, Dim(parts));
  std::vector<Dim> lengths(count, each);
  if (static_cast<int64_t>(count) == parts) lengths.back() = size - each * Dim(parts - 1);
  return lengths;
}

void infer_split(InferContext& c) {
  const DataType type = c.element_type(0);
  for (size_t i = 0; i < c.num_outputs(); ++i) c.set(i, type);
  const Shape* data = c.shape(0);
  if (data == nullptr || c.num_outputs() == 0) return;
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(data->size()));
  if (!axis) return;
  const auto along = static_cast<size_t>(*axis);
  const std::optional<std::vector<Dim>> lengths = split_lengths(c, (*data)[along]);
  if (!lengths) return;
  if (lengths->size() != c.num_outputs()) {
    return c.fail("has " + std::to_string(lengths->size()) + " lengths for " + std::to_string(c.num_outputs()) +
                  " outputs");
  }
  Dim sum = 0;
  for (const Dim& length : *lengths) sum = sum + length;
  if (proven_different(sum, (*data)[along])) {
    return c.fail("the parts add up to " + escape(sum.to_string()) + ", axis " + std::to_string(*axis) + " has " +
                  escape((*data)[along].to_string()));
  }
  const std::vector<Dim>* content = along == 0 ? c.content(0) : nullptr;
  const Dim row = num_elements(Shape(data->begin() + 1, data->end()));
  size_t begin = 0;
  for (size_t i = 0; i < c.num_outputs(); ++i) {
    Shape shape = *data;
    shape[along] = (*lengths)[i];
    c.set(i, type, shape);
    const Dim count = shape[along] * row;
    if (content == nullptr || !count.is_known() || count.value() < 0 ||
        begin + static_cast<size_t>(count.value()) > content->size()) {
      content = nullptr;
      continue;
    }
    const auto first = content->begin() + static_cast<std::ptrdiff_t>(begin);
    c.set_content(i, std::vector<Dim>(first, first + count.value()));
    begin += static_cast<size_t>(count.value());
  }
}

constexpr Operator kOperators[] = {
    {"Concat", infer_concat},
    {"Split", infer_split},
};

}  // namespace

std::span<const Operator> join_operators() { return kOperators; }

}  // namespace surgery::infer
