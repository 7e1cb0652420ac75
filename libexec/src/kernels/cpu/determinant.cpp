// Det: the determinants of [..., M, M].

#include <algorithm>
#include <cmath>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// By elimination with the largest pivot of each column; `m` is [size, size] and is used up.
double determinant(std::vector<double>& m, int64_t size) {
  const auto at = [&](int64_t row, int64_t column) -> double& { return m[static_cast<size_t>(row * size + column)]; };
  double result = 1;
  for (int64_t column = 0; column < size; ++column) {
    int64_t pivot = column;
    for (int64_t row = column + 1; row < size; ++row) {
      if (std::abs(at(row, column)) > std::abs(at(pivot, column))) pivot = row;
    }
    if (at(pivot, column) == 0) return 0;
    if (pivot != column) {
      for (int64_t k = 0; k < size; ++k) std::swap(at(pivot, k), at(column, k));
      result = -result;
    }
    result *= at(column, column);
    for (int64_t row = column + 1; row < size; ++row) {
      const double factor = at(row, column) / at(column, column);
      for (int64_t k = column + 1; k < size; ++k) at(row, k) -= factor * at(column, k);
    }
  }
  return result;
}

void det(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Dims& dims = x.dims();
  if (dims.size() < 2 || dims[dims.size() - 1] != dims[dims.size() - 2]) {
    context.fail("input 0 has shape " + dims_text(dims) + ", expected [..., M, M]");
  }
  const int64_t size = dims.back();
  Tensor& y = context.output(0, x.type(), Dims(dims.begin(), dims.end() - 2));
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* from = elements<T>(x).data();
    T* to = mutable_elements<T>(y).data();
    parallel_for(y.num_elements(), 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        std::vector<double> matrix(from + i * size * size, from + (i + 1) * size * size);
        to[i] = static_cast<T>(determinant(matrix, size));
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"Det", "", 11, kLatest, kFullFloats, 0, det},
    {"Det", "", 11, kLatest, kHalfFloats, 0, widened<det>},
};

}  // namespace

std::span<const Kernel> determinant_kernels() { return kKernels; }

}  // namespace exec::cpu
