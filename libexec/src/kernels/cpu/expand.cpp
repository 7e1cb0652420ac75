// Expand and Tile: elements repeated along axes.

#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

void expand(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Dims wanted = context.int_values(1);
  for (const int64_t dim : wanted) {
    if (dim < 0) context.fail("shape " + dims_text(wanted) + " has a negative dim");
  }
  const Dims shapes[] = {data.dims(), wanted};
  const Dims dims = broadcast_dims(context, shapes);
  if (dims == data.dims()) return context.set_output(0, data);
  Tensor& output = context.output(0, data.type(), dims);
  dispatch_movable(context, data.type(), [&]<typename T>() {
    copy_strided(dims, elements<T>(data).data(), broadcast_strides(data.dims(), dims),
                 mutable_elements<T>(output).data(), contiguous_strides(dims));
  });
}

/// Repeats the whole tensor `repeats[k]` times along axis k.
void repeat(KernelContext& context, const Dims& repeats) {
  const Tensor& data = context.input(0);
  Dims dims = data.dims();
  Dims extents;  // two loop axes per axis: which copy, and where inside it
  Dims source_strides;
  const Dims strides = contiguous_strides(dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (repeats[i] < 0) context.fail("repeats " + dims_text(repeats) + " has a negative number");
    extents.push_back(repeats[i]);
    source_strides.push_back(0);
    extents.push_back(dims[i]);
    source_strides.push_back(strides[i]);
    dims[i] = checked_mul(context, dims[i], repeats[i]);
  }
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  dispatch_movable(context, data.type(), [&]<typename T>() {
    copy_strided(extents, elements<T>(data).data(), source_strides, mutable_elements<T>(output).data(),
                 contiguous_strides(extents));
  });
}

void tile(KernelContext& context) {
  const Dims repeats = context.int_values(1);
  const int64_t rank = context.input(0).rank();
  if (static_cast<int64_t>(repeats.size()) != rank) {
    context.fail("there are " + std::to_string(repeats.size()) + " repeats for rank " + std::to_string(rank));
  }
  repeat(context, repeats);
}

/// Version 1: one axis (input 2) and its number of copies (input 1).
void tile_axis(KernelContext& context) {
  const Tensor& data = context.input(0);
  const auto scalar = [&](size_t index) {
    const std::optional<std::vector<double>> values = context.input(index).to_doubles(1);
    if (!values || values->size() != 1) context.fail("input " + std::to_string(index) + " is no scalar");
    return static_cast<int64_t>(std::clamp((*values)[0], -0x1p62, 0x1p62));
  };
  Dims repeats(data.dims().size(), 1);
  repeats[static_cast<size_t>(normal_axis(context, scalar(2), data.rank()))] = scalar(1);
  repeat(context, repeats);
}

constexpr Kernel kKernels[] = {
    {"Expand", "", 8, kLatest, kMovableTypes, 0, expand},
    {"Expand", "", 8, kLatest, kPackedTypes, 0, unpacked<expand>},
    {"Tile", "", 1, 5, kMovableTypes, 0, tile_axis},
    {"Tile", "", 6, kLatest, kMovableTypes, 0, tile},
    {"Tile", "", 6, kLatest, kPackedTypes, 0, unpacked<tile>},
};

}  // namespace

std::span<const Kernel> expand_kernels() { return kKernels; }

}  // namespace exec::cpu
