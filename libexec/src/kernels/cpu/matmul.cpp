#include <algorithm>
#include <type_traits>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matmul_dims.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// The plain triple loop, for integers; overflow wraps.
template <typename T>
void multiply_integers(const T* a, const T* b, T* c, int64_t m, int64_t n, int64_t k) {
  using Unsigned = std::make_unsigned_t<T>;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) {
      const auto factor = static_cast<Unsigned>(a[i * k + p]);
      for (int64_t j = 0; j < n; ++j) {
        c[i * n + j] =
            static_cast<T>(static_cast<Unsigned>(c[i * n + j]) + factor * static_cast<Unsigned>(b[p * n + j]));
      }
    }
  }
}

/// MatMul-13 and before: numpy.matmul.
template <typename T>
void matmul(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  if (a.type() != b.type()) context.fail("A and B have different types");
  MatMulDims dims = matmul_dims(context, a.dims(), b.dims());
  const T* a_data = elements<T>(a).data();
  const T* b_data = elements<T>(b).data();
  Tensor& c = std::is_floating_point_v<T> ? context.output_to_fill(0, a.type(), dims.output)
                                          : context.output(0, a.type(), dims.output);  // integers are added to it
  T* c_data = mutable_elements<T>(c).data();
  dims.place_matrices();

  if constexpr (std::is_floating_point_v<T>) {
    MatrixProduct<T> shape{.m = dims.m, .n = dims.n, .k = dims.k, .lda = dims.k, .ldb = dims.n, .ldc = dims.n};
    const int64_t tiles = num_tiles(shape);
    parallel_for(dims.num_products() * tiles, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t index = task / tiles;
        MatrixProduct<T> product = shape;
        product.a = a_data + dims.a_offsets[static_cast<size_t>(index)];
        product.b = b_data + dims.b_offsets[static_cast<size_t>(index)];
        product.c = c_data + index * dims.m * dims.n;
        multiply_tile(product, task % tiles);
      }
    });
  } else {
    parallel_for(dims.num_products(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto index = static_cast<size_t>(i);
        multiply_integers(a_data + dims.a_offsets[index], b_data + dims.b_offsets[index], c_data + i * dims.m * dims.n,
                          dims.m, dims.n, dims.k);
      }
    });
  }
}

constexpr Kernel kKernels[] = {
    {"MatMul", "", 1, kLatest, type_bit(DataType::kFloat), 0, matmul<float>},
    {"MatMul", "", 1, kLatest, type_bit(DataType::kDouble), 0, matmul<double>},
    {"MatMul", "", 1, kLatest, kHalfFloats, 0, widened<matmul<float>>},
    {"MatMul", "", 9, kLatest, type_bit(DataType::kInt32), 0, matmul<int32_t>},
    {"MatMul", "", 9, kLatest, type_bit(DataType::kInt64), 0, matmul<int64_t>},
    {"MatMul", "", 9, kLatest, type_bit(DataType::kUint32), 0, matmul<uint32_t>},
    {"MatMul", "", 9, kLatest, type_bit(DataType::kUint64), 0, matmul<uint64_t>},
};

}  // namespace

std::span<const Kernel> matmul_kernels() { return kKernels; }

}  // namespace exec::cpu
