#include <algorithm>

#include "edit/dims/counting.h"
#include "edit/dims/mender.h"
#include "edit/dims/resize_constant.h"
#include "edit/dims/worked_axes.h"
#include "surgery/text.h"

/// A tensor that meets a freed dimension must have it too: the demand goes up to what makes the tensor.
namespace surgery::dims {

namespace {

constexpr int kMaxDepth = 64;
constexpr int64_t kMaxElements = int64_t{1} << 31;  // of a constant that is mended

/// Whether each axis of the result is that axis of the first input.
bool keeps_shape(const Node& node) {
  return is_elementwise(node) ||
         is_any_of(node, {"Softmax", "LogSoftmax", "Hardmax", "LayerNormalization", "RMSNormalization", "Trilu",
                          "BatchNormalization", "InstanceNormalization", "DequantizeLinear", "QuantizeLinear"});
}

/// Operators for which the batch is the first axis of their result as it is that of their first input.
bool keeps_first_axis(const Node& node) {
  return is_any_of(node, {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
                          "Flatten"}) &&
         node.int_or("axis", 1) == 1;
}

bool broadcasts(const Node& node) {
  return is_any_of(node, {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Less", "Greater",
                          "LessOrEqual", "GreaterOrEqual", "Where", "Max", "Min", "Mod"});
}

/// The operand of a Loop or Scan that an input of its body has in the first iteration; nothing for other values.
std::optional<size_t> carried_operand(const Value& value) {
  Node* owner = value.graph().owner();
  if (owner == nullptr || !value.is_graph_input()) return std::nullopt;
  if (owner->is("Scan") && value.graph().model().opset().value_or(1) < 9)
    return std::nullopt;  // has a batch of its own
  const auto inputs = value.graph().inputs();
  const auto index = static_cast<size_t>(std::find(inputs.begin(), inputs.end(), &value) - inputs.begin());
  const size_t scanned = static_cast<size_t>(std::max<int64_t>(owner->int_or("num_scan_inputs", 0), 0));
  const bool is_carried = (owner->is("Loop") && index >= 2) || (owner->is("Scan") && index + scanned < inputs.size());
  return is_carried && owner->input(index) != nullptr ? std::optional(index) : std::nullopt;
}

/// The one input and axis that an axis of the output comes from; nothing where there are several or none.
struct Source {
  size_t input;
  size_t axis;
};

std::optional<Source> source_of(const Node& maker, const Mender& mender, size_t axis, size_t rank) {
  if (keeps_shape(maker) || (axis == 0 && keeps_first_axis(maker))) return Source{0, axis};
  if (maker.is("Transpose")) {
    const std::vector<int64_t> order = maker.ints_or("perm", {});
    if (order.empty()) return Source{0, rank - 1 - axis};
    if (axis < order.size() && order[axis] >= 0) return Source{0, static_cast<size_t>(order[axis])};
  } else if (maker.is("Gather")) {
    const Shape* data = mender.shape(maker.input(0));
    const Shape* indices = mender.shape(maker.input(1));
    if (data == nullptr || indices == nullptr) return std::nullopt;
    const int64_t given = maker.int_or("axis", 0);
    const auto along = static_cast<size_t>(given < 0 ? given + static_cast<int64_t>(data->size()) : given);
    if (axis < along) return Source{0, axis};
    if (axis < along + indices->size()) return Source{1, axis - along};
    return Source{0, axis + 1 - indices->size()};
  } else if (maker.is("Expand")) {
    const Shape* data = mender.shape(maker.input(0));
    if (data != nullptr && data->size() + axis >= rank) return Source{0, data->size() + axis - rank};
  } else if (maker.is("Reshape")) {
    const Shape* data = mender.shape(maker.input(0));
    if (data == nullptr) return std::nullopt;
    const Shape dims = mender.before(*mender.shape(maker.output(0)));
    const Dim stride = num_elements(Shape(dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, dims.end()));
    const std::vector<Place> places = places_of(mender.before(*data), dims[axis], stride);
    if (!dims[axis].is(1) && !places.empty() && places[0].is_plain()) return Source{0, places[0].axis};
  } else if (is_any_of(maker, {"Unsqueeze", "Squeeze"})) {
    std::vector<int64_t> axes = maker.ints_or("axes", {});
    if (const auto content = mender.content(maker.input(1))) {
      if (const auto numbers = static_dims(Shape(content->begin(), content->end()))) axes = *numbers;
    }
    const Shape* data = mender.shape(maker.input(0));
    if (data == nullptr || axes.empty()) return std::nullopt;
    const size_t marked_rank = std::max(rank, data->size());  // of the side that has the axes of size 1
    std::vector<bool> is_one(marked_rank, false);
    for (const int64_t each : axes) {
      const int64_t index = each < 0 ? each + static_cast<int64_t>(marked_rank) : each;
      if (index < 0 || index >= static_cast<int64_t>(marked_rank)) return std::nullopt;
      is_one[static_cast<size_t>(index)] = true;
    }
    if (maker.is("Unsqueeze")) {
      if (is_one[axis]) return std::nullopt;
      return Source{0, axis - static_cast<size_t>(std::count(is_one.begin(), is_one.begin() + axis, true))};
    }
    for (size_t i = 0, kept = 0; i < marked_rank; ++i) {
      if (!is_one[i] && kept++ == axis) return Source{0, i};
    }
  } else if (maker.is("MatMul")) {
    const Shape* a = mender.shape(maker.input(0));
    const Shape* b = mender.shape(maker.input(1));
    if (a == nullptr || b == nullptr || a->size() < 2 || b->size() < 2) return std::nullopt;
    if (axis + 1 == rank) return Source{1, b->size() - 1};
    if (axis + 2 == rank) return Source{0, a->size() - 2};
  } else if (maker.is("Slice")) {
    const auto sliced = mender.content(maker.input(3));
    const auto starts = mender.content(maker.input(1));
    const auto ends = mender.content(maker.input(2));
    const bool all_known =
        sliced && std::all_of(sliced->begin(), sliced->end(), [](const Dim& d) { return d.is_known(); });
    std::vector<int64_t> axes = maker.ints_or("axes", {});
    for (size_t i = 0; all_known && i < sliced->size(); ++i) {
      const bool is_whole = maker.input(4) == nullptr && starts && ends && i < starts->size() && i < ends->size() &&
                            (*starts)[i].is(0) && (*ends)[i].is_known() && (*ends)[i].value() >= INT32_MAX;
      if (!is_whole) axes.push_back((*sliced)[i].value());
    }
    const bool is_sliced =
        !(all_known || maker.attribute("axes") != nullptr) || std::any_of(axes.begin(), axes.end(), [&](int64_t each) {
          return (each < 0 ? each + static_cast<int64_t>(rank) : each) == static_cast<int64_t>(axis);
        });
    if (!is_sliced) return Source{0, axis};
  } else if (maker.is("Split")) {
    const int64_t given = maker.int_or("axis", 0);
    if ((given < 0 ? given + static_cast<int64_t>(rank) : given) != static_cast<int64_t>(axis)) return Source{0, axis};
  } else if (maker.is("Gemm")) {
    if (axis == 0) return Source{0, maker.int_or("transA", 0) != 0 ? size_t{1} : size_t{0}};
    return Source{1, maker.int_or("transB", 0) != 0 ? size_t{0} : size_t{1}};
  }
  return std::nullopt;
}

}  // namespace

/// One demand on its way up.
class Demand {
 public:
  Demand(Mender& mender, const Wanted& wanted) : mender_(mender), wanted_(wanted) {}

  void send(Value& value, Node& reader, size_t input, size_t axis, bool may_broadcast, int depth);

 private:
  void follow(Value& value, Node& reader, size_t axis, bool may_broadcast, int depth);
  void rewrite(Node& maker, size_t operand, size_t index, size_t axis, const char* what);
  bool ask_maker_of_shape(Node& maker, size_t axis, int depth);
  void ask_branches(const Node& maker, const Value& value, size_t axis, int depth);
  void mend_constant(const std::shared_ptr<const Tensor>& tensor, Value& value, Node& reader, size_t input, size_t axis,
                     bool may_broadcast);
  bool go_on_counting(const std::shared_ptr<const Tensor>& tensor, const Value& value, Node& reader, size_t input,
                      size_t axis);
  Value& repeat_rows(Value& constant, const Shape& dims, size_t axis, Node& reader, const std::string& base);
  Error cannot_mend(const std::string& why) const;

  Mender& mender_;
  const Wanted& wanted_;
  // Where it is, for messages.
  const Node* reader_ = nullptr;
  const Value* value_ = nullptr;
  size_t axis_ = 0;
};

Error Demand::cannot_mend(const std::string& why) const {
  return {ErrorCode::kUnsupported, describe(*reader_) + ": its input " + quote(value_->name()) + " " +
                                       to_string(mender_.before(*mender_.shape(value_))) + " has the old " +
                                       (mender_.is_per_sample() ? "batch" : "size") + " in axis " +
                                       std::to_string(axis_) + ", where the new one is needed, and " + why};
}

void Demand::send(Value& value, Node& reader, size_t input, size_t axis, bool may_broadcast, int depth) {
  const Shape dims = *mender_.shape(&value);
  if (dims[axis] == wanted_.size) return;
  reader_ = &reader;
  value_ = &value;
  axis_ = axis;
  if (const auto constant = constant_of(value)) {
    return mend_constant(constant, value, reader, input, axis, may_broadcast);
  }
  // Computed before anything is mended. It is the last resort: what makes a tensor is smaller than the tensor.
  const std::shared_ptr<const Tensor> folded = mender_.fold(value);
  try {
    follow(value, reader, axis, may_broadcast, depth);
  } catch (const Error& error) {
    if (folded == nullptr || error.code() != ErrorCode::kUnsupported) throw;
    reader_ = &reader;
    value_ = &value;
    axis_ = axis;
    mend_constant(folded, value, reader, input, axis, may_broadcast);
  }
}

void Demand::follow(Value& value, Node& reader, size_t axis, bool may_broadcast, int depth) {
  const Shape dims = *mender_.shape(&value);
  Node* maker = value.producer();
  if (maker == nullptr && value.is_graph_input() && value.graph().owner() == nullptr && !value.is_initializer()) {
    const FreedDim* freed = mender_.find_freed(wanted_.size);
    if (freed == nullptr) throw cannot_mend("it is an input whose size would have to follow another one");
    return mender_.follow(value, axis, *freed, reader);
  }
  if (const auto operand = carried_operand(value); operand && depth <= kMaxDepth) {
    Node& loop = *value.graph().owner();
    send(*loop.input(*operand), loop, *operand, axis, false, depth + 1);
    return mender_.infer_again(loop);
  }
  if (maker != nullptr && maker->is("If") && depth <= kMaxDepth) {
    ask_branches(*maker, value, axis, depth);
    return mender_.infer_again(*maker);
  }
  if (maker == nullptr || depth > kMaxDepth || (maker->output(0) != &value && !maker->is("Split")))
    throw cannot_mend("it cannot be followed");
  if (ask_maker_of_shape(*maker, axis, depth)) return;

  const auto pass_on = [&](size_t operand, size_t operand_axis, bool broadcast) {
    Value* source = maker->input(operand);
    const Shape* source_dims = mender_.shape(source);
    if (source_dims == nullptr || operand_axis >= source_dims->size()) {
      throw cannot_mend("it comes from " + describe(*maker) + ", whose input is not known");
    }
    if (!((*source_dims)[operand_axis] == dims[axis])) return false;
    send(*source, *maker, operand, operand_axis, broadcast, depth + 1);
    return true;
  };
  bool asked = false;
  if (const auto source = source_of(*maker, mender_, axis, dims.size())) {
    const std::vector<size_t> worked = worked_axes(*maker, mender_, dims.size());
    const bool is_worked = keeps_shape(*maker) && std::find(worked.begin(), worked.end(), axis) != worked.end();
    if (is_worked && mender_.is_per_sample()) throw cannot_mend(describe(*maker) + ", which makes it, works along it");
    asked = pass_on(source->input, source->axis, may_broadcast && !is_worked && !maker->is("Reshape"));
  } else if (broadcasts(*maker) || (maker->is("MatMul") && axis + 2 < dims.size())) {
    for (size_t i = 0; i < maker->inputs().size(); ++i) {
      const Shape* source_dims = mender_.shape(maker->input(i));
      if (source_dims == nullptr || source_dims->size() + axis < dims.size()) continue;
      asked = pass_on(i, source_dims->size() + axis - dims.size(), may_broadcast) || asked;
    }
  } else if (maker->is("Concat")) {
    const int64_t given = maker->int_or("axis", 0);
    const auto joined = static_cast<size_t>(given < 0 ? given + static_cast<int64_t>(dims.size()) : given);
    for (size_t i = 0; joined != axis && i < maker->inputs().size(); ++i) asked = pass_on(i, axis, false) || asked;
  }
  if (asked && maker->is("Reshape")) mend_reshape(*maker, mender_);
  if (!asked) throw cannot_mend("how to mend " + describe(*maker) + ", which makes it, is not known");
  mender_.infer_again(*maker);
}

void Demand::rewrite(Node& maker, size_t operand, size_t index, size_t axis, const char* what) {
  std::optional<std::vector<Dim>> sizes = mender_.content(maker.input(operand));
  if (!sizes || index >= sizes->size()) throw cannot_mend(describe(maker) + " computes its shape");
  const std::vector<Dim> old_sizes = *sizes;
  (*sizes)[index] = wanted_.size;
  std::vector<bool> changed(sizes->size(), false);
  changed[index] = true;
  mender_.rewrite_shape_operand(maker, operand, *sizes, changed, old_sizes, what);
  Shape result = *mender_.shape(maker.output(0));
  result[axis] = wanted_.size;
  mender_.set_factors(*maker.output(0), axis, Factors(wanted_.factors));
  mender_.settle(maker, *maker.output(0), std::move(result));
}

/// Whichever branch of an If makes the value must have the size.
void Demand::ask_branches(const Node& maker, const Value& value, size_t axis, int depth) {
  const auto outputs = maker.outputs();
  const auto index = static_cast<size_t>(std::find(outputs.begin(), outputs.end(), &value) - outputs.begin());
  for (Graph* branch : branches_of(maker)) {
    if (index >= branch->outputs().size() || &branch->outputs()[index]->graph() != branch) {
      throw cannot_mend("it comes from outside of " + describe(maker));
    }
    Node& reader = reader_of_result(*branch, index, mender_);
    send(*reader.input(0), reader, 0, axis, false, depth + 1);
  }
}

/// Operators that an operand tells the size of their output; whether this was one.
bool Demand::ask_maker_of_shape(Node& maker, size_t axis, int depth) {
  const Dim old = (*mender_.shape(maker.output(0)))[axis];
  const size_t rank = mender_.shape(maker.output(0))->size();
  const Shape* data = mender_.shape(maker.input(0));
  const auto says = [&](size_t operand, size_t index) {
    const auto content = mender_.content(maker.input(operand));
    return content && index < content->size() && (*content)[index] == old;
  };
  if (maker.is("ConstantOfShape")) {
    rewrite(maker, 0, axis, axis, "shape");
    return true;
  }
  if (maker.is("Expand") && says(1, axis)) {
    const auto content = mender_.content(maker.input(1));
    if (content->size() != rank) return false;
    const size_t added = data != nullptr ? rank - std::min(rank, data->size()) : rank;
    if (axis >= added && !old.is(1) && (*data)[axis - added] == old) {
      send(*maker.input(0), maker, 0, axis - added, false, depth + 1);
    }
    rewrite(maker, 1, axis, axis, "shape");
    return true;
  }
  if (maker.is("Tile") && mender_.opset() >= 6 && data != nullptr && data->size() == rank && (*data)[axis].is(1)) {
    rewrite(maker, 1, axis, axis, "repeats");
    return true;
  }
  if (maker.is("Resize") && maker.ints_or("axes", {}).empty() && says(3, axis)) {
    rewrite(maker, 3, axis, axis, "sizes");
    return true;
  }
  if (maker.is("AffineGrid") && axis == 0 && says(1, 0) && data != nullptr && (*data)[0] == old) {
    send(*maker.input(0), maker, 0, 0, false, depth + 1);
    rewrite(maker, 1, 0, 0, "size");
    return true;
  }
  if (maker.is("Range") && says(1, 0)) {
    if (mender_.is_per_sample() && !wanted_.counts) throw cannot_mend("it is the number of each sample");
    const auto start = mender_.content(maker.input(0));
    const auto step = mender_.content(maker.input(2));
    if (!start || !step || start->size() != 1 || step->size() != 1 || !start->front().is(0) || !step->front().is(1)) {
      return false;
    }
    rewrite(maker, 1, 0, axis, "limit");
    return true;
  }
  if (maker.is("Slice") && mender_.opset() >= 10 && data != nullptr) {
    const auto starts = mender_.content(maker.input(1));
    const auto axes = mender_.content(maker.input(3));
    const auto steps = mender_.content(maker.input(4));
    for (size_t i = 0; starts && i < starts->size(); ++i) {
      Dim along = maker.input(3) == nullptr  ? Dim(static_cast<int64_t>(i))
                  : axes && i < axes->size() ? (*axes)[i]
                                             : Dim();
      if (along.is_known() && along.value() < 0) along = along + Dim(static_cast<int64_t>(rank));
      const bool by_one = maker.input(4) == nullptr || (steps && i < steps->size() && (*steps)[i].is(1));
      if (!along.is(static_cast<int64_t>(axis)) || !by_one || !(*starts)[i].is(0) || !says(2, i)) continue;
      const Dim there = (*data)[axis];
      const Dim needed = mender_.after(wanted_.size);
      if (there.is_known() && needed.is_known() && there.value() < needed.value()) {
        throw cannot_mend(describe(maker) + " has only " + there.to_string() + " to take it from");
      }
      rewrite(maker, 2, i, axis, "ends");
      return true;
    }
  }
  return false;
}

/// Rows that count get as many rows as are needed; whether these do.
bool Demand::go_on_counting(const std::shared_ptr<const Tensor>& tensor, const Value& value, Node& reader, size_t input,
                            size_t axis) {
  const auto progression = progression_of(*tensor, axis);
  if (!progression || wanted_.factors.size() != 1) return false;
  const std::vector<int64_t>& step = progression->step;
  if (std::all_of(step.begin(), step.end(), [](int64_t each) { return each == 0; })) return false;  // equal rows
  Shape dims(tensor->dims().begin(), tensor->dims().end());
  Shape result = dims;
  result[axis] = mender_.after(wanted_.size);
  mender_.note(reader, "constant " + quote(value.name()) + " " + to_string(dims) + " -> " + to_string(result) +
                           ", it counted the samples of the old batch");
  Value& mended = add_progression(reader, mender_, *progression, tensor->type(), axis, wanted_.size, value.name());
  mender_.replace_input(reader, input, mended);
  mender_.set_counted(mended, tensor);
  result[axis] = wanted_.size;
  mender_.assume_shape(mended, tensor->type(), std::move(result));
  mender_.infer_again(reader);
  return true;
}

void Demand::mend_constant(const std::shared_ptr<const Tensor>& tensor, Value& value, Node& reader, size_t input,
                           size_t axis, bool may_broadcast) {
  const Shape dims(tensor->dims().begin(), tensor->dims().end());
  if (wanted_.counts && go_on_counting(tensor, value, reader, input, axis)) return;
  if (tensor->num_elements() == 0 || bit_width(tensor->type()) < 8) throw cannot_mend("it is a constant");
  // Along what was freed, one row for all; then as many of them as are needed.
  const bool stays_one = may_broadcast && wanted_.factors.size() == 1;
  Tensor mended = *tensor;
  bool is_open = false;
  for (size_t i = 0; i < wanted_.factors.size(); ++i) {
    const Dim& factor = wanted_.factors[i];
    if (!mender_.is_freed(factor)) continue;
    const Dim count = mender_.before(factor);
    const Dim inner = mender_.before(
        product(Factors(wanted_.factors.begin() + static_cast<std::ptrdiff_t>(i) + 1, wanted_.factors.end())));
    const Dim size = mender_.after(factor);
    is_open = is_open || !size.is_known();
    if (!count.is_known() || !inner.is_known()) throw cannot_mend("it is a constant");
    const int64_t rows = stays_one || !size.is_known() ? 1 : size.value();
    if (rows > kMaxElements / std::max<int64_t>(mended.num_elements(), 1)) {
      throw cannot_mend("it is a constant, which would get " + size.to_string() + " rows");
    }
    std::optional<Tensor> resized = resize_constant(mended, axis, count.value(), inner.value(), rows);
    if (!resized) {
      const std::string of = mender_.is_per_sample() ? " samples of the old batch" : " positions of the old size";
      throw Error(mender_.refusal(), describe(reader) + ": its constant input " + quote(value.name()) + " " +
                                         to_string(dims) + " holds other elements for each of the " +
                                         count.to_string() + of + ", and none for another one");
    }
    mended = std::move(*resized);
  }
  const bool is_plain = wanted_.factors.size() == 1;
  Shape result = dims;
  result[axis] = is_open && !stays_one ? mender_.after(wanted_.size) : Dim(mended.dims()[axis]);
  const std::string of = mender_.is_per_sample() ? " for each sample of the old batch" : " at each position";
  mender_.note(reader, "constant " + quote(value.name()) + " " + to_string(dims) + " -> " + to_string(result) +
                           ", it held the same " + (is_plain ? "row" : "rows") + of);
  Value* constant = &mender_.add_constant(reader, value.name(), std::move(mended));
  Shape symbolic = *mender_.shape(&value);  // other axes may be freed too
  symbolic[axis] = wanted_.size;
  if (is_open && !stays_one) {
    constant = &repeat_rows(*constant, dims, axis, reader, value.name());
  }
  mender_.replace_input(reader, input, *constant);
  // What it is for any size: inference would see the new number of rows.
  if (!stays_one) mender_.assume_shape(*constant, tensor->type(), std::move(symbolic));
  mender_.infer_again(reader);
}

/// A constant with one row along what was freed gets as many as there are at run time.
Value& Demand::repeat_rows(Value& constant, const Shape& dims, size_t axis, Node& reader, const std::string& base) {
  const auto at = static_cast<std::ptrdiff_t>(axis);
  const auto sizes_with = [&](const Factors& factors, bool are_repeated) {
    std::vector<Dim> sizes(dims.begin(), dims.begin() + at);
    for (const Dim& factor : factors) sizes.push_back(mender_.is_freed(factor) && !are_repeated ? Dim(1) : factor);
    sizes.insert(sizes.end(), dims.begin() + at + 1, dims.end());
    return sizes;
  };
  const auto reshaped = [&](Value& value, const std::vector<Dim>& sizes) -> Value& {
    return mender_.add_node(reader, "Reshape", {&value, &mender_.runtime_vector(reader, sizes, base + "_shape")}, base);
  };
  const bool is_plain = wanted_.factors.size() == 1;
  Value& one = is_plain ? constant : reshaped(constant, sizes_with(wanted_.factors, false));
  Value& sizes = mender_.runtime_vector(reader, sizes_with(wanted_.factors, true), base + "_sizes");
  Value& repeated = mender_.add_node(reader, "Expand", {&one, &sizes}, base);
  return is_plain ? repeated : reshaped(repeated, sizes_with({wanted_.size}, true));
}

void Mender::demand(Node& node, size_t input, size_t axis, const Wanted& wanted) {
  Demand(*this, wanted).send(*node.input(input), node, input, axis, wanted.may_broadcast, 0);
}

}  // namespace surgery::dims
