#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Reductions over axes, ArgMax and ArgMin.
namespace surgery::infer {
namespace {

/// ReduceSum took its axes as an input in opset 13, the others in 18.
int64_t axes_input_since(const InferContext& c) { return c.node().op_type() == "ReduceSum" ? 13 : 18; }

/// Folds the elements of a vector into one: ReduceProd of a shape is the number of elements.
std::optional<Dim> folded(const InferContext& c, const std::vector<Dim>& elements) {
  const std::string& op = c.node().op_type();
  std::optional<Dim> result;
  if (op == "ReduceProd") result = Dim(1);
  if (op == "ReduceSum") result = Dim(0);
  for (const Dim& each : elements) {
    if (!result) {
      result = each;
    } else if (op == "ReduceProd") {
      result = result->is(0) || each.is(0) ? Dim(0) : *result * each;
    } else if (op == "ReduceSum") {
      result = *result + each;
    } else if (op == "ReduceMax") {
      result = max(*result, each);
    } else if (op == "ReduceMin") {
      result = min(*result, each);
    } else {
      return std::nullopt;
    }
  }
  return result;
}

void infer_reduce(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  const bool keep = c.int_or("keepdims", 1) != 0;
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  bool present = false;
  const std::optional<std::vector<int64_t>> axes = axes_of(c, 1, axes_input_since(c), rank, present);
  if (c.failed()) return;
  if (!present && c.int_or("noop_with_empty_axes", 0) != 0) return pass_through(c);
  if (!axes) {
    // Some axes, which ones is not known.
    const std::optional<int64_t> count = length_of(c, 1);
    if (keep) {
      c.set(0, type, unknown_dims(data->size()));
    } else if (count && *count <= rank) {
      c.set(0, type, unknown_dims(static_cast<size_t>(rank - *count)));
    }
    return;
  }
  std::vector<bool> reduced(data->size(), !present);
  for (const int64_t axis : *axes) reduced[static_cast<size_t>(axis)] = true;
  Shape shape;
  for (size_t i = 0; i < data->size(); ++i) {
    if (!reduced[i]) {
      shape.push_back((*data)[i]);
    } else if (keep) {
      shape.emplace_back(1);
    }
  }
  c.set(0, type, std::move(shape));
  const std::vector<Dim>* content = c.content(0);
  if (content == nullptr || rank > 1 || !has_content(type)) return;
  if (rank == 1 && !reduced[0]) return;
  if (const std::optional<Dim> result = folded(c, *content)) c.set_content(0, {fitted(*result, type)});
}

void infer_arg(InferContext& c) {
  c.set(0, DataType::kInt64);
  const Shape* data = c.shape(0);
  if (data == nullptr || data->empty()) return;
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(data->size()));
  if (!axis) return;
  Shape shape = *data;
  if (c.int_or("keepdims", 1) != 0) {
    shape[static_cast<size_t>(*axis)] = 1;
  } else {
    shape.erase(shape.begin() + *axis);
  }
  c.set(0, DataType::kInt64, std::move(shape));
}

constexpr Operator kOperators[] = {
    {"ArgMax", infer_arg},        {"ArgMin", infer_arg},          {"ReduceL1", infer_reduce},
    {"ReduceL2", infer_reduce},   {"ReduceLogSum", infer_reduce}, {"ReduceLogSumExp", infer_reduce},
    {"ReduceMax", infer_reduce},  {"ReduceMean", infer_reduce},   {"ReduceMin", infer_reduce},
    {"ReduceProd", infer_reduce}, {"ReduceSum", infer_reduce},    {"ReduceSumSquare", infer_reduce},
};

}  // namespace

std::span<const Operator> reduction_operators() { return kOperators; }

}  // namespace surgery::infer
