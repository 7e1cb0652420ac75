#include "kernels/cpu/integer_product.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/loops.h"

namespace exec::cpu {

void multiply_exact_tile(const MatrixProduct<float>& product, int64_t tile, int32_t* sums) {
  const TileBounds bounds = tile_bounds(product, tile);
  std::array<float, static_cast<size_t>(kTileRows * kTileColumns)> part;  // NOLINT: written before it is read
  MatrixProduct<float> piece{.m = bounds.rows,
                             .n = bounds.columns,
                             .lda = product.lda,
                             .ldb = product.ldb,
                             .c = part.data(),
                             .ldc = bounds.columns};
  int32_t* first = sums + bounds.row * product.n + bounds.column;
  for (int64_t row = 0; row < bounds.rows; ++row) std::fill_n(first + row * product.n, bounds.columns, 0);
  for (int64_t begin = 0; begin < product.k; begin += kExactTerms) {
    piece.k = std::min(kExactTerms, product.k - begin);
    piece.a = product.a + bounds.row * product.lda + begin;
    piece.b = product.b + begin * product.ldb + bounds.column;
    multiply_tile(piece, 0);
    for (int64_t row = 0; row < bounds.rows; ++row) {
      int32_t* to = first + row * product.n;
      const float* from = part.data() + row * bounds.columns;
      for (int64_t i = 0; i < bounds.columns; ++i) {
        to[i] =
            static_cast<int32_t>(static_cast<uint32_t>(to[i]) + static_cast<uint32_t>(static_cast<int32_t>(from[i])));
      }
    }
  }
}

void multiply_exactly(MatMulDims& dims, const Tensor& a, const Tensor& b, int32_t* sums) {
  if (product(dims.output) == 0) return;
  dims.place_matrices();
  const float* a_data = a.values<float>().data();
  const float* b_data = b.values<float>().data();
  const MatrixProduct<float> shape{.m = dims.m, .n = dims.n, .k = dims.k, .lda = dims.k, .ldb = dims.n};
  const int64_t tiles = num_tiles(shape);
  parallel_for(dims.num_products() * tiles, 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t index = task / tiles;
      MatrixProduct<float> single = shape;
      single.a = a_data + dims.a_offsets[static_cast<size_t>(index)];
      single.b = b_data + dims.b_offsets[static_cast<size_t>(index)];
      multiply_exact_tile(single, task % tiles, sums + index * dims.m * dims.n);
    }
  });
}

Tensor centred(const KernelContext& context, size_t data, size_t zero_point, const Dims& points) {
  const Tensor& source = context.input(data);
  if (!context.has_input(zero_point)) return cast_tensor(context, source, DataType::kFloat);
  require_type(context, zero_point, source.type());
  const Dims shapes[] = {source.dims(), points};
  if (points.size() > source.dims().size() || broadcast_dims(context, shapes) != source.dims()) {
    context.fail("the zero point of shape " + dims_text(context.input(zero_point).dims()) +
                 " does not broadcast to the shape of input " + std::to_string(data) + ", " + dims_text(source.dims()));
  }
  Tensor result = scratch(context, DataType::kFloat, source.dims());
  const Tensor zeros = cast_tensor(context, zero_point, DataType::kFloat);
  const LoopNest nest(source.dims(), {contiguous_strides(source.dims()), broadcast_strides(points, source.dims())});
  const float* zero = zeros.values<float>().data();
  float* target = result.mutable_values<float>().data();
  const int64_t step = nest.run_stride(0);
  const int64_t zero_step = nest.run_stride(1);
  const auto subtract = [&]<typename T>(const T* from) {
    nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = offsets[0] + i * step;
        target[at] = static_cast<float>(from[at]) - zero[offsets[1] + i * zero_step];
      }
    });
  };
  if (source.type() == DataType::kInt8) {
    subtract(elements<int8_t>(source).data());
  } else {
    subtract(elements<uint8_t>(source).data());
  }
  return result;
}

template <typename T>
T requantized(float value, float zero_point) {
  constexpr auto kLow = static_cast<float>(std::numeric_limits<T>::min());
  constexpr auto kHigh = static_cast<float>(std::numeric_limits<T>::max());
  const float shifted = std::nearbyint(value) + zero_point;
  return static_cast<T>(shifted > kLow ? std::min(shifted, kHigh) : kLow);  // a NaN is the lowest
}

template int8_t requantized(float value, float zero_point);
template uint8_t requantized(float value, float zero_point);

void require_8_bits(const KernelContext& context, size_t input) {
  const DataType type = context.input(input).type();
  if (type != DataType::kInt8 && type != DataType::kUint8) {
    context.fail("input " + std::to_string(input) + " is " + std::string(to_string(type)) + ", expected uint8 or int8");
  }
}

}  // namespace exec::cpu
