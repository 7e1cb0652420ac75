#include "kernels/cpu/matrix_product.h"

#include <omp.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "runtime/simd.h"
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

constexpr int64_t kBlockRows = 4;
constexpr int64_t kBlockColumns = 8;
constexpr int64_t kBlockDepth = 128;
static_assert(kTileColumns % kBlockColumns == 0);

/// C += A * B, each sum in the order of the terms; a is [depth, kBlockRows], b [depth, kTileColumns], of which `count`
/// columns count, c [kBlockRows, kTileColumns].
EXEC_VECTORIZED void add_block_product(const double* __restrict a, const double* __restrict b, int64_t depth,
                                       int64_t count, double* __restrict c) {
  for (int64_t column = 0; column < count; column += kBlockColumns) {
    double sums[kBlockRows][kBlockColumns];
    for (int64_t i = 0; i < kBlockRows; ++i) {
      for (int64_t j = 0; j < kBlockColumns; ++j) sums[i][j] = c[i * kTileColumns + column + j];
    }
    for (int64_t p = 0; p < depth; ++p) {
      const double* terms = b + p * kTileColumns + column;
      for (int64_t i = 0; i < kBlockRows; ++i) {
        for (int64_t j = 0; j < kBlockColumns; ++j) sums[i][j] += a[p * kBlockRows + i] * terms[j];
      }
    }
    for (int64_t i = 0; i < kBlockRows; ++i) {
      for (int64_t j = 0; j < kBlockColumns; ++j) c[i * kTileColumns + column + j] = sums[i][j];
    }
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
  // Packed, and filled up with zeros to whole blocks, so that the loop that counts has no ends to look after.
  std::vector<double> a(static_cast<size_t>(kBlockRows * kBlockDepth));
  std::vector<double> b(static_cast<size_t>(kBlockDepth * kTileColumns));
  std::vector<double> c(static_cast<size_t>(kBlockRows * kTileColumns));
  for (int64_t first = 0; first < part.k; first += kBlockDepth) {
    const int64_t depth = std::min(kBlockDepth, part.k - first);
    for (int64_t p = 0; p < depth; ++p) {
      const double* from = part.b + (part.transpose_b ? first + p : (first + p) * part.ldb);
      const int64_t step = part.transpose_b ? part.ldb : 1;
      for (int64_t j = 0; j < part.n; ++j) b[static_cast<size_t>(p * kTileColumns + j)] = from[j * step];
    }
    for (int64_t row = 0; row < part.m; row += kBlockRows) {
      const int64_t rows = std::min(kBlockRows, part.m - row);
      for (int64_t i = 0; i < rows; ++i) {
        const double* from = part.a + (part.transpose_a ? first * part.lda + row + i : (row + i) * part.lda + first);
        const int64_t step = part.transpose_a ? part.lda : 1;
        for (int64_t p = 0; p < depth; ++p) a[static_cast<size_t>(p * kBlockRows + i)] = part.alpha * from[p * step];
        std::copy_n(part.c + (row + i) * part.ldc, part.n, c.data() + i * kTileColumns);
      }
      add_block_product(a.data(), b.data(), depth, part.n, c.data());
      for (int64_t i = 0; i < rows; ++i) {
        std::copy_n(c.data() + i * kTileColumns, part.n, part.c + (row + i) * part.ldc);
      }
    }
  }
}

void multiply(const MatrixProduct<float>& product) { multiply_all(product); }

void multiply(const MatrixProduct<double>& product) { multiply_all(product); }

}  // namespace exec::cpu
