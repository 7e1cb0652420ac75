#include "kernels/cpu/matrix_product.h"

#include <omp.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "runtime/threads.h"
#include "surgery/error.h"

namespace exec::cpu {
namespace {

/// Keeps oneDNN, which takes OpenMP's settings, from starting threads of its own: with several, it may split the sum
/// over k, and the result would depend on their number.
class SingleThread {
 public:
  SingleThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~SingleThread() { omp_set_num_threads(before_); }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int before_;
};

/// The part of a product that one tile is.
template <typename T>
MatrixProduct<T> tile_of(const MatrixProduct<T>& whole, int64_t tile) {
  const TileBounds bounds = tile_bounds(whole, tile);
  MatrixProduct<T> part = whole;
  part.m = bounds.rows;
  part.n = bounds.columns;
  part.a += whole.transpose_a ? bounds.row : bounds.row * whole.lda;
  part.b += whole.transpose_b ? bounds.column * whole.ldb : bounds.column;
  part.c += bounds.row * whole.ldc + bounds.column;
  return part;
}

/// Without terms the sum is 0: only beta * C is left.
template <typename T>
void scale_result(const MatrixProduct<T>& product) {
  for (int64_t i = 0; i < product.m; ++i) {
    T* row = product.c + i * product.ldc;
    std::transform(row, row + product.n, row, [&](T c) { return product.beta == T{0} ? T{0} : product.beta * c; });
  }
}

template <typename T>
void multiply_all(const MatrixProduct<T>& product) {
  parallel_for(num_tiles(product), 1, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) multiply_tile(product, tile);
  });
}

}  // namespace

void multiply_tile(const MatrixProduct<float>& product, int64_t tile) {
  const MatrixProduct<float> part = tile_of(product, tile);
  if (part.k == 0) return scale_result(part);
  const SingleThread guard;
  // A leading dimension must be positive also where there is only one row.
  const auto leading = [](int64_t distance) { return std::max<int64_t>(distance, 1); };
  const dnnl_status_t status =
      dnnl_sgemm(part.transpose_a ? 'T' : 'N', part.transpose_b ? 'T' : 'N', part.m, part.n, part.k, part.alpha, part.a,
                 leading(part.lda), part.b, leading(part.ldb), part.beta, part.c, leading(part.ldc));
  if (status != dnnl_success) {
    throw surgery::Error(surgery::ErrorCode::kUnsupported,
                         "oneDNN refuses a matrix product with status " + std::to_string(status));
  }
}

void multiply_tile(const MatrixProduct<double>& product, int64_t tile) {
  const MatrixProduct<double> part = tile_of(product, tile);
  scale_result(part);
  for (int64_t i = 0; i < part.m; ++i) {
    double* c = part.c + i * part.ldc;
    for (int64_t p = 0; p < part.k; ++p) {
      const double a = part.alpha * (part.transpose_a ? part.a[p * part.lda + i] : part.a[i * part.lda + p]);
      if (part.transpose_b) {
        for (int64_t j = 0; j < part.n; ++j) c[j] += a * part.b[j * part.ldb + p];
      } else {
        for (int64_t j = 0; j < part.n; ++j) c[j] += a * part.b[p * part.ldb + j];
      }
    }
  }
}

void multiply(const MatrixProduct<float>& product) { multiply_all(product); }

void multiply(const MatrixProduct<double>& product) { multiply_all(product); }

}  // namespace exec::cpu
