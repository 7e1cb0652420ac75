#include <algorithm>
#include <cstring>

#include "edit/batch/mender.h"
#include "surgery/text.h"

/// A tensor that meets the batch must have it too: the demand goes up to what makes the tensor.
namespace surgery::batch {
namespace {

constexpr int kMaxDepth = 64;

bool is_any_of(const Node& node, std::initializer_list<std::string_view> types) {
  return std::any_of(types.begin(), types.end(), [&](std::string_view type) { return node.is(type); });
}

bool keeps_shape(const Node& node) {
  return is_any_of(node, {"Identity", "Cast", "Not", "Neg", "Abs", "Exp", "Sqrt", "Floor", "Ceil", "Relu", "Sigmoid",
                          "Tanh", "Erf", "Reciprocal", "Log", "Clip", "Dropout", "Softmax"});
}

bool broadcasts(const Node& node) {
  return is_any_of(node, {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Less", "Greater",
                          "LessOrEqual", "GreaterOrEqual", "Where", "Max", "Min", "Mod"});
}

/// Rows of a tensor along an axis: `outer` blocks of `count` rows of `size_bytes` each.
struct Rows {
  size_t outer = 1;
  size_t count = 1;
  size_t size_bytes = 1;

  Rows(const Tensor& tensor, size_t axis) {
    for (size_t i = 0; i < tensor.dims().size(); ++i) {
      const auto dim = static_cast<size_t>(tensor.dims()[i]);
      (i < axis ? outer : i == axis ? count : size_bytes) *= dim;
    }
    size_bytes *= static_cast<size_t>(bit_width(tensor.type()) / 8);
  }
};

/// The first `period` rows of every block, when each group of so many rows is the same; nothing otherwise.
std::optional<Tensor> one_period(const Tensor& tensor, size_t axis, size_t period) {
  if (bit_width(tensor.type()) < 8) return std::nullopt;
  const Rows rows(tensor, axis);
  const std::span<const std::byte> bytes = tensor.bytes();
  std::vector<int64_t> dims = tensor.dims();
  dims[axis] = static_cast<int64_t>(period);
  Tensor first = Tensor::zeros(tensor.type(), dims);
  const std::span<std::byte> target = first.mutable_bytes();
  const size_t group = period * rows.size_bytes;
  for (size_t block = 0; block < rows.outer; ++block) {
    const std::byte* start = bytes.data() + block * rows.count * rows.size_bytes;
    for (size_t row = period; row < rows.count; row += period) {
      if (std::memcmp(start, start + row * rows.size_bytes, group) != 0) return std::nullopt;
    }
    if (group > 0) std::memcpy(target.data() + block * group, start, group);
  }
  return first;
}

/// The tensor `count` times along an axis.
Tensor repeated(const Tensor& tensor, size_t axis, int64_t count) {
  std::vector<int64_t> dims = tensor.dims();
  dims[axis] *= count;
  Tensor result = Tensor::zeros(tensor.type(), dims);
  const Rows rows(tensor, axis);
  const size_t group = rows.count * rows.size_bytes;
  std::byte* target = result.mutable_bytes().data();
  for (size_t block = 0; block < rows.outer; ++block) {
    for (int64_t i = 0; i < count; ++i, target += group) {
      std::memcpy(target, tensor.bytes().data() + block * group, group);
    }
  }
  return result;
}

Error cannot_mend(const Node& reader, const Value& value, const Shape& shape, size_t axis, const std::string& why) {
  return {ErrorCode::kUnsupported, describe(reader) + ": its input " + quote(value.name()) + " " + to_string(shape) +
                                       " has the old batch in axis " + std::to_string(axis) +
                                       ", where the new one is needed, and " + why};
}

}  // namespace

void Mender::demand(Node& node, size_t input, size_t axis, const Dim& wanted, bool may_broadcast) {
  demand_of(*node.input(input), node, input, axis, wanted, may_broadcast, 0);
}

void Mender::demand_of(Value& value, Node& reader, size_t input, size_t axis, const Dim& wanted, bool may_broadcast,
                       int depth) {
  const Shape dims = *shape(&value);
  if (dims[axis] == wanted) return;
  if (constant_of(value) != nullptr) return mend_constant(value, reader, input, axis, wanted, may_broadcast);
  Node* maker = value.producer();
  if (maker == nullptr || depth > kMaxDepth || maker->output(0) != &value) {
    throw cannot_mend(
        reader, value, dims, axis,
        value.is_graph_input() ? "it is an input that does not carry the batch" : "it cannot be followed");
  }
  const auto pass_on = [&](size_t operand, size_t operand_axis) {
    Value* source = maker->input(operand);
    const Shape* source_dims = shape(source);
    if (source_dims == nullptr || operand_axis >= source_dims->size()) {
      throw cannot_mend(reader, value, dims, axis, "it comes from " + describe(*maker) + ", whose input is not known");
    }
    if (!((*source_dims)[operand_axis] == dims[axis])) return;
    demand_of(*source, *maker, operand, operand_axis, wanted, may_broadcast, depth + 1);
  };
  const auto rewrite = [&](size_t operand, size_t index, const Dim& size, const char* what) {
    std::optional<std::vector<Dim>> sizes = content(maker->input(operand));
    if (!sizes || index >= sizes->size()) {
      throw cannot_mend(reader, value, dims, axis, describe(*maker) + " computes its shape");
    }
    const std::vector<Dim> old_sizes = *sizes;
    (*sizes)[index] = size;
    std::vector<bool> changed(sizes->size(), false);
    changed[index] = true;
    rewrite_shape_operand(*maker, operand, *sizes, changed, old_sizes, what);
    Shape result = dims;
    result[axis] = wanted;
    settle(*maker, value, std::move(result));
  };

  if (maker->is("ConstantOfShape")) return rewrite(0, axis, wanted, "shape");
  if (maker->is("Expand")) {
    const auto sizes = content(maker->input(1));
    if (sizes && sizes->size() == dims.size() && (*sizes)[axis] == dims[axis]) return rewrite(1, axis, wanted, "shape");
  }
  if (maker->is("Tile")) {
    const Shape* source = shape(maker->input(0));
    if (source != nullptr && source->size() == dims.size() && (*source)[axis].is(1)) {
      return rewrite(1, axis, wanted, "repeats");
    }
  }
  if (keeps_shape(*maker)) {
    pass_on(0, axis);
    return infer_again(*maker);
  }
  if (broadcasts(*maker)) {
    for (size_t i = 0; i < maker->inputs().size(); ++i) {
      const Shape* source = shape(maker->input(i));
      if (source == nullptr || source->size() + axis < dims.size()) continue;
      pass_on(i, source->size() + axis - dims.size());
    }
    return infer_again(*maker);
  }
  if (maker->is("Transpose")) {
    const std::vector<int64_t> order = maker->ints_or("perm", {});
    const size_t from = order.empty()         ? dims.size() - 1 - axis
                        : axis < order.size() ? static_cast<size_t>(order[axis])
                                              : dims.size();
    pass_on(0, from);
    return infer_again(*maker);
  }
  if (maker->is("Concat")) {
    const int64_t given = maker->int_or("axis", 0);
    const size_t joined = static_cast<size_t>(given < 0 ? given + static_cast<int64_t>(dims.size()) : given);
    if (joined != axis) {
      for (size_t i = 0; i < maker->inputs().size(); ++i) {
        Value* source = maker->input(i);
        const Shape* source_dims = shape(source);
        if (source_dims == nullptr || !((*source_dims)[axis] == dims[axis])) continue;
        demand_of(*source, *maker, i, axis, wanted, false, depth + 1);
      }
      return infer_again(*maker);
    }
  }
  throw cannot_mend(reader, value, dims, axis, "how to mend " + describe(*maker) + ", which makes it, is not known");
}

void Mender::mend_constant(Value& value, Node& reader, size_t input, size_t axis, const Dim& wanted,
                           bool may_broadcast) {
  const std::shared_ptr<const Tensor> tensor = constant_of(value);
  const Shape dims(tensor->dims().begin(), tensor->dims().end());
  const std::optional<Dim> inner = exact_div(wanted, symbol_);
  if (!inner || !inner->is_known() || inner->value() < 1 || tensor->num_elements() == 0) {
    throw cannot_mend(reader, value, dims, axis, "it is a constant");
  }
  const std::optional<Tensor> period = one_period(*tensor, axis, static_cast<size_t>(inner->value()));
  if (!period) {
    throw Error(ErrorCode::kAnswerIsNo, describe(reader) + ": its constant input " + quote(value.name()) + " " +
                                            to_string(dims) + " holds other elements for each of the " +
                                            std::to_string(old_size_) +
                                            " samples of the old batch, and none for another one");
  }
  const Dim size = after(symbol_);
  std::optional<Tensor> mended;
  if (may_broadcast && inner->is(1)) {
    mended = *period;
  } else if (size.is_known()) {
    mended = repeated(*period, axis, size.value());
  } else {
    throw cannot_mend(reader, value, dims, axis, "it is a constant, which cannot have a size that is not known");
  }
  Shape result = dims;
  result[axis] = mended->dims()[axis];
  note(reader, "constant " + quote(value.name()) + " " + to_string(dims) + " -> " + to_string(result) +
                   ", it held the same " + (inner->is(1) ? "row" : "rows") + " for each sample of the old batch");
  Value& constant = add_constant(reader, value.name(), std::move(*mended));
  replace_input(reader, input, constant);
  // What it is for any batch: inference would see the new number of rows.
  if (!(may_broadcast && inner->is(1))) {
    Shape symbolic = dims;
    symbolic[axis] = wanted;
    inference_.assume(constant, Type::tensor(tensor->type(), std::move(symbolic)));
  }
  infer_again(reader);
}

}  // namespace surgery::batch
