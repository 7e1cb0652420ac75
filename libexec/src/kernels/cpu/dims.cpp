#include "kernels/cpu/dims.h"

#include <algorithm>

namespace exec::cpu {

std::string dims_text(std::span<const int64_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(dims[i]);
  }
  return text + "]";
}

int64_t normal_axis(const KernelContext& context, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    context.fail("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  return axis < 0 ? axis + rank : axis;
}

Dims normal_axes(const KernelContext& context, Dims axes, int64_t rank) {
  std::vector<bool> seen(static_cast<size_t>(rank), false);
  for (int64_t& axis : axes) {
    axis = normal_axis(context, axis, rank);
    if (seen[static_cast<size_t>(axis)]) context.fail("axis " + std::to_string(axis) + " is listed twice");
    seen[static_cast<size_t>(axis)] = true;
  }
  return axes;
}

int64_t product(std::span<const int64_t> dims) {
  // A shape with a 0 among huge dims is legal and its partial products may overflow: look for the 0 first.
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return 0;
  uint64_t result = 1;
  for (const int64_t dim : dims) result *= static_cast<uint64_t>(dim);
  return static_cast<int64_t>(result);
}

int64_t checked_add(const KernelContext& context, int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) {
    context.fail("size overflow: " + std::to_string(a) + " + " + std::to_string(b));
  }
  return result;
}

int64_t checked_mul(const KernelContext& context, int64_t a, int64_t b) {
  int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) {
    context.fail("size overflow: " + std::to_string(a) + " * " + std::to_string(b));
  }
  return result;
}

Dims contiguous_strides(std::span<const int64_t> dims) {
  Dims strides(dims.size());
  uint64_t stride = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(dims[i]);
  }
  return strides;
}

Dims broadcast_dims(const KernelContext& context, std::span<const Dims> shapes) {
  size_t rank = 0;
  for (const Dims& shape : shapes) rank = std::max(rank, shape.size());
  Dims result(rank, 1);
  bool fits = true;
  for (const Dims& shape : shapes) {
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t& target = result[rank - shape.size() + i];
      if (target == 1) target = shape[i];
      fits = fits && (shape[i] == 1 || shape[i] == target);
    }
  }
  if (!fits) {
    std::string text;
    for (const Dims& shape : shapes) text += (text.empty() ? "" : ", ") + dims_text(shape);
    context.fail("shapes " + text + " do not broadcast to one shape");
  }
  return result;
}

Dims broadcast_strides(std::span<const int64_t> dims, std::span<const int64_t> target) {
  Dims strides = contiguous_strides(dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 1) strides[i] = 0;
  }
  strides.insert(strides.begin(), target.size() - dims.size(), 0);
  return strides;
}

void require_rank(const KernelContext& context, size_t input, int64_t rank) {
  const int64_t found = context.input(input).rank();
  if (found != rank) {
    context.fail("input " + std::to_string(input) + " has rank " + std::to_string(found) + ", expected " +
                 std::to_string(rank));
  }
}

}  // namespace exec::cpu
