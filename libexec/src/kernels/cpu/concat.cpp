// Concat and Split: tensors joined along an axis, and taken apart again.

#include <numeric>
#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Copies between a part (rows of `part_row` elements) and its place in a whole (rows of `whole_row` elements).
template <typename T>
void copy_rows(int64_t rows, int64_t row, const T* source, int64_t source_row, T* target, int64_t target_row) {
  const int64_t extents[] = {rows, row};
  const int64_t source_strides[] = {source_row, 1};
  const int64_t target_strides[] = {target_row, 1};
  copy_strided<T>(extents, source, source_strides, target, target_strides);
}

void concat(KernelContext& context) {
  const Tensor& first = context.input(0);
  if (context.opset() >= 4 && context.attribute("axis") == nullptr) context.fail("attribute axis is missing");
  const int64_t axis = normal_axis(context, context.attr_int("axis", 1), first.rank());
  const auto index = static_cast<size_t>(axis);
  Dims dims = first.dims();
  for (size_t i = 1; i < context.num_inputs(); ++i) {
    const Tensor& input = context.input(i);
    bool fits = input.type() == first.type() && input.rank() == first.rank();
    for (size_t k = 0; fits && k < dims.size(); ++k) fits = k == index || input.dims()[k] == dims[k];
    if (!fits) {
      context.fail("input " + std::to_string(i) + " is " + std::string(to_string(input.type())) +
                   dims_text(input.dims()) + ", which cannot be joined to " + std::string(to_string(first.type())) +
                   dims_text(first.dims()) + " along axis " + std::to_string(axis));
    }
    dims[index] = checked_add(context, dims[index], input.dims()[index]);
  }
  Tensor& output = context.output(0, first.type(), dims);
  const int64_t rows = product(dims, 0, axis);
  const int64_t inner = product(dims, axis + 1, first.rank());
  dispatch_movable(context, first.type(), [&]<typename T>() {
    T* target = mutable_elements<T>(output).data();
    for (size_t i = 0; i < context.num_inputs(); ++i) {
      const Tensor& input = context.input(i);
      if (input.num_elements() == 0) continue;
      const int64_t row = input.dims()[index] * inner;
      copy_rows(rows, row, elements<T>(input).data(), row, target, dims[index] * inner);
      target += row;
    }
  });
}

/// How long each part is: as the attribute or input `split` says, otherwise as equal as can be.
Dims part_lengths(const KernelContext& context, int64_t length) {
  const auto parts = static_cast<int64_t>(context.num_outputs());
  Dims lengths;
  if (context.has_input(1)) {
    lengths = context.int_values(1);
  } else if (context.opset() < 13) {
    lengths = context.attr_ints("split");
  }
  if (lengths.empty() && context.opset() >= 18 && context.attribute("num_outputs") != nullptr) {
    const int64_t wanted = context.attr_int("num_outputs", 0);
    if (wanted != parts) {
      context.fail("num_outputs is " + std::to_string(wanted) + ", the node has " + std::to_string(parts));
    }
    // Equal parts, the last one smaller where it does not come out even.
    const int64_t part = length / parts + (length % parts != 0 ? 1 : 0);
    for (int64_t i = 0; i < parts; ++i) lengths.push_back(std::clamp<int64_t>(length - i * part, 0, part));
  } else if (lengths.empty()) {
    if (length % parts != 0) {
      context.fail("a length of " + std::to_string(length) + " cannot be split into " + std::to_string(parts) +
                   " equal parts");
    }
    lengths.assign(static_cast<size_t>(parts), length / parts);
  }
  int64_t sum = 0;
  for (const int64_t part : lengths) {
    if (part < 0) context.fail("split " + dims_text(lengths) + " has a negative length");
    sum = checked_add(context, sum, part);
  }
  if (sum != length || static_cast<int64_t>(lengths.size()) != parts) {
    context.fail("split " + dims_text(lengths) + " does not give " + std::to_string(parts) + " parts of a length of " +
                 std::to_string(length));
  }
  return lengths;
}

void split(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  const auto index = static_cast<size_t>(axis);
  const Dims lengths = part_lengths(context, data.dims()[index]);
  const int64_t rows = product(data.dims(), 0, axis);
  const int64_t inner = product(data.dims(), axis + 1, data.rank());
  int64_t offset = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    Dims dims = data.dims();
    dims[index] = lengths[i];
    if (context.has_output(i)) {
      Tensor& output = context.output(i, data.type(), dims);
      if (output.num_elements() > 0) {
        dispatch_movable(context, data.type(), [&]<typename T>() {
          const int64_t row = lengths[i] * inner;
          copy_rows(rows, row, elements<T>(data).data() + offset, data.dims()[index] * inner,
                    mutable_elements<T>(output).data(), row);
        });
      }
    }
    offset += lengths[i] * inner;
  }
}

constexpr Kernel kKernels[] = {
    {"Concat", "", 1, kLatest, kMovableTypes, 0, concat},
    {"Concat", "", 1, kLatest, kPackedTypes, 0, unpacked<concat>},
    {"Split", "", 1, kLatest, kMovableTypes, 0, split},
    {"Split", "", 1, kLatest, kPackedTypes, 0, unpacked<split>},
};

}  // namespace

std::span<const Kernel> concat_kernels() { return kKernels; }

}  // namespace exec::cpu
