#include <algorithm>

#include "edit/batch/mender.h"
#include "surgery/text.h"

/// Reshape keeps the order of the elements, so the number of elements between two samples says where the batch must be
/// in the result. A target that says something else there holds the old batch as a literal.
namespace surgery::batch {
namespace {

struct Target {
  std::vector<Dim> sizes;
  bool zero_copies;  ///< a 0 stands for the input's dim
};

std::optional<Target> target_of(const Node& node, const Mender& mender) {
  const bool zero_copies = node.int_or("allowzero", 0) == 0;
  if (mender.opset() < 5) {  // Reshape-1 has an attribute
    const std::vector<int64_t> sizes = node.ints_or("shape", {});
    if (sizes.empty()) return std::nullopt;
    return Target{std::vector<Dim>(sizes.begin(), sizes.end()), true};
  }
  std::optional<std::vector<Dim>> sizes = mender.content(node.input(1));
  return sizes ? std::optional(Target{std::move(*sizes), zero_copies}) : std::nullopt;
}

/// The shape that Reshape makes of `input`; nothing where that cannot be said.
std::optional<Shape> resolve(const Target& target, const Shape& input) {
  Shape shape;
  std::optional<size_t> rest;
  Dim product = 1;
  for (size_t i = 0; i < target.sizes.size(); ++i) {
    Dim size = target.sizes[i];
    if (size.is(0) && target.zero_copies) {
      if (i >= input.size()) return std::nullopt;
      size = input[i];
    }
    if (size.is(-1)) {
      if (rest) return std::nullopt;
      rest = i;
    } else {
      product = product * size;
    }
    shape.push_back(size);
  }
  if (rest) {
    const std::optional<Dim> size = exact_div(num_elements(input), product);
    if (!size) return std::nullopt;
    shape[*rest] = *size;
  }
  return shape;
}

bool equal(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Dim& x, const Dim& y) { return x == y; });
}

/// Of the places where the batch can be after the Reshape, the one that is meant.
const Place& choose(const std::vector<Place>& places, const std::optional<Shape>& as_it_is, const Shape& before,
                    size_t axis, const Dim& batch) {
  // A batch of 1 may be any of several axes of size 1. One that the target gives right already is the best guess, the
  // axis where it was before the next; an axis that is the batch alone goes before one that merges it with others.
  const auto rank = [&](const Place& place) {
    const bool right = as_it_is && equal(*as_it_is, with_batch(before, place, batch));
    return (place.is_plain() ? 0 : 4) + (right ? 0 : place.axis == axis ? 1 : 2);
  };
  return *std::min_element(places.begin(), places.end(),
                           [&](const Place& a, const Place& b) { return rank(a) < rank(b); });
}

/// The target with `wanted` as its result. Prefers what is there, then numbers, then 0 and -1 for a batch that is a
/// symbol; what cannot be said in a constant keeps its symbol.
std::vector<Dim> written(const Target& target, const Shape& input, const Shape& wanted, const Mender& mender) {
  std::vector<Dim> sizes = target.sizes;
  std::optional<size_t> rest;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i].is(-1)) rest = i;
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    const bool copies = sizes[i].is(0) && target.zero_copies;
    const bool right = rest == i || (copies ? input[i] : sizes[i]) == wanted[i];
    if (right) continue;
    sizes[i] = mender.after(wanted[i]);
    if (sizes[i].is_known()) continue;
    if (target.zero_copies && i < input.size() && input[i] == wanted[i]) {
      sizes[i] = 0;
    } else if (!rest) {
      sizes[i] = -1;
      rest = i;
    } else if (wanted[*rest].is_known()) {
      sizes[*rest] = wanted[*rest];
      sizes[i] = -1;
      rest = i;
    }
  }
  return sizes;
}

std::string old_literals(const Target& target, const std::vector<Dim>& sizes, const Mender& mender) {
  std::string text;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Dim& old = target.sizes[i];
    if (!old.is_known() || old.value() < 1 || old == sizes[i]) continue;
    const std::string size = std::to_string(mender.old_size());
    text += ", the literal " + old.to_string() +
            (old.is(mender.old_size()) ? " was the old batch" : " held the old batch " + size);
    break;
  }
  return text;
}

std::string list(const std::vector<Dim>& sizes) { return to_string(Shape(sizes.begin(), sizes.end())); }

void mend(Node& node, Mender& mender, const Target& target, const Shape& input, const Shape& wanted) {
  const std::vector<Dim> sizes = written(target, input, wanted, mender);
  const auto numbers = static_dims(Shape(sizes.begin(), sizes.end()));
  if (numbers) {
    mender.note(node, "shape " + list(target.sizes) + " -> " + list(sizes) + old_literals(target, sizes, mender));
    if (mender.opset() < 5) {
      node.graph().set_attribute(node, Attribute("shape", *numbers));
    } else {
      mender.replace_input(node, 1, mender.add_constant(node, node.input(1)->name(), Tensor::vector(*numbers)));
    }
    return;
  }
  if (mender.opset() < 5) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": its shape would have to be " + escape(list(sizes)) +
                                             ", which an attribute cannot say");
  }
  std::vector<bool> changed(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i) changed[i] = !(sizes[i] == target.sizes[i]);
  std::vector<Dim> values = sizes;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!sizes[i].is_known() && changed[i]) values[i] = wanted[i];
  }
  mender.rewrite_shape_operand(node, 1, values, changed, target.sizes, "shape");
}

void follow_flatten(Node& node, Mender& mender) {
  const Shape* input = mender.shape(node.input(0));
  const std::optional<Place> from = mender.place(node.input(0));
  if (input == nullptr || !from || node.output(0) == nullptr) return;
  const auto rank = static_cast<int64_t>(input->size());
  int64_t axis = node.int_or("axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return;
  const auto split = static_cast<size_t>(axis);
  Dim stride = stride_of(*from, *input);
  Dim outer = from->outer;
  for (size_t i = from->axis < split ? 0 : split; i < from->axis; ++i) outer = outer * (*input)[i];
  if (from->axis < split) {
    const Dim behind = num_elements(Shape(input->begin() + axis, input->end()));
    stride = exact_div(stride, behind).value_or(Dim());
  }
  if (outer.is_unknown() || stride.is_unknown()) return;
  mender.set_place(*node.output(0), {from->axis < split ? size_t{0} : size_t{1}, outer, stride});
}

/// The shape of the input is not known, but the target begins with the old batch: that may or may not be one.
void refuse_lost(const Node& node, const Target& target, const Mender& mender) {
  if (target.sizes.empty() || !target.sizes[0].is(mender.old_size())) return;
  throw Error(ErrorCode::kUnsupported, describe(node) + ": the shape of its input " + quote(node.input(0)->name()) +
                                           " is not known, so whether the literal " +
                                           std::to_string(mender.old_size()) +
                                           " in the target is the batch cannot be told");
}

}  // namespace

void mend_reshape(Node& node, Mender& mender) {
  if (node.is("Flatten")) return follow_flatten(node, mender);
  const Value* output = node.output(0);
  const Shape* input = mender.shape(node.input(0));
  const std::optional<Target> target = target_of(node, mender);
  if (output == nullptr || !target) return;
  const std::optional<Place> from = mender.place(node.input(0));
  if (input == nullptr || !from) {
    if (mender.is_lost(node.input(0))) refuse_lost(node, *target, mender);
    return;
  }
  Target target_before = *target;
  for (Dim& size : target_before.sizes) size = mender.before(size);
  const Shape input_before = mender.before(*input);
  const std::optional<Shape> before = resolve(target_before, input_before);
  if (!before) return;

  const std::vector<Place> places = places_of(*before, mender.old_size(), stride_of(*from, *input));
  if (places.empty()) {
    throw no_other_batch(mender, node,
                         "turns " + to_string(input_before) + " into " + to_string(*before) +
                             ", which mixes the batch with other dimensions");
  }
  const std::optional<Shape> as_it_is = resolve(*target, *input);
  const Place& place = choose(places, as_it_is, *before, from->axis, mender.symbol());
  const Shape wanted = with_batch(*before, place, mender.symbol());
  mender.set_place(*output, place);
  if (as_it_is && equal(*as_it_is, wanted)) return;
  mend(node, mender, *target, *input, wanted);
  mender.settle(node, *output, wanted);
}

}  // namespace surgery::batch
