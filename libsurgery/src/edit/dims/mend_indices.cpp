#include <algorithm>

#include "edit/dims/counting.h"
#include "edit/dims/mender.h"

/// Gather, GatherND and ScatterND along a batch. They mix samples, unless the index for sample i is i itself beside
/// indices within the sample, or, into samples that are flattened into one axis, i * length + position. The position is
/// the same for each sample, and the old model could not have read the last one were it not below the length.
///
/// A batch of 1 has but one sample to take from: whatever is an index into it gets the number of the sample added.
namespace surgery::dims {
namespace {

/// What the node does along the batch.
struct Picking {
  Dim batch;
  Dim inner;              ///< length of a sample in the axis that holds the batch
  size_t component = 0;   ///< of GatherND and ScatterND: which index of each tuple goes into that axis
  bool is_tuple = false;  ///< the last axis of the indices holds tuples
};

std::optional<Picking> picking_of(const Node& node, const Mender& mender, size_t batch_axis) {
  const Factors factors = mender.factors(node.input(0), batch_axis);
  if (node.input(1) == nullptr || node.output(0) == nullptr || factors.empty()) return std::nullopt;
  Picking picking{factors[0], product(Factors(factors.begin() + 1, factors.end())), batch_axis, !node.is("Gather")};
  if (!picking.batch.is_plain_symbol() || !mender.is_freed(picking.batch) || mender.is_freed(picking.inner)) {
    return std::nullopt;
  }
  if (node.is("Gather")) {
    const int64_t given = node.int_or("axis", 0);
    const int64_t axis = given < 0 ? given + static_cast<int64_t>(mender.shape(node.input(0))->size()) : given;
    if (axis != static_cast<int64_t>(batch_axis)) return std::nullopt;
  } else if ((!node.is("GatherND") && !node.is("ScatterND")) || node.int_or("batch_dims", 0) != 0) {
    return std::nullopt;
  }
  return picking;
}

/// Adds inner * [0, 1, ...] along `axis` to the indices.
void add_numbers(Node& node, Mender& mender, const Picking& picking, size_t axis) {
  Value& indices = *node.input(1);
  const DataType type = mender.element_type(indices);
  const Shape shape = *mender.shape(&indices);
  const std::string base = indices.name() + "_samples";
  Progression numbers{std::vector<int64_t>(shape.size(), 1), {0}, {1}};
  if (picking.is_tuple) {
    numbers.dims.back() = shape.back().value();
    numbers.first.assign(static_cast<size_t>(shape.back().value()), 0);
    numbers.step = numbers.first;
    numbers.step[picking.component] = 1;
  }
  const bool is_scaled = !picking.inner.is(1);
  Value* value =
      &add_progression(node, mender, numbers, is_scaled ? DataType::kInt64 : type, axis, picking.batch, base);
  Shape counted(numbers.dims.begin(), numbers.dims.end());
  counted[axis] = picking.batch;
  mender.assume_shape(*value, is_scaled ? DataType::kInt64 : type, counted);
  if (is_scaled) {
    value =
        &mender.add_node(node, "Mul", {value, &mender.runtime_vector(node, {picking.inner}, base + "_length")}, base);
    if (type != DataType::kInt64) {
      std::vector<Attribute> attributes;
      attributes.emplace_back("to", static_cast<int64_t>(type));
      value = &mender.add_node(node, "Cast", {value}, base, std::move(attributes));
    }
  }
  value = &mender.add_node(node, "Add", {&indices, value}, base);
  mender.replace_input(node, 1, *value);
  mender.note(node, "its indices " + to_string(mender.before(shape)) +
                        " into the only sample get the number of the sample added");
}

}  // namespace

bool takes_by_sample(Node& node, Mender& mender, size_t batch_axis) {
  const auto picking = picking_of(node, mender, batch_axis);
  if (!picking) return false;
  const auto steps = picking->is_tuple ? steps_of_component(*node.input(1), static_cast<int64_t>(picking->component),
                                                            picking->batch, mender)
                                       : steps_of(*node.input(1), picking->batch, mender);
  if (!steps) return false;
  std::optional<size_t> counted;
  for (const auto& [axis, step] : *steps) {
    if (!counted && step == picking->inner) counted = axis;
  }
  const auto carries = [&](size_t input) {
    const Shape* shape = mender.shape(node.input(input));
    return shape != nullptr && counted < shape->size() && (*shape)[*counted] == picking->batch;
  };
  bool mended = false;
  if (!counted && mender.before(picking->batch).is(1) && mender.freed_axes(node.input(1)).empty()) {
    const Shape& shape = *mender.shape(node.input(1));
    const auto end = shape.end() - (picking->is_tuple ? 1 : 0);
    const auto one = std::find_if(shape.begin(), end, [](const Dim& dim) { return dim.is(1); });
    if (one == end) return false;
    counted = static_cast<size_t>(one - shape.begin());
    add_numbers(node, mender, *picking, *counted);
    mended = true;
  }
  if (!counted) return false;
  if (!mended && !carries(1)) {
    mender.demand(node, 1, *counted, {picking->batch, {picking->batch}, false, true});
    mended = true;
  }
  if (node.is("ScatterND") && !carries(2)) {
    mender.demand(node, 2, *counted, {picking->batch, {picking->batch}, false, false});
    mended = true;
  }
  if (!mended) return true;
  // With a batch of one there is nothing left to count: what was found here holds.
  mender.infer_again(node);
  const Shape* shape = mender.shape(node.output(0));
  if (shape == nullptr) return false;
  mender.settle(node, *node.output(0), Shape(*shape));
  return true;
}

}  // namespace surgery::dims
