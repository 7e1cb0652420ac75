// DepthToSpace and SpaceToDepth: channels to blocks of pixels and back, [N, C, H, W].

#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

int64_t block_size(const KernelContext& context) {
  const int64_t block = context.attr_int("blocksize", 0);
  if (block < 1 || block > 65536) context.fail("blocksize is " + std::to_string(block) + ", expected 1 or more");
  return block;
}

/// Whether mode is DCR (the block's place is the outer part of a channel number) rather than CRD (the inner part).
bool is_depth_first(const KernelContext& context) {
  const std::string mode = context.attr_string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") context.fail("mode is '" + mode + "', expected DCR or CRD");
  return mode == "DCR";
}

/// Walks source axes in the order `perm` into a contiguous target.
void rearrange(KernelContext& context, const Dims& source_dims, const std::vector<size_t>& perm, Dims target_dims) {
  const Tensor& data = context.input(0);
  Tensor& output = context.output(0, data.type(), std::move(target_dims));
  const Dims strides = contiguous_strides(source_dims);
  Dims extents;
  Dims source_strides;
  for (const size_t axis : perm) {
    extents.push_back(source_dims[axis]);
    source_strides.push_back(strides[axis]);
  }
  dispatch_movable(context, data.type(), [&]<typename T>() {
    copy_strided(extents, elements<T>(data).data(), source_strides, mutable_elements<T>(output).data(),
                 contiguous_strides(extents));
  });
}

void depth_to_space(KernelContext& context) {
  require_rank(context, 0, 4);
  const Dims& dims = context.input(0).dims();
  const int64_t block = block_size(context);
  const bool depth_first = is_depth_first(context);
  if (dims[1] % (block * block) != 0) {
    context.fail(std::to_string(dims[1]) + " channels are no multiple of the block's " + std::to_string(block * block));
  }
  const int64_t channels = dims[1] / (block * block);
  Dims target = {dims[0], channels, checked_mul(context, dims[2], block), checked_mul(context, dims[3], block)};
  if (depth_first) {
    rearrange(context, {dims[0], block, block, channels, dims[2], dims[3]}, {0, 3, 4, 1, 5, 2}, std::move(target));
  } else {
    rearrange(context, {dims[0], channels, block, block, dims[2], dims[3]}, {0, 1, 4, 2, 5, 3}, std::move(target));
  }
}

void space_to_depth(KernelContext& context) {
  require_rank(context, 0, 4);
  const Dims& dims = context.input(0).dims();
  const int64_t block = block_size(context);
  if (dims[2] % block != 0 || dims[3] % block != 0) {
    context.fail("spatial dims of " + dims_text(dims) + " are no multiples of " + std::to_string(block));
  }
  const int64_t rows = dims[2] / block;
  const int64_t columns = dims[3] / block;
  const std::vector<size_t> perm =
      is_depth_first(context) ? std::vector<size_t>{0, 3, 5, 1, 2, 4} : std::vector<size_t>{0, 1, 3, 5, 2, 4};
  rearrange(context, {dims[0], dims[1], rows, block, columns, block}, perm,
            {dims[0], checked_mul(context, dims[1], block * block), rows, columns});
}

constexpr Kernel kKernels[] = {
    {"DepthToSpace", "", 1, kLatest, kMovableTypes, 0, depth_to_space},
    {"SpaceToDepth", "", 1, kLatest, kMovableTypes, 0, space_to_depth},
};

}  // namespace

std::span<const Kernel> depth_space_kernels() { return kKernels; }

}  // namespace exec::cpu
