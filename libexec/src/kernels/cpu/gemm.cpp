#include <algorithm>
#include <type_traits>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The strides with which C is read over the result [m, n]. Before opset 7, C broadcasts only where `broadcast` is 1.
Dims strides_of_c(const KernelContext& context, const Tensor& c, const Dims& result) {
  const bool may_broadcast = context.opset() >= 7 || context.attr_int("broadcast", 0) != 0;
  bool fits = c.rank() <= 2;
  for (size_t i = 0; fits && i < c.dims().size(); ++i) {
    const int64_t dim = c.dims()[i];
    fits = dim == 1 || dim == result[2 - c.dims().size() + i];
  }
  if (!fits || (!may_broadcast && c.dims() != result)) {
    context.fail("C has shape " + dims_text(c.dims()) + ", which does not broadcast to " + dims_text(result));
  }
  return broadcast_strides(c.dims(), result);
}

/// y = C, broadcast.
template <typename T>
void fill_with(const Tensor& c, const Dims& strides, const Dims& result, std::span<T> y) {
  const std::span<const T> values = elements<T>(c);
  const LoopNest nest(result, {contiguous_strides(result), strides});
  nest.for_each_run_parallel([&](const LoopNest::Offsets& offsets, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      y[static_cast<size_t>(offsets[0] + i * nest.run_stride(0))] =
          values[static_cast<size_t>(offsets[1] + i * nest.run_stride(1))];
    }
  });
}

/// The definition, for integers: the product wraps, the factors apply in double where they are not 1.
template <typename T>
void multiply_integers(const MatrixProduct<T>& p, double alpha, double beta) {
  using Unsigned = std::make_unsigned_t<T>;
  const auto scaled = [](Unsigned value, double factor) {
    if (factor == 1.0) return value;
    return static_cast<Unsigned>(static_cast<int64_t>(factor * static_cast<double>(static_cast<T>(value))));
  };
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.n; ++j) {
      Unsigned sum = 0;
      for (int64_t q = 0; q < p.k; ++q) {
        const T a = p.transpose_a ? p.a[q * p.lda + i] : p.a[i * p.lda + q];
        const T b = p.transpose_b ? p.b[j * p.ldb + q] : p.b[q * p.ldb + j];
        sum += static_cast<Unsigned>(a) * static_cast<Unsigned>(b);
      }
      T& y = p.c[i * p.ldc + j];
      y = static_cast<T>(scaled(sum, alpha) + (beta == 0.0 ? Unsigned{0} : scaled(static_cast<Unsigned>(y), beta)));
    }
  }
}

/// Gemm-13 and before: alpha * A' * B' + beta * C.
template <typename T>
void gemm(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  require_rank(context, 0, 2);
  require_rank(context, 1, 2);
  const Tensor* c = context.optional_input(2);
  if (b.type() != a.type() || (c != nullptr && c->type() != a.type())) context.fail("A, B and C differ in type");

  MatrixProduct<T> product;
  product.transpose_a = context.attr_int("transA", 0) != 0;
  product.transpose_b = context.attr_int("transB", 0) != 0;
  product.lda = a.dims()[1];
  product.ldb = b.dims()[1];
  product.m = a.dims()[product.transpose_a ? 1 : 0];
  product.k = a.dims()[product.transpose_a ? 0 : 1];
  product.n = b.dims()[product.transpose_b ? 0 : 1];
  product.ldc = product.n;
  if (b.dims()[product.transpose_b ? 1 : 0] != product.k) {
    context.fail("A " + dims_text(a.dims()) + " and B " + dims_text(b.dims()) + " cannot be multiplied" +
                 (product.transpose_a ? ", A transposed" : "") + (product.transpose_b ? ", B transposed" : ""));
  }
  const double alpha = context.attr_float("alpha", 1.0F);
  const double beta = c == nullptr ? 0.0 : context.attr_float("beta", 1.0F);
  const Dims result{product.m, product.n};
  const Dims c_strides = c == nullptr ? Dims{} : strides_of_c(context, *c, result);
  product.a = elements<T>(a).data();
  product.b = elements<T>(b).data();
  const std::span<T> y = mutable_elements<T>(context.output(0, a.type(), result));
  product.c = y.data();
  if (beta != 0.0) fill_with(*c, c_strides, result, y);
  if constexpr (std::is_floating_point_v<T>) {
    product.alpha = static_cast<T>(alpha);
    product.beta = static_cast<T>(beta);
    multiply(product);
  } else {
    multiply_integers(product, alpha, beta);
  }
}

constexpr Kernel kKernels[] = {
    {"Gemm", "", 1, kLatest, type_bit(DataType::kFloat), 0, gemm<float>},
    {"Gemm", "", 1, kLatest, type_bit(DataType::kDouble), 0, gemm<double>},
    {"Gemm", "", 1, kLatest, kHalfFloats, 0, widened<gemm<float>>},
    {"Gemm", "", 9, kLatest, type_bit(DataType::kInt32), 0, gemm<int32_t>},
    {"Gemm", "", 9, kLatest, type_bit(DataType::kInt64), 0, gemm<int64_t>},
    {"Gemm", "", 9, kLatest, type_bit(DataType::kUint32), 0, gemm<uint32_t>},
    {"Gemm", "", 9, kLatest, type_bit(DataType::kUint64), 0, gemm<uint64_t>},
};

}  // namespace

std::span<const Kernel> gemm_kernels() { return kKernels; }

}  // namespace exec::cpu
