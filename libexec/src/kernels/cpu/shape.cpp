// Shape and Size: what a tensor's dims are.

#include <algorithm>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

void shape(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t rank = data.rank();
  // Both ends count from the back when negative and are cut to the range, as in Python slices.
  const auto cut = [rank](int64_t end) { return std::clamp<int64_t>(end < 0 ? end + rank : end, 0, rank); };
  const bool slices = context.opset() >= 15;
  const int64_t start = slices ? cut(context.attr_int("start", 0)) : 0;
  const int64_t end = slices ? cut(context.attr_int("end", rank)) : rank;
  Dims dims;
  if (start < end) dims.assign(data.dims().begin() + start, data.dims().begin() + end);
  context.set_output(0, Tensor::vector(dims));
}

void size(KernelContext& context) { context.set_output(0, Tensor::scalar(context.input(0).num_elements())); }

constexpr Kernel kKernels[] = {
    {"Shape", "", 1, kLatest, kAllTypes, 0, shape},
    {"Size", "", 1, kLatest, kAllTypes, 0, size},
};

}  // namespace

std::span<const Kernel> shape_kernels() { return kKernels; }

}  // namespace exec::cpu
