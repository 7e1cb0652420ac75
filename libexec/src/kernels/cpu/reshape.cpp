// Operators that give the same elements other dims: Reshape, Flatten, Squeeze, Unsqueeze, Identity.
// The elements are shared, not copied.

#include <algorithm>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

/// A list of axes from the attribute before version 13, from input 1 since.
Dims axes_of(const KernelContext& context) {
  return context.opset() < 13 ? context.attr_ints("axes") : context.has_input(1) ? context.int_values(1) : Dims{};
}

void reshape(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Dims wanted = context.opset() < 5 ? context.attr_ints("shape") : context.int_values(1);
  const bool allow_zero = context.attr_int("allowzero", 0) != 0;
  const auto refuse = [&](const std::string& why) {
    context.fail("cannot reshape " + dims_text(data.dims()) + " to " + dims_text(wanted) + ": " + why);
  };
  Dims dims = wanted;
  size_t inferred = dims.size();
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !allow_zero) {
      if (i >= data.dims().size()) refuse("0 stands for a dim that the input does not have");
      dims[i] = data.dims()[i];
    } else if (dims[i] == -1) {
      if (inferred != dims.size()) refuse("-1 is there twice");
      inferred = i;
      dims[i] = 1;
    } else if (dims[i] < 0) {
      refuse("a dim is negative");
    }
  }
  const std::optional<int64_t> count = surgery::checked_product(dims);
  if (!count) refuse("the number of elements overflows");
  if (inferred != dims.size()) {
    if (*count == 0) {
      // No dim can be told from 0 elements; what is left of 0 is 0.
      if (data.num_elements() != 0) refuse("the numbers of elements differ");
      if (allow_zero) refuse("-1 beside a 0 that is kept has no one answer");
      dims[inferred] = 0;
    } else {
      if (data.num_elements() % *count != 0) refuse("the numbers of elements differ");
      dims[inferred] = data.num_elements() / *count;
    }
  } else if (*count != data.num_elements()) {
    refuse("the numbers of elements differ");
  }
  context.set_output(0, data.reshaped(std::move(dims)));
}

void flatten(KernelContext& context) {
  const Tensor& data = context.input(0);
  int64_t axis = context.attr_int("axis", 1);
  const int64_t rank = data.rank();
  const int64_t lowest = context.opset() < 11 ? 0 : -rank;
  if (axis < lowest || axis > rank) {
    context.fail("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  if (axis < 0) axis += rank;
  context.set_output(0, data.reshaped({product(data.dims(), 0, axis), product(data.dims(), axis, rank)}));
}

void squeeze(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Dims axes = normal_axes(context, axes_of(context), data.rank());
  const bool has_axes = context.opset() < 13 ? context.attribute("axes") != nullptr : context.has_input(1);
  Dims dims;
  for (int64_t axis = 0; axis < data.rank(); ++axis) {
    const int64_t dim = data.dims()[static_cast<size_t>(axis)];
    const bool listed = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (listed && dim != 1) {
      context.fail("axis " + std::to_string(axis) + " of " + dims_text(data.dims()) +
                   " cannot be squeezed, it is not 1");
    }
    if (has_axes ? !listed : dim != 1) dims.push_back(dim);
  }
  context.set_output(0, data.reshaped(std::move(dims)));
}

void unsqueeze(KernelContext& context) {
  const Tensor& data = context.input(0);
  Dims axes = axes_of(context);
  if (context.opset() >= 13) context.input(1);
  const int64_t rank = data.rank() + static_cast<int64_t>(axes.size());
  axes = normal_axes(context, std::move(axes), rank);
  std::sort(axes.begin(), axes.end());
  Dims dims = data.dims();
  for (const int64_t axis : axes) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  context.set_output(0, data.reshaped(std::move(dims)));
}

void identity(KernelContext& context) { context.set_output(0, context.input(0)); }

constexpr Kernel kKernels[] = {
    {"Flatten", "", 1, kLatest, kAllTypes, 0, flatten},     {"Identity", "", 1, kLatest, kAllTypes, 0, identity},
    {"Reshape", "", 1, kLatest, kAllTypes, 0, reshape},     {"Squeeze", "", 1, kLatest, kAllTypes, 0, squeeze},
    {"Unsqueeze", "", 1, kLatest, kAllTypes, 0, unsqueeze},
};

}  // namespace

std::span<const Kernel> reshape_kernels() { return kKernels; }

}  // namespace exec::cpu
