#include "kernels/cpu/matmul_dims.h"

#include <algorithm>

#include "kernels/cpu/loops.h"

namespace exec::cpu {
namespace {

/// Element offsets of the matrices of one operand, in the order of the broadcast leading dims `batch`.
std::vector<int64_t> matrix_offsets(const Dims& leading, const Dims& batch, int64_t matrix_size) {
  Dims strides = broadcast_strides(leading, batch);
  for (int64_t& stride : strides) stride *= matrix_size;
  const LoopNest nest(batch, {strides});
  std::vector<int64_t> offsets;
  offsets.reserve(static_cast<size_t>(nest.num_elements()));
  nest.for_each_run(0, nest.num_elements(), [&](const LoopNest::Offsets& first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) offsets.push_back(first[0] + i * nest.run_stride(0));
  });
  return offsets;
}

}  // namespace

MatMulDims matmul_dims(const KernelContext& context, Dims a, Dims b) {
  const std::string shapes = "A " + dims_text(a) + " and B " + dims_text(b);
  if (a.empty() || b.empty()) context.fail(shapes + " cannot be multiplied: a scalar is no matrix");
  const bool a_is_vector = a.size() == 1;
  const bool b_is_vector = b.size() == 1;
  if (a_is_vector) a.insert(a.begin(), 1);
  if (b_is_vector) b.push_back(1);
  const size_t a_axes = a.size() - 2;
  const size_t b_axes = b.size() - 2;

  MatMulDims result;
  result.m = a[a_axes];
  result.k = a[a_axes + 1];
  result.n = b[b_axes + 1];
  if (result.k != b[b_axes]) {
    context.fail(shapes + " cannot be multiplied: " + std::to_string(result.k) + " columns meet " +
                 std::to_string(b[b_axes]) + " rows");
  }
  result.a_leading.assign(a.begin(), a.end() - 2);
  result.b_leading.assign(b.begin(), b.end() - 2);
  const Dims leading[] = {result.a_leading, result.b_leading};
  result.batch = broadcast_dims(context, leading);
  result.output = result.batch;
  if (!a_is_vector) result.output.push_back(result.m);
  if (!b_is_vector) result.output.push_back(result.n);

  if (result.b_leading.empty()) {
    // All matrices of A meet the same B: they are the rows of one tall matrix.
    result.m *= product(result.a_leading);
    result.a_leading.clear();
    result.batch.clear();
  }
  return result;
}

void MatMulDims::place_matrices() {
  if (m == 0 || n == 0 || product(batch) == 0) return;
  a_offsets = matrix_offsets(a_leading, batch, m * k);
  b_offsets = matrix_offsets(b_leading, batch, k * n);
}

}  // namespace exec::cpu
