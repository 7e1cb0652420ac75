// CenterCropPad-18: each axis cut or filled with zeros to its new extent, the middle kept.

#include <algorithm>
#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

void center_crop_pad(KernelContext& context) {
  const Tensor& x = context.input(0);
  Dims axes = context.attr_ints("axes");
  if (context.attribute("axes") == nullptr) {
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  }
  axes = normal_axes(context, axes, x.rank());
  const std::vector<int64_t> shape = context.int_values(1);
  if (shape.size() != axes.size()) {
    context.fail("shape has " + std::to_string(shape.size()) + " extents for " + std::to_string(axes.size()) + " axes");
  }
  Dims dims = x.dims();
  for (size_t i = 0; i < axes.size(); ++i) {
    if (shape[i] < 0) context.fail("shape is " + dims_text(shape) + ", expected no negative extents");
    dims[static_cast<size_t>(axes[i])] = shape[i];
  }
  Tensor& y = context.output(0, x.type(), dims);
  Dims kept(dims.size());
  const Dims source_strides = contiguous_strides(x.dims());
  const Dims target_strides = contiguous_strides(dims);
  int64_t source_offset = 0;
  int64_t target_offset = 0;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const int64_t before = x.dims()[axis];
    kept[axis] = std::min(before, dims[axis]);
    source_offset += (before - kept[axis]) / 2 * source_strides[axis];
    target_offset += (dims[axis] - kept[axis]) / 2 * target_strides[axis];
  }
  if (std::find(kept.begin(), kept.end(), 0) != kept.end()) return;
  dispatch_movable(context, x.type(), [&]<typename T>() {
    copy_strided(kept, elements<T>(x).data() + source_offset, source_strides,
                 mutable_elements<T>(y).data() + target_offset, target_strides);
  });
}

constexpr Kernel kKernels[] = {
    {"CenterCropPad", "", 18, kLatest, kMovableTypes, 0, center_crop_pad},
};

}  // namespace

std::span<const Kernel> center_crop_pad_kernels() { return kKernels; }

}  // namespace exec::cpu
