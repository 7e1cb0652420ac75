#include "kernels/cpu/indices.h"

#include <string>

namespace exec::cpu {
namespace {

/// Tuples without indices take no room in the file, so their number needs a limit of its own.
constexpr int64_t kMaxEmptyTuples = int64_t{1} << 24;

[[noreturn]] void fail_index(const KernelContext& context, int64_t index, int64_t dim) {
  context.fail("index " + std::to_string(index) + " is out of range for an axis of length " + std::to_string(dim));
}

std::vector<int64_t> raw_indices(const KernelContext& context, size_t input) {
  const Tensor& tensor = context.input(input);
  std::optional<std::vector<int64_t>> values = tensor.to_int64s(INT64_MAX);
  if (!values) context.fail("indices are " + std::string(to_string(tensor.type())) + ", expected int32 or int64");
  return *std::move(values);
}

}  // namespace

std::vector<int64_t> read_indices(const KernelContext& context, size_t input, int64_t dim) {
  std::vector<int64_t> indices = raw_indices(context, input);
  for (int64_t& index : indices) {
    if (index < -dim || index >= dim) fail_index(context, index, dim);
    if (index < 0) index += dim;
  }
  return indices;
}

void require_indices_fit(const KernelContext& context, const Tensor& data, const Tensor& indices, int64_t axis) {
  bool fits = indices.rank() == data.rank();
  for (size_t i = 0; fits && i < data.dims().size(); ++i) {
    fits = static_cast<int64_t>(i) == axis || indices.dims()[i] <= data.dims()[i];
  }
  if (!fits) {
    context.fail("indices of shape " + dims_text(indices.dims()) + " do not fit data of shape " +
                 dims_text(data.dims()) + " along axis " + std::to_string(axis));
  }
}

IndexTuples read_index_tuples(const KernelContext& context, const Tensor& data, size_t input, int64_t batch_dims) {
  const Tensor& tensor = context.input(input);
  const int64_t rank = data.rank();
  bool fits = tensor.rank() >= 1 && batch_dims >= 0 && batch_dims < rank && batch_dims < tensor.rank();
  IndexTuples tuples;
  if (fits) tuples.length = tensor.dims().back();
  fits = fits && tuples.length >= 0 && tuples.length <= rank - batch_dims;
  for (int64_t i = 0; fits && i < batch_dims; ++i) {
    fits = tensor.dims()[static_cast<size_t>(i)] == data.dims()[static_cast<size_t>(i)];
  }
  if (!fits) {
    context.fail("indices of shape " + dims_text(tensor.dims()) + " do not go with data of shape " +
                 dims_text(data.dims()) + " and " + std::to_string(batch_dims) + " batch dims");
  }
  const std::vector<int64_t> indices = raw_indices(context, input);
  const Dims strides = contiguous_strides(data.dims());
  tuples.inner = product(data.dims(), batch_dims + tuples.length, rank);
  const int64_t batches = product(data.dims(), 0, batch_dims);
  const int64_t batch_stride = product(data.dims(), batch_dims, rank);
  const int64_t count = product(tensor.dims(), 0, tensor.rank() - 1);
  if (tuples.length == 0 && count > kMaxEmptyTuples)
    context.unsupported("indices hold " + std::to_string(count) + " empty tuples");
  const int64_t per_batch = batches == 0 ? 0 : count / batches;
  tuples.offsets.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = i / per_batch * batch_stride;
    for (int64_t k = 0; k < tuples.length; ++k) {
      const auto axis = static_cast<size_t>(batch_dims + k);
      const int64_t dim = data.dims()[axis];
      int64_t index = indices[static_cast<size_t>(i * tuples.length + k)];
      if (index < -dim || index >= dim) fail_index(context, index, dim);
      if (index < 0) index += dim;
      offset += index * strides[axis];
    }
    tuples.offsets.push_back(offset);
  }
  return tuples;
}

}  // namespace exec::cpu
