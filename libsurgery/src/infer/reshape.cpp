#include <algorithm>
#include <numeric>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/text.h"

/// Operators that keep the elements and change the dims: Reshape, Flatten, Squeeze, Unsqueeze, Transpose, DepthToSpace,
/// SpaceToDepth.
namespace surgery::infer {
namespace {

/// total / part where the operator guarantees that it comes out even.
Dim quotient(const Dim& total, const Dim& part) {
  if (part.is(0)) return {};
  const std::optional<Dim> exact = exact_div(total, part);
  return exact ? *exact : floor_div(total, part);
}

/// Reshape-1 takes the target as an attribute.
std::optional<Shape> reshape_target(InferContext& c) {
  if (c.opset() >= 5) return shape_from_input(c, 1);
  const std::vector<int64_t>* shape = c.ints("shape");
  return shape != nullptr ? std::optional(Shape(shape->begin(), shape->end())) : std::nullopt;
}

void infer_reshape(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  std::optional<Shape> target = reshape_target(c);
  if (!target) return;
  const Shape* data = c.shape(0);
  const bool allow_zero = c.int_or("allowzero", 0) != 0;
  std::optional<size_t> open;  // the one dim that follows from the others
  size_t num_open = 0;
  for (size_t i = 0; i < target->size(); ++i) {
    Dim& dim = (*target)[i];
    if (dim.is(0) && !allow_zero) {
      if (data == nullptr) {
        dim = Dim();
      } else if (i >= data->size()) {
        return c.fail("the target copies dim " + std::to_string(i) + " of an input of rank " +
                      std::to_string(data->size()));
      } else {
        dim = (*data)[i];
        continue;
      }
    }
    if (dim.is(-1)) {
      if (open && (*target)[*open].is(-1)) return c.fail("the target has more than one -1");
      open = i;
    } else if (dim.is_known() && dim.value() < -1) {
      return c.fail("the target holds " + dim.to_string());
    }
    if (dim.is(-1) || dim.is_unknown()) {
      ++num_open;
      if (!open) open = i;
    }
  }
  const bool has_wildcard = open && (*target)[*open].is(-1);
  const Dim total = data != nullptr ? num_elements(*data) : Dim();
  if (open && num_open == 1) {
    Dim& dim = (*target)[*open];
    dim = Dim(1);
    const Dim rest = num_elements(*target);
    if (has_wildcard && total.is_known() && rest.is_known() && rest.value() != 0 && total.value() % rest.value() != 0) {
      return c.fail("cannot reshape " + total.to_string() + " elements into rows of " + rest.to_string());
    }
    dim = quotient(total, rest);
  } else if (open) {
    for (Dim& dim : *target) {
      if (dim.is(-1)) dim = Dim();
    }
  } else if (proven_different(total, num_elements(*target))) {
    return c.fail("cannot reshape " + escape(to_string(*data)) + " into " + escape(to_string(*target)));
  }
  c.set(0, type, std::move(target));
  if (const std::vector<Dim>* content = c.content(0)) c.set_content(0, *content);
}

void infer_flatten(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(2));
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  const int64_t axis = c.int_or("axis", 1);
  if (axis > rank || axis < -rank) {
    return c.fail("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  const auto split = data->begin() + (axis < 0 ? axis + rank : axis);
  c.set(0, type, Shape{num_elements({data->begin(), split}), num_elements({split, data->end()})});
  if (const std::vector<Dim>* content = c.content(0)) c.set_content(0, *content);
}

void infer_squeeze(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  bool present = false;
  const std::optional<std::vector<int64_t>> axes = axes_of(c, 1, 13, rank, present);
  if (c.failed()) return;
  if (!axes) {
    const std::optional<int64_t> count = length_of(c, 1);
    if (count && *count <= rank) c.set(0, type, unknown_dims(static_cast<size_t>(rank - *count)));
    return;
  }
  Shape shape;
  if (!present) {
    // Every dim of 1 goes; that some dim is 1 has to be known.
    for (const Dim& dim : *data) {
      if (dim.is(1)) continue;
      if (!proven_different(dim, Dim(1))) return;
      shape.push_back(dim);
    }
  } else {
    std::vector<bool> dropped(data->size());
    for (const int64_t axis : *axes) {
      dropped[static_cast<size_t>(axis)] = true;
      const Dim& dim = (*data)[static_cast<size_t>(axis)];
      if (proven_different(dim, Dim(1))) {
        return c.fail("axis " + std::to_string(axis) + " of " + escape(to_string(*data)) + " is not 1");
      }
    }
    for (size_t i = 0; i < data->size(); ++i) {
      if (!dropped[i]) shape.push_back((*data)[i]);
    }
  }
  c.set(0, type, std::move(shape));
  if (const std::vector<Dim>* content = c.content(0)) c.set_content(0, *content);
}

void infer_unsqueeze(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const std::vector<int64_t>* attribute = c.opset() < 13 ? c.ints("axes") : nullptr;
  const std::optional<int64_t> count =
      attribute != nullptr ? std::optional(static_cast<int64_t>(attribute->size())) : length_of(c, 1);
  if (!count) return;
  const int64_t rank = static_cast<int64_t>(data->size()) + *count;
  bool present = false;
  const std::optional<std::vector<int64_t>> axes = axes_of(c, 1, 13, rank, present);
  if (c.failed()) return;
  if (!axes) return c.set(0, type, unknown_dims(static_cast<size_t>(rank)));
  std::vector<bool> added(static_cast<size_t>(rank));
  for (const int64_t axis : *axes) added[static_cast<size_t>(axis)] = true;
  // Not as many as counted: axes that are no list, which the operator does not take.
  if (std::count(added.begin(), added.end(), true) != *count) return;
  Shape shape;
  auto next = data->begin();
  for (const bool is_new : added) shape.push_back(is_new ? Dim(1) : *next++);
  c.set(0, type, std::move(shape));
  if (const std::vector<Dim>* content = c.content(0)) c.set_content(0, *content);
}

void infer_transpose(InferContext& c) {
  const DataType type = c.element_type(0);
  const std::vector<int64_t>* perm = c.ints("perm");
  const Shape* data = c.shape(0);
  if (data == nullptr) {
    if (perm != nullptr && perm->size() <= 1024) {
      c.set(0, type, unknown_dims(perm->size()));
    } else {
      c.set(0, type);
    }
    return;
  }
  std::vector<int64_t> order(data->size());
  std::iota(order.rbegin(), order.rend(), 0);
  if (perm != nullptr) {
    std::vector<int64_t> sorted = *perm;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int64_t> expected(data->size());
    std::iota(expected.begin(), expected.end(), 0);
    if (sorted != expected) return c.fail("perm is no permutation of " + std::to_string(data->size()) + " axes");
    order = *perm;
  }
  Shape shape;
  for (const int64_t axis : order) shape.push_back((*data)[static_cast<size_t>(axis)]);
  c.set(0, type, std::move(shape));
  const std::vector<Dim>* content = c.content(0);
  const std::optional<std::vector<int64_t>> dims = static_dims(*data);
  if (content != nullptr && dims) c.set_content(0, permuted(*content, *dims, order));
}

void infer_depth_to_space(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(4));
  const int64_t block = c.int_or("blocksize", 0);
  if (block < 1 || block > INT32_MAX) return c.fail("blocksize is " + std::to_string(block));
  if (!require_rank(c, 0, 4, "input")) return;
  const Dim area = Dim(block * block);
  if (proven_different(c.dim(0, 1) - floor_div(c.dim(0, 1), area) * area, Dim(0))) {
    return c.fail(c.dim(0, 1).to_string() + " channels are no multiple of " + area.to_string());
  }
  c.set(0, type, Shape{c.dim(0, 0), floor_div(c.dim(0, 1), area), c.dim(0, 2) * Dim(block), c.dim(0, 3) * Dim(block)});
}

void infer_space_to_depth(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type, unknown_dims(4));
  const int64_t block = c.int_or("blocksize", 0);
  if (block < 1 || block > INT32_MAX) return c.fail("blocksize is " + std::to_string(block));
  if (!require_rank(c, 0, 4, "input")) return;
  for (const size_t axis : {size_t{2}, size_t{3}}) {
    if (c.dim(0, axis).is_known() && c.dim(0, axis).value() % block != 0) {
      return c.fail("size " + c.dim(0, axis).to_string() + " is no multiple of " + std::to_string(block));
    }
  }
  c.set(0, type,
        Shape{c.dim(0, 0), c.dim(0, 1) * Dim(block * block), floor_div(c.dim(0, 2), Dim(block)),
              floor_div(c.dim(0, 3), Dim(block))});
}

constexpr Operator kOperators[] = {
    {"DepthToSpace", infer_depth_to_space}, {"Flatten", infer_flatten}, {"Reshape", infer_reshape},
    {"SpaceToDepth", infer_space_to_depth}, {"Squeeze", infer_squeeze}, {"Transpose", infer_transpose},
    {"Unsqueeze", infer_unsqueeze},
};

}  // namespace

std::span<const Operator> reshape_operators() { return kOperators; }

}  // namespace surgery::infer
