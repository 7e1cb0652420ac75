#pragma once

#include <algorithm>
#include <cstdint>

namespace exec::cpu {

/// C = alpha * op(A) * op(B) + beta * C, row-major; op is the identity or the transpose. op(A) is [m, k], op(B) [k, n],
/// C [m, n]; lda, ldb, ldc are the distances between rows as stored. For beta = 0, C is not read.
template <typename T>
struct MatrixProduct {
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  const T* a = nullptr;
  int64_t lda = 0;
  bool transpose_a = false;
  const T* b = nullptr;
  int64_t ldb = 0;
  bool transpose_b = false;
  T* c = nullptr;
  int64_t ldc = 0;
  T alpha = 1;
  T beta = 0;
};

/// Sizes of the pieces of C that are computed by themselves, on one thread each. They are the same for any number of
/// threads, and so is the result.
inline constexpr int64_t kTileRows = 64;
inline constexpr int64_t kTileColumns = 192;

/// Number of tiles of C.
template <typename T>
int64_t num_tiles(const MatrixProduct<T>& product) {
  const auto pieces = [](int64_t size, int64_t tile) { return (size + tile - 1) / tile; };
  return pieces(product.m, kTileRows) * pieces(product.n, kTileColumns);
}

/// Where a tile lies in C.
struct TileBounds {
  int64_t row;
  int64_t column;
  int64_t rows;
  int64_t columns;
};
template <typename T>
TileBounds tile_bounds(const MatrixProduct<T>& product, int64_t tile) {
  const int64_t tiles_across = (product.n + kTileColumns - 1) / kTileColumns;
  const int64_t row = tile / tiles_across * kTileRows;
  const int64_t column = tile % tiles_across * kTileColumns;
  return {row, column, std::min(kTileRows, product.m - row), std::min(kTileColumns, product.n - column)};
}

/// Computes one tile on the calling thread: float by oneDNN, double by a loop of our own, each sum in the
/// order of its terms.
void multiply_tile(const MatrixProduct<float>& product, int64_t tile);
void multiply_tile(const MatrixProduct<double>& product, int64_t tile);

/// Computes all of C, on several threads.
void multiply(const MatrixProduct<float>& product);
void multiply(const MatrixProduct<double>& product);

}  // namespace exec::cpu
