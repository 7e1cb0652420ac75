#include <algorithm>
#include <set>

#include "edit/dims/mender.h"
#include "surgery/text.h"

/// Reshape keeps the order of the elements, so the number of elements between two neighbours along a freed dimension
/// says where it must be in the result. A target that says something else there holds the old size as a literal.
namespace surgery::dims {
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

/// Of the places where a factor can be after the Reshape, the one that is meant.
const Place& choose(const std::vector<Place>& places, const std::optional<Shape>& as_it_is, const Dim& factor,
                    size_t axis, size_t num_axes, size_t num_kept) {
  // A size of 1 may be any of several axes of size 1. Leading axes that keep their sizes stay what they are. Otherwise
  // one that the target gives right already is the best guess, the axis where it was before the next; an axis that is
  // the factor alone goes before one that merges it with others.
  const std::set<std::string> symbols = factor.symbols();
  const auto is_there = [&](const Place& place) {
    const std::set<std::string> held = (*as_it_is)[place.axis].symbols();
    return std::includes(held.begin(), held.end(), symbols.begin(), symbols.end());
  };
  // The last axis, of features, is the worst.
  const auto rank = [&](const Place& place) {
    const bool is_another = place.is_plain() && place.axis != axis && std::max(place.axis, axis) < num_kept;
    if (is_another) return 3;
    const bool right = as_it_is && place.axis < as_it_is->size() && is_there(place);
    const bool is_merged_last = !place.is_plain() && place.axis + 1 == num_axes;
    return (place.is_plain() ? 0 : 4) + (right ? 0 : is_merged_last ? 3 : place.axis == axis ? 1 : 2);
  };
  return *std::min_element(places.begin(), places.end(),
                           [&](const Place& a, const Place& b) { return rank(a) < rank(b); });
}

/// The freed factors of a tensor, put in their places in a tensor of the shape `before`.
std::optional<std::vector<Placed>> place_factors(const Value& input, const Shape& before,
                                                 const std::optional<Shape>& as_it_is, const Mender& mender) {
  struct Positioned {
    Dim factor;
    size_t axis;
    Dim stride;
  };
  std::vector<Positioned> freed;
  const Shape& shape = *mender.shape(&input);
  Dim stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    const Factors factors = mender.factors(&input, axis);
    for (size_t i = factors.size(); i-- > 0;) {
      if (mender.is_freed(factors[i])) freed.push_back({factors[i], axis, stride});
      stride = stride * mender.before(factors[i]);
    }
  }
  const Shape shape_before = mender.before(shape);
  size_t num_kept = 0;
  while (num_kept < std::min(before.size(), shape.size()) && before[num_kept] == shape_before[num_kept]) ++num_kept;
  std::vector<Placed> placed;
  for (size_t i = freed.size(); i-- > 0;) {
    const Dim size = mender.before(freed[i].factor);
    const std::vector<Place> places = places_of(before, size, freed[i].stride);
    if (places.empty()) return std::nullopt;
    placed.push_back(
        {freed[i].factor, size, choose(places, as_it_is, freed[i].factor, freed[i].axis, before.size(), num_kept)});
  }
  return placed;
}

/// The target with `wanted` as its result. Prefers what is there, then numbers, then 0 and -1 for a size that is a
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

std::string old_literals(const Target& target, const std::vector<Dim>& sizes, const Shape& wanted,
                         const Mender& mender) {
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Dim& old = target.sizes[i];
    if (!old.is_known() || old.value() < 1 || old == sizes[i]) continue;
    return mender.origin(old.value(), wanted[i]);
  }
  return {};
}

std::string list(const std::vector<Dim>& sizes) { return to_string(Shape(sizes.begin(), sizes.end())); }

void mend(Node& node, Mender& mender, const Target& target, const Shape& input, const Shape& wanted) {
  const std::vector<Dim> sizes = written(target, input, wanted, mender);
  const auto numbers = static_dims(Shape(sizes.begin(), sizes.end()));
  if (numbers) {
    mender.note(node,
                "shape " + list(target.sizes) + " -> " + list(sizes) + old_literals(target, sizes, wanted, mender));
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

void append(Factors& factors, const Factors& more) { factors.insert(factors.end(), more.begin(), more.end()); }

void follow_flatten(Node& node, Mender& mender) {
  const Value* output = node.output(0);
  const Shape* input = mender.shape(node.input(0));
  if (input == nullptr || output == nullptr || mender.shape(output) == nullptr) return;
  const auto rank = static_cast<int64_t>(input->size());
  const int64_t given = node.int_or("axis", 1);
  const int64_t split = given < 0 ? given + rank : given;
  if (split < 0 || split > rank) return;
  Factors sides[2];
  for (int64_t i = 0; i < rank; ++i) {
    append(sides[i < split ? 0 : 1], mender.factors(node.input(0), static_cast<size_t>(i)));
  }
  for (const size_t axis : {size_t{0}, size_t{1}}) {
    std::erase_if(sides[axis], [](const Dim& factor) { return factor.is(1); });
    mender.set_factors(*output, axis, std::move(sides[axis]));
  }
}

/// The shape of the input is not known, but the target begins with an old size: that may or may not be one.
void refuse_lost(const Node& node, const Target& target, const Mender& mender) {
  if (target.sizes.empty()) return;
  for (const FreedDim& freed : mender.freed()) {
    if (!target.sizes[0].is(freed.old_size)) continue;
    throw Error(ErrorCode::kUnsupported, describe(node) + ": the shape of its input " + quote(node.input(0)->name()) +
                                             " is not known, so whether the literal " + std::to_string(freed.old_size) +
                                             " in the target is the " +
                                             (mender.is_per_sample() ? "batch" : "old size") + " cannot be told");
  }
}

/// Whether the target says by itself where the freed sizes go, in elements that are computed from them.
bool is_computed(const std::optional<Shape>& as_it_is, const Shape& before, const Shape& input, const Mender& mender) {
  if (!as_it_is || !equal(mender.before(*as_it_is), before)) return false;
  std::set<std::string> found;
  for (const Dim& dim : *as_it_is) found.merge(dim.symbols());
  for (const Dim& dim : input) {
    for (const std::string& symbol : dim.symbols()) {
      if (!found.contains(symbol)) return false;
    }
  }
  return true;
}

}  // namespace

void mend_reshape(Node& node, Mender& mender) {
  if (node.is("Flatten")) return follow_flatten(node, mender);
  const Value* output = node.output(0);
  const Shape* input = mender.shape(node.input(0));
  const std::optional<Target> target = target_of(node, mender);
  if (output == nullptr || !target) return;
  if (input == nullptr || mender.freed_axes(node.input(0)).empty()) {
    if (mender.is_lost(node.input(0))) refuse_lost(node, *target, mender);
    return;
  }
  Target target_before = *target;
  for (Dim& size : target_before.sizes) size = mender.before(size);
  const Shape input_before = mender.before(*input);
  const std::optional<Shape> before = resolve(target_before, input_before);
  if (!before) return;

  const std::optional<Shape> as_it_is = resolve(*target, *input);
  const auto placed = place_factors(*node.input(0), *before, as_it_is, mender);
  const bool is_plain =
      placed && std::all_of(placed->begin(), placed->end(), [](const Placed& each) { return each.place.is_plain(); });
  if (!is_plain && move_single_batch(node, mender, *before)) return;
  const auto layout = placed ? with_factors(*before, *placed) : std::nullopt;
  if (!layout) {
    if (!mender.is_per_sample() && is_computed(as_it_is, *before, *input, mender)) return;
    if (!static_dims(*before)) {
      throw Error(ErrorCode::kUnsupported, describe(node) + ": turns " + to_string(input_before) + " into " +
                                               to_string(*before) + "; where the " +
                                               (mender.is_per_sample() ? "batch" : "freed dimension") +
                                               " goes cannot be told, since a size is not known");
    }
    throw no_other_size(mender, node,
                        "turns " + to_string(input_before) + " into " + to_string(*before) +
                            (mender.is_per_sample() ? ", which mixes the batch with other dimensions"
                                                    : ", where what was freed is split or merged otherwise"));
  }
  Shape wanted;
  for (size_t axis = 0; axis < layout->size(); ++axis) {
    wanted.push_back(product((*layout)[axis]));
    mender.set_factors(*output, axis, (*layout)[axis]);
  }
  if (as_it_is && equal(*as_it_is, wanted)) return;
  mend(node, mender, *target, *input, wanted);
  mender.settle(node, *output, wanted);
}

}  // namespace surgery::dims
