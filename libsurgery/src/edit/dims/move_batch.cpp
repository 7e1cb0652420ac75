#include <algorithm>
#include <unordered_set>

#include "edit/dims/mender.h"

/// A Reshape that moves a batch of 1 past other axes, [1, S, C] -> [S, 1, C]: what a Transpose becomes where the batch
/// is fixed at 1 and the model simplified. For more than one sample it must be a Transpose again. Each sample's part of
/// the result is the same wherever the batch stands; what the readers need decides, and they refuse what is wrong.
namespace surgery::dims {
namespace {

bool equal(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Dim& x, const Dim& y) { return x == y; });
}

Shape without(Shape shape, size_t axis) {
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return shape;
}

/// Where the one freed factor of a tensor is.
struct Position {
  size_t axis = 0;
  Dim batch;
  Dim outer = 1;  ///< elements before it in row-major order, of one sample
  Dim inner = 1;
  bool is_alone = false;  ///< in its axis
};

std::optional<Position> position_of(const Value& value, const Mender& mender) {
  std::optional<Position> found;
  Dim size = 1;
  const Shape& shape = *mender.shape(&value);
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const Factors factors = mender.factors(&value, axis);
    for (const Dim& factor : factors) {
      if (mender.is_freed(factor)) {
        if (found || !factor.is_plain_symbol()) return std::nullopt;
        found = Position{axis, factor, size, 1, factors.size() == 1};
        size = 1;
      } else {
        size = size * factor;
      }
    }
  }
  if (found) found->inner = size;
  return found;
}

/// Whether a reader, behind operators that keep the shape, takes axis 0 for the batch whatever is there.
bool is_read_as_images(const Value& value) {
  constexpr size_t kMaxValues = 32;
  std::vector<const Value*> pending{&value};
  for (size_t i = 0; i < pending.size() && i < kMaxValues; ++i) {
    for (const Use& use : pending[i]->uses()) {
      const Node& reader = *use.node;
      if (is_any_of(reader, {"Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization", "MaxPool",
                             "AveragePool", "GlobalAveragePool", "GlobalMaxPool"})) {
        return true;
      }
      const bool keeps = is_any_of(reader, {"Relu", "Sigmoid", "Tanh", "Add", "Mul", "Sub", "Div", "Cast", "Identity"});
      if (keeps && reader.output(0) != nullptr) pending.push_back(reader.output(0));
    }
  }
  return false;
}

std::vector<int64_t> permutation(size_t from, size_t to, size_t rank) {
  std::vector<int64_t> perm;
  for (size_t i = 0; i < rank; ++i) {
    if (i != from) perm.push_back(static_cast<int64_t>(i));
  }
  perm.insert(perm.begin() + static_cast<std::ptrdiff_t>(to), static_cast<int64_t>(from));
  return perm;
}

/// The value with its axis `from` at `to`, in front of `node`.
Value& transposed(Node& node, Mender& mender, Value& value, size_t from, size_t to) {
  std::vector<Attribute> attributes;
  attributes.emplace_back("perm", permutation(from, to, mender.shape(&value)->size()));
  return mender.add_node(node, "Transpose", {&value}, node.output(0)->name() + "_moved", std::move(attributes));
}

/// The value as a tensor of the shape, in front of `node`.
Value& reshaped(Node& node, Mender& mender, Value& value, const Shape& shape) {
  const Shape& input = *mender.shape(&value);
  if (equal(input, shape)) return value;
  const std::string base = node.output(0)->name() + "_moved";
  std::vector<Dim> sizes;
  bool has_rest = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    Dim size = mender.after(shape[i]);
    if (!size.is_known() && i < input.size() && input[i] == shape[i]) {
      size = 0;
    } else if (!size.is_known()) {
      size = has_rest ? shape[i] : Dim(-1);
      has_rest = true;
    }
    sizes.push_back(size);
  }
  Value& target = mender.runtime_vector(node, sizes, base + "_shape");
  Value& result = mender.add_node(node, "Reshape", {&value, &target}, base);
  mender.settle(*result.producer(), result, shape);
  return result;
}

/// Turns the Reshape into a Transpose.
void transpose(Node& node, Mender& mender, size_t from, size_t to, size_t rank) {
  Graph& graph = node.graph();
  graph.set_op_type(node, "Transpose", "");
  graph.set_attribute(node, Attribute("perm", permutation(from, to, rank)));
  graph.remove_attribute(node, "allowzero");
  mender.remove_input(node, 1);
  graph.resize_inputs(node, 1);
}

}  // namespace

bool move_single_batch(Node& node, Mender& mender, const Shape& before) {
  const auto one = std::find_if(before.begin(), before.end(), [](const Dim& dim) { return dim.is(1); });
  const auto position = position_of(*node.input(0), mender);
  if (!mender.is_per_sample() || mender.opset() < 5 || one == before.end() || !position) return false;
  if (!mender.before(position->batch).is(1) || is_read_as_images(*node.output(0))) return false;
  const auto to = static_cast<size_t>(one - before.begin());
  const Dim ahead = num_elements(Shape(before.begin(), one));
  const Dim behind = num_elements(Shape(one + 1, before.end()));
  if (ahead.is_unknown() || behind.is_unknown() || position->outer == ahead) return false;
  const Shape input = mender.before(*mender.shape(node.input(0)));
  // What is left when the batch is merged into its neighbour: the 1 in the result is another one.
  if (position->is_alone && equal(without(input, position->axis), before)) return false;
  mender.note(node, to_string(input) + " -> " + to_string(before) +
                        " moved the batch, which was 1, as only a Transpose does for more");
  if (position->is_alone && input.size() == before.size() &&
      equal(without(input, position->axis), without(before, to))) {
    transpose(node, mender, position->axis, to, input.size());
    return true;
  }
  Value* value = node.input(0);
  size_t from = position->axis;
  if (!position->is_alone && !position->outer.is(1)) {
    value = &reshaped(node, mender, *value, {position->outer, position->batch, position->inner});
    from = 1;
  }
  if (from != 0) value = &transposed(node, mender, *value, from, 0);
  if (!ahead.is(1)) {
    value = &reshaped(node, mender, *value, {position->batch, ahead, behind});
    value = &transposed(node, mender, *value, 0, 1);
  }
  mender.replace_input(node, 0, *value);
  mender.infer_again(node);
  mend_reshape(node, mender);
  return true;
}

}  // namespace surgery::dims
