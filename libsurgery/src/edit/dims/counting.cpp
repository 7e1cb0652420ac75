#include "edit/dims/counting.h"

#include <algorithm>

#include "surgery/text.h"

/// Indices that take from each sample by its number, as exporters write them for a gather that knows no batch:
/// [0, 1, ...] beside the position within the sample, or number * length + position into what is flattened.
namespace surgery::dims {
namespace {

constexpr int64_t kMaxElements = 1 << 16;
constexpr int64_t kMaxIndex = int64_t{1} << 31;  // of an element of a progression: no overflow with any batch
constexpr int64_t kMaxRows = int64_t{1} << 26;   // times elements per row

/// A tensor of which the elements are known, as it was before it was mended.
struct Known {
  std::vector<Dim> elements;
  std::vector<int64_t> dims;
};

std::optional<Known> known_elements(const Value& value, const Mender& mender) {
  const std::shared_ptr<const Tensor> constant = constant_of(value);
  const Tensor* tensor = mender.counted(&value) != nullptr ? mender.counted(&value) : constant.get();
  if (tensor != nullptr) {
    if (!is_integer(tensor->type()) || tensor->num_elements() > kMaxElements) return std::nullopt;
    const auto numbers = tensor->to_int64s(kMaxElements);
    return numbers ? std::optional(Known{{numbers->begin(), numbers->end()}, tensor->dims()}) : std::nullopt;
  }
  auto content = mender.content(&value);
  auto dims = static_dims(*mender.shape(&value));
  return content && dims ? std::optional(Known{std::move(*content), std::move(*dims)}) : std::nullopt;
}

/// Whether neighbours along an axis, `stride` elements apart, always differ by the same; that difference.
std::optional<Dim> step_along(const std::vector<Dim>& elements, size_t size, size_t stride) {
  if (size < 2 || stride == 0 || elements.size() < size * stride) return std::nullopt;
  const Dim step = elements[stride] - elements[0];
  for (size_t i = 0; i + stride < elements.size(); ++i) {
    const bool is_last_row = i / stride % size + 1 == size;
    if (!is_last_row && !(elements[i + stride] - elements[i] == step)) return std::nullopt;
  }
  return step;
}

/// Follows a tensor of indices up to what it is made of.
class Counter {
 public:
  Counter(const Dim& batch, const Mender& mender) : batch_(batch), old_(mender.before(batch)), mender_(mender) {}

  std::optional<Steps> of(const Value* value);
  std::optional<Steps> of_elements(const Known& known, const Shape& shape) const;

 private:
  bool is_batch(const Dim& dim) const { return dim == batch_ || (dim == old_ && !dim.is(1)); }
  std::optional<Steps> of_result(const Node& maker, const Value& value);
  std::optional<Steps> of_range(const Node& maker, const Shape& shape) const;
  std::optional<Steps> of_two(const Node& maker);
  std::optional<Steps> of_data(const Value* value) const;
  Steps moved(const Steps& steps, const Shape& from, const Shape& to) const;

  const Dim batch_;
  const Dim old_;
  const Mender& mender_;
  int budget_ = 256;  // values looked at: an expression may use one twice, and so may each of its parts
};

std::optional<Steps> Counter::of_elements(const Known& known, const Shape& shape) const {
  const auto is_sound = [](const Dim& element) { return element.is_non_negative(); };
  if (!std::all_of(known.elements.begin(), known.elements.end(), is_sound)) return std::nullopt;
  Steps steps;
  size_t stride = 1;
  for (size_t axis = known.dims.size(); axis-- > 0;) {
    const auto size = static_cast<size_t>(known.dims[axis]);
    if (is_batch(shape[axis])) {
      if (const auto step = step_along(known.elements, size, stride)) steps.emplace(axis, *step);
    }
    stride *= size;
  }
  return steps;
}

std::optional<Steps> Counter::of(const Value* value) {
  const Shape* shape = mender_.shape(value);
  if (shape == nullptr || --budget_ < 0 || !is_integer(mender_.element_type(*value))) return std::nullopt;
  if (const auto known = known_elements(*value, mender_)) {
    return known->dims.size() == shape->size() ? of_elements(*known, *shape) : std::nullopt;
  }
  const Node* maker = value->producer();
  return maker != nullptr && maker->output(0) == value ? of_result(*maker, *value) : std::nullopt;
}

std::optional<Steps> Counter::of_result(const Node& maker, const Value& value) {
  const Shape& shape = *mender_.shape(&value);
  if (maker.is("Range")) return of_range(maker, shape);
  if (is_any_of(maker, {"Add", "Mul"})) return of_two(maker);
  if (!is_any_of(maker, {"Identity", "Cast", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Transpose", "Expand"})) {
    return std::nullopt;
  }
  auto source = of(maker.input(0));
  if (!source) return std::nullopt;
  const Shape& from = *mender_.shape(maker.input(0));
  if (is_any_of(maker, {"Identity", "Cast"})) return source;
  if (!is_any_of(maker, {"Transpose", "Expand"})) return moved(*source, from, shape);
  Steps steps;
  if (maker.is("Transpose")) {
    const std::vector<int64_t> order = maker.ints_or("perm", {});
    if (!order.empty() && order.size() != shape.size()) return std::nullopt;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      const size_t before = order.empty() ? shape.size() - 1 - axis : static_cast<size_t>(order[axis]);
      if (const auto found = source->find(before); found != source->end()) steps.emplace(axis, found->second);
    }
    return steps;
  }
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (!is_batch(shape[axis])) continue;
    const size_t added = shape.size() - std::min(from.size(), shape.size());
    if (axis < added || from[axis - added].is(1)) {
      steps.emplace(axis, 0);
    } else if (const auto found = source->find(axis - added); found != source->end()) {
      steps.emplace(axis, found->second);
    }
  }
  return steps;
}

std::optional<Steps> Counter::of_range(const Node& maker, const Shape& shape) const {
  const auto start = mender_.content(maker.input(0));
  const auto step = mender_.content(maker.input(2));
  if (!start || !step || start->size() != 1 || step->size() != 1) return std::nullopt;
  if (!start->front().is_non_negative() || !step->front().is_non_negative()) return std::nullopt;
  Steps steps;
  if (is_batch(shape[0])) steps.emplace(0, step->front());
  return steps;
}

/// What is computed from the data of each sample is a place within it: it does not go with the number of the sample.
std::optional<Steps> Counter::of_data(const Value* value) const {
  if (value == nullptr || mender_.freed_axes(value).empty() || mender_.fold(*value) != nullptr) return std::nullopt;
  Steps steps;
  for (const size_t axis : mender_.freed_axes(value)) steps.emplace(axis, 0);
  return steps;
}

/// Add and Mul, broadcasting.
std::optional<Steps> Counter::of_two(const Node& maker) {
  std::optional<Steps> sources[2];
  const Shape* shapes[2];
  std::optional<Dim> numbers[2];
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const Value* input = maker.input(side);
    sources[side] = of(input);
    shapes[side] = mender_.shape(input);
    if (!sources[side] && maker.is("Add")) sources[side] = of_data(input);
    if (!sources[side] || shapes[side] == nullptr) return std::nullopt;
    const auto content = mender_.content(input);
    if (content && content->size() == 1) numbers[side] = content->front();
  }
  const size_t rank = std::max(shapes[0]->size(), shapes[1]->size());
  Steps steps;
  for (size_t axis = 0; axis < rank; ++axis) {
    std::optional<Dim> each[2];
    for (const size_t side : {size_t{0}, size_t{1}}) {
      const size_t added = rank - shapes[side]->size();
      if (axis < added || (*shapes[side])[axis - added].is(1)) {
        each[side] = Dim(0);
      } else if (const auto found = sources[side]->find(axis - added); found != sources[side]->end()) {
        each[side] = found->second;
      }
    }
    if (!each[0] || !each[1]) continue;
    if (maker.is("Add")) {
      steps.emplace(axis, *each[0] + *each[1]);
    } else if (each[0]->is(0) && each[1]->is(0)) {
      steps.emplace(axis, 0);
    } else if (numbers[1]) {
      steps.emplace(axis, *each[0] * *numbers[1]);
    } else if (numbers[0]) {
      steps.emplace(axis, *each[1] * *numbers[0]);
    }
  }
  return steps;
}

/// After a Reshape, which keeps the order of the elements.
Steps Counter::moved(const Steps& steps, const Shape& from, const Shape& to) const {
  Steps result;
  const Shape before = mender_.before(from);
  for (const auto& [axis, step] : steps) {
    Dim stride = 1;
    for (size_t i = axis + 1; i < before.size(); ++i) stride = stride * before[i];
    const std::vector<Place> places = places_of(mender_.before(to), old_, stride);
    if (!places.empty() && places[0].is_plain()) result.emplace(places[0].axis, step);
  }
  return result;
}

}  // namespace

std::optional<Steps> steps_of(const Value& value, const Dim& batch, const Mender& mender) {
  return Counter(batch, mender).of(&value);
}

std::optional<Steps> steps_of_component(const Value& value, int64_t component, const Dim& batch, const Mender& mender) {
  const Shape* shape = mender.shape(&value);
  if (shape == nullptr || shape->empty() || !shape->back().is_known()) return std::nullopt;
  const size_t last = shape->size() - 1;
  const int64_t count = shape->back().value();
  std::optional<Steps> steps;
  const Node* maker = value.producer();
  if (const auto known = known_elements(value, mender)) {
    if (known->dims.size() != shape->size()) return std::nullopt;
    Known chosen{{}, {known->dims.begin(), known->dims.end() - 1}};
    for (auto i = static_cast<size_t>(component); i < known->elements.size(); i += static_cast<size_t>(count)) {
      chosen.elements.push_back(known->elements[i]);
    }
    steps = Counter(batch, mender).of_elements(chosen, *shape);
  } else if (count == 1) {
    steps = steps_of(value, batch, mender);
  } else if (maker != nullptr && maker->is("Concat")) {
    const int64_t axis = maker->int_or("axis", 0);
    if (axis != -1 && axis != static_cast<int64_t>(last)) return std::nullopt;
    int64_t begin = 0;
    for (const Value* piece : maker->inputs()) {
      const Shape* dims = mender.shape(piece);
      if (dims == nullptr || dims->size() != shape->size() || !dims->back().is_known()) return std::nullopt;
      const int64_t size = dims->back().value();
      if (component < begin + size) return steps_of_component(*piece, component - begin, batch, mender);
      begin += size;
    }
  }
  if (steps) steps->erase(last);
  return steps;
}

bool is_index_only(const Value& value) {
  constexpr size_t kMaxUses = 256;
  std::vector<const Value*> pending{&value};
  for (size_t i = 0; i < pending.size(); ++i) {
    if (pending[i]->is_graph_output() || pending.size() > kMaxUses) return false;
    for (const Use& use : pending[i]->uses()) {
      if (is_any_of(*use.node, {"Gather", "GatherND", "ScatterND"}) && use.index == 1) continue;
      if (is_any_of(*use.node, {"Shape", "Size"})) continue;
      const bool hands_on = is_any_of(*use.node, {"Add", "Mul", "Concat", "Identity", "Cast", "Reshape", "Unsqueeze",
                                                  "Squeeze", "Flatten", "Transpose", "Expand"});
      if (!hands_on || use.node->output(0) == nullptr) return false;
      const Value* result = use.node->output(0);
      if (std::find(pending.begin(), pending.end(), result) == pending.end()) pending.push_back(result);
    }
  }
  return true;
}

std::optional<Progression> progression_of(const Tensor& tensor, size_t axis) {
  const bool is_index = tensor.type() == DataType::kInt64 || tensor.type() == DataType::kInt32;
  if (!is_index || axis >= tensor.dims().size() || tensor.num_elements() > kMaxElements) return std::nullopt;
  const auto numbers = tensor.to_int64s(kMaxElements);
  const auto is_sane = [](int64_t number) { return number >= -kMaxIndex && number <= kMaxIndex; };
  if (!numbers || !std::all_of(numbers->begin(), numbers->end(), is_sane)) return std::nullopt;
  Progression result{tensor.dims(), {}, {}};
  const auto rows = static_cast<size_t>(result.dims[axis]);
  if (rows < 2) return std::nullopt;
  result.dims[axis] = 1;
  size_t stride = 1;
  for (size_t i = axis + 1; i < result.dims.size(); ++i) stride *= static_cast<size_t>(result.dims[i]);
  for (size_t i = 0; i < numbers->size(); ++i) {
    const size_t row = i / stride % rows;
    const int64_t first = (*numbers)[i - row * stride];
    const int64_t step = (*numbers)[i - row * stride + stride] - first;
    if ((*numbers)[i] != first + static_cast<int64_t>(row) * step) return std::nullopt;
    if (row != 0) continue;
    result.first.push_back(first);
    result.step.push_back(step);
  }
  return result;
}

Value& add_progression(Node& node, Mender& mender, const Progression& progression, DataType type, size_t axis,
                       const Dim& freed, const std::string& base) {
  const Dim rows = mender.after(freed);
  const auto tensor = [&](DataType of, const std::vector<int64_t>& dims, const std::vector<int64_t>& numbers) {
    if (of == DataType::kInt64) return Tensor::from_values<int64_t>(of, dims, numbers);
    const std::vector<int32_t> narrow(numbers.begin(), numbers.end());
    return Tensor::from_values<int32_t>(of, dims, narrow);
  };
  if (rows.is_known()) {
    std::vector<int64_t> dims = progression.dims;
    dims[axis] = rows.value();
    if (rows.value() > kMaxRows / std::max<int64_t>(static_cast<int64_t>(progression.first.size()), 1)) {
      throw Error(ErrorCode::kUnsupported, describe(node) + ": its constant input " + quote(base) + " would get " +
                                               rows.to_string() + " rows, which is too much for a constant");
    }
    size_t stride = 1;
    for (size_t i = axis + 1; i < dims.size(); ++i) stride *= static_cast<size_t>(dims[i]);
    std::vector<int64_t> numbers;
    for (size_t block = 0; block < progression.first.size(); block += stride) {
      for (int64_t row = 0; row < rows.value(); ++row) {
        for (size_t i = block; i < block + stride; ++i) {
          numbers.push_back(progression.first[i] + row * progression.step[i]);
        }
      }
    }
    return mender.add_constant(node, base, tensor(type, dims, numbers));
  }
  const auto constant = [&](const char* what, const std::vector<int64_t>& dims, const std::vector<int64_t>& numbers) {
    return &mender.add_constant(node, base + what, tensor(DataType::kInt64, dims, numbers));
  };
  const auto any = [](const std::vector<int64_t>& numbers, int64_t other) {
    return std::any_of(numbers.begin(), numbers.end(), [&](int64_t number) { return number != other; });
  };
  std::vector<int64_t> shape(progression.dims.size(), 1);
  shape[axis] = -1;
  Value* limit = &mender.add_node(node, "Squeeze", {&mender.runtime_size(node, freed)}, base + "_limit");
  Value* value =
      &mender.add_node(node, "Range", {constant("_start", {}, {0}), limit, constant("_step", {}, {1})}, base);
  value =
      &mender.add_node(node, "Reshape", {value, constant("_shape", {static_cast<int64_t>(shape.size())}, shape)}, base);
  if (any(progression.step, 1) || progression.step.size() > 1) {  // a column each, even where all count alike
    value = &mender.add_node(node, "Mul", {value, constant("_steps", progression.dims, progression.step)}, base);
  }
  if (any(progression.first, 0)) {
    value = &mender.add_node(node, "Add", {value, constant("_first", progression.dims, progression.first)}, base);
  }
  if (type == DataType::kInt64) return *value;
  std::vector<Attribute> attributes;
  attributes.emplace_back("to", static_cast<int64_t>(type));
  return mender.add_node(node, "Cast", {value}, base, std::move(attributes));
}

}  // namespace surgery::dims
