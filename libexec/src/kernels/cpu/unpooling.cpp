// The ways back from windows to images: Col2Im and MaxUnpool.

#include <algorithm>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "kernels/cpu/window.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

Dims read_extents(const KernelContext& context, size_t input) {
  require_rank(context, input, 1);
  Dims extents = context.int_values(input);
  for (const int64_t extent : extents) {
    if (extent < 1) {
      context.fail("input " + std::to_string(input) + " is " + dims_text(extents) + ", expected positive extents");
    }
  }
  return extents;
}

/// Col2Im-18: input [N, C * taps, blocks] to [N, C, image_shape...]; where blocks overlap, their values are added.
/// `parts` numbers per element: 2 for complex ones.
template <typename T, bool is_bool>
void add_blocks(const Window& window, int64_t planes, int64_t parts, const T* columns, T* images) {
  const int64_t taps = window.kernel_size();
  const int64_t blocks = window.output_size();
  const int64_t size = window.input_size();
  parallel_for(planes, 1, [&](int64_t begin, int64_t end) {
    TapWalk walk(window);
    for (int64_t plane = begin; plane < end; ++plane) {
      for (int64_t block = 0; block < blocks; ++block) {
        walk.at(block, [&](int64_t tap, int64_t offset) {
          const T* from = columns + ((plane * taps + tap) * blocks + block) * parts;
          T* to = images + (plane * size + offset) * parts;
          for (int64_t part = 0; part < parts; ++part) {
            if constexpr (is_bool) {
              to[part] = static_cast<T>(to[part] != 0 || from[part] != 0);
            } else if constexpr (std::is_integral_v<T>) {
              using Unsigned = std::make_unsigned_t<T>;
              to[part] = static_cast<T>(static_cast<Unsigned>(to[part]) + static_cast<Unsigned>(from[part]));
            } else {
              to[part] += from[part];
            }
          }
        });
      }
    }
  });
}

/// The same for strings, which the standard lists but does not add: refused where blocks overlap.
void place_strings(const KernelContext& context, const Window& window, int64_t planes,
                   std::span<const std::string> columns, std::span<std::string> images) {
  const int64_t taps = window.kernel_size();
  const int64_t blocks = window.output_size();
  std::vector<bool> is_taken(images.size());
  TapWalk walk(window);
  for (int64_t plane = 0; plane < planes; ++plane) {
    for (int64_t block = 0; block < blocks; ++block) {
      walk.at(block, [&](int64_t tap, int64_t offset) {
        const auto to = static_cast<size_t>(plane * window.input_size() + offset);
        if (is_taken[to]) context.unsupported("blocks of strings overlap, and strings have no sum");
        is_taken[to] = true;
        images[to] = columns[static_cast<size_t>((plane * taps + tap) * blocks + block)];
      });
    }
  }
}

void col2im(KernelContext& context) {
  const Tensor& input = context.input(0);
  require_rank(context, 0, 3);
  const Dims image = read_extents(context, 1);
  const Dims block = read_extents(context, 2);
  if (image.empty() || image.size() != block.size()) {
    context.fail("image_shape is " + dims_text(image) + ", block_shape " + dims_text(block) +
                 ": expected as many extents");
  }
  require_window(context, block, image);
  const Window window = read_window(context, image, block, WindowFit::kSome);
  int64_t taps = 1;
  for (const int64_t extent : block) taps = checked_mul(context, taps, extent);
  int64_t blocks = 1;
  for (const int64_t extent : window.output) blocks = checked_mul(context, blocks, extent);
  const Dims& dims = input.dims();
  if (dims[1] % taps != 0 || dims[2] != blocks) {
    context.fail("input 0 has shape " + dims_text(dims) + ", expected [N, C * " + std::to_string(taps) + ", " +
                 std::to_string(blocks) + "]");
  }
  Dims output{dims[0], dims[1] / taps};
  output.insert(output.end(), image.begin(), image.end());
  Tensor& y = context.output(0, input.type(), output);
  const int64_t planes = output[0] * output[1];
  if (input.type() == DataType::kBool) {
    return add_blocks<uint8_t, true>(window, planes, 1, elements<uint8_t>(input).data(),
                                     mutable_elements<uint8_t>(y).data());
  }
  if (input.type() == DataType::kString) {
    return place_strings(context, window, planes, input.strings(), y.mutable_strings());
  }
  if (input.type() == DataType::kComplex64 || input.type() == DataType::kComplex128) {
    const auto components = [&]<typename T>() {
      add_blocks<T, false>(window, planes, 2, reinterpret_cast<const T*>(input.bytes().data()),
                           reinterpret_cast<T*>(y.mutable_bytes().data()));
    };
    return input.type() == DataType::kComplex64 ? components.operator()<float>() : components.operator()<double>();
  }
  dispatch_numbers(context, input.type(), [&]<typename T>() {
    add_blocks<T, false>(window, planes, 1, elements<T>(input).data(), mutable_elements<T>(y).data());
  });
}

/// The extents that MaxPool had before it: (X - 1) * stride - pads + kernel along each spatial axis.
Dims unpooled_dims(const KernelContext& context) {
  const Dims& x = context.input(0).dims();
  const size_t rank = spatial_dims(context).size();
  const Dims kernel = context.attr_ints("kernel_shape");
  if (kernel.size() != rank) {
    context.fail("attribute 'kernel_shape' is " + dims_text(kernel) + ", expected " + std::to_string(rank) +
                 " extents");
  }
  const Dims strides = read_axis_values(context, "strides", rank, 1, 1);
  const Dims pads = read_axis_values(context, "pads", 2 * rank, 0, 0);
  Dims dims{x[0], x[1]};
  for (size_t i = 0; i < rank; ++i) {
    if (kernel[i] < 1) context.fail("attribute 'kernel_shape' is " + dims_text(kernel) + ", expected positive extents");
    const int64_t steps = checked_mul(context, x[i + 2] - 1, strides[i]);
    dims.push_back(checked_add(context, steps, kernel[i]) - pads[i] - pads[i + rank]);
    if (dims.back() < 0) {
      context.fail("axis " + std::to_string(i + 2) + " of the result would be " + std::to_string(dims.back()) +
                   " long");
    }
  }
  return dims;
}

/// MaxUnpool: indices count in the tensor that MaxPool had, of every image and channel. A larger output_shape adds
/// zeros at the end of each axis (as the backend suite has it).
void max_unpool(KernelContext& context) {
  const Tensor& x = context.input(0);
  require_type(context, 1, DataType::kInt64);
  require_shape(context, 1, x.dims());
  const Dims inner = unpooled_dims(context);
  Dims outer = inner;
  if (context.has_input(2)) {
    outer = context.int_values(2);
    bool fits = outer.size() == inner.size();
    for (size_t i = 0; fits && i < inner.size(); ++i) fits = outer[i] >= inner[i];
    if (!fits) {
      context.fail("output_shape is " + dims_text(outer) + ", expected at least " + dims_text(inner));
    }
  }
  const std::optional<int64_t> size = surgery::checked_product(inner);
  if (!size) context.fail("the result would have shape " + dims_text(inner) + ", which no memory can hold");
  const std::span<const int64_t> indices = context.input(1).values<int64_t>();
  const auto wrong = std::find_if(indices.begin(), indices.end(), [&](int64_t i) { return i < 0 || i >= *size; });
  if (wrong != indices.end()) {
    context.fail("index " + std::to_string(*wrong) + " lies outside of the " + std::to_string(*size) +
                 " elements of the result");
  }
  Tensor& y = context.output(0, x.type(), outer);
  const Dims inner_strides = contiguous_strides(inner);
  const Dims outer_strides = contiguous_strides(outer);
  dispatch_movable(context, x.type(), [&]<typename T>() {
    const std::span<const T> values = elements<T>(x);
    T* to = mutable_elements<T>(y).data();
    for (size_t i = 0; i < values.size(); ++i) {
      int64_t rest = indices[i];
      int64_t offset = 0;
      for (size_t axis = 0; axis < inner.size(); ++axis) {
        offset += rest / inner_strides[axis] * outer_strides[axis];
        rest %= inner_strides[axis];
      }
      to[offset] = values[i];
    }
  });
}

constexpr TypeMask kFoldable = kFullFloats | kInts | kBools | kComplexes;

constexpr Kernel kKernels[] = {
    {"Col2Im", "", 18, kLatest, kFoldable | kStrings, 0, col2im},
    {"Col2Im", "", 18, kLatest, kHalfFloats, 0, widened<col2im>},
    {"MaxUnpool", "", 9, kLatest, kFloats, 0, max_unpool},
};

}  // namespace

std::span<const Kernel> unpooling_kernels() { return kKernels; }

}  // namespace exec::cpu
