// Transpose: output axis k is input axis perm[k].

#include <algorithm>
#include <numeric>
#include <string>

#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// A run of output axes that are neighbours, in order, in the input too, as one axis.
struct Axis {
  int64_t extent;
  int64_t source_stride;
  int64_t target_stride;
};

std::vector<Axis> merged_axes(std::span<const int64_t> extents, std::span<const int64_t> source_strides) {
  std::vector<Axis> axes;
  for (size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 1) continue;
    if (!axes.empty() && axes.back().source_stride == source_strides[i] * extents[i]) {
      axes.back() = {axes.back().extent * extents[i], source_strides[i], 0};
    } else {
      axes.push_back({extents[i], source_strides[i], 0});
    }
  }
  int64_t stride = 1;
  for (size_t i = axes.size(); i-- > 0;) {
    axes[i].target_stride = stride;
    stride *= axes[i].extent;
  }
  return axes;
}

/// Turns rows into columns: target[c * target_stride + r] = source[r * source_stride + c], in tiles that stay in cache.
template <typename T>
void transpose_plane(const T* source, int64_t source_stride, T* target, int64_t target_stride, int64_t rows,
                     int64_t columns) {
  constexpr int64_t kTile = 16;
  for (int64_t row = 0; row < rows; row += kTile) {
    const int64_t row_end = std::min(rows, row + kTile);
    for (int64_t column = 0; column < columns; column += kTile) {
      const int64_t column_end = std::min(columns, column + kTile);
      for (int64_t c = column; c < column_end; ++c) {
        for (int64_t r = row; r < row_end; ++r) target[c * target_stride + r] = source[r * source_stride + c];
      }
    }
  }
}

/// The innermost output axis strides through the input: planes of it and of the input's innermost axis are turned.
template <typename T>
void transpose_planes(std::vector<Axis> axes, const T* source, T* target) {
  const Axis row_axis = axes.back();
  axes.pop_back();
  const auto contiguous =
      std::find_if(axes.begin(), axes.end(), [](const Axis& axis) { return axis.source_stride == 1; });
  SURGERY_ASSERT(contiguous != axes.end(), "some axis is the input's innermost");
  const Axis column_axis = *contiguous;
  axes.erase(contiguous);
  int64_t planes = 1;
  for (const Axis& axis : axes) planes *= axis.extent;
  // Columns of all planes, numbered through, are what the threads share.
  const int64_t grain = std::max<int64_t>(16, LoopNest::kGrain / row_axis.extent / 16 * 16);
  const int64_t pieces = (column_axis.extent - 1) / grain + 1;
  parallel_for(planes * pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      int64_t plane = piece / pieces;
      const int64_t column = piece % pieces * grain;
      const T* from = source + column;
      T* to = target + column * column_axis.target_stride;
      for (size_t i = axes.size(); i-- > 0;) {
        from += plane % axes[i].extent * axes[i].source_stride;
        to += plane % axes[i].extent * axes[i].target_stride;
        plane /= axes[i].extent;
      }
      transpose_plane(from, row_axis.source_stride, to, column_axis.target_stride, row_axis.extent,
                      std::min(grain, column_axis.extent - column));
    }
  });
}

void transpose(KernelContext& context) {
  const Tensor& data = context.input(0);
  const auto rank = static_cast<size_t>(data.rank());
  Dims perm(rank);
  std::iota(perm.rbegin(), perm.rend(), 0);
  perm = context.attr_ints("perm", perm);
  if (perm.size() != rank) {
    context.fail("perm " + dims_text(perm) + " has " + std::to_string(perm.size()) + " axes, expected " +
                 std::to_string(rank));
  }
  perm = normal_axes(context, std::move(perm), data.rank());
  const Dims strides = contiguous_strides(data.dims());
  Dims dims(rank);
  Dims source_strides(rank);
  for (size_t i = 0; i < rank; ++i) {
    dims[i] = data.dims()[static_cast<size_t>(perm[i])];
    source_strides[i] = strides[static_cast<size_t>(perm[i])];
  }
  if (data.num_elements() == 0) {
    context.output(0, data.type(), dims);
    return;
  }
  const std::vector<Axis> axes = merged_axes(dims, source_strides);
  if (axes.size() <= 1) return context.set_output(0, data.reshaped(dims));  // only axes of extent 1 move
  Tensor& output = context.output(0, data.type(), dims);
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    if (axes.back().source_stride == 1) {
      copy_strided(dims, source, source_strides, target, contiguous_strides(dims));
    } else {
      transpose_planes(axes, source, target);
    }
  });
}

constexpr Kernel kKernels[] = {
    {"Transpose", "", 1, kLatest, kMovableTypes, 0, transpose},
    {"Transpose", "", 1, kLatest, kPackedTypes, 0, unpacked<transpose>},
};

}  // namespace

std::span<const Kernel> transpose_kernels() { return kKernels; }

}  // namespace exec::cpu
