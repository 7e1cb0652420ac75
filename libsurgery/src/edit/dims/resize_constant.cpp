#include "edit/dims/resize_constant.h"

#include <cstring>

#include "surgery/data_type.h"

namespace surgery::dims {

std::optional<Tensor> resize_constant(const Tensor& tensor, size_t axis, int64_t count, int64_t inner,
                                      int64_t new_count) {
  std::vector<int64_t> dims = tensor.dims();
  if (tensor.type() == DataType::kString || count < 1 || inner < 1 || dims[axis] % (count * inner) != 0) {
    return std::nullopt;
  }
  auto row_bytes = static_cast<size_t>(inner) * static_cast<size_t>(bit_width(tensor.type()) / 8);
  for (size_t i = axis + 1; i < dims.size(); ++i) row_bytes *= static_cast<size_t>(dims[i]);
  auto outer = static_cast<size_t>(dims[axis] / (count * inner));
  for (size_t i = 0; i < axis; ++i) outer *= static_cast<size_t>(dims[i]);

  const std::byte* source = tensor.bytes().data();
  for (size_t block = 0; block < outer; ++block) {
    const std::byte* first = source + block * static_cast<size_t>(count) * row_bytes;
    for (int64_t i = 1; i < count; ++i) {
      if (std::memcmp(first, first + static_cast<size_t>(i) * row_bytes, row_bytes) != 0) return std::nullopt;
    }
  }
  dims[axis] = dims[axis] / count * new_count;
  Tensor result = Tensor::zeros(tensor.type(), std::move(dims));
  std::byte* target = result.mutable_bytes().data();
  for (size_t block = 0; block < outer; ++block) {
    const std::byte* first = source + block * static_cast<size_t>(count) * row_bytes;
    for (int64_t i = 0; i < new_count; ++i, target += row_bytes) std::memcpy(target, first, row_bytes);
  }
  return result;
}

}  // namespace surgery::dims
