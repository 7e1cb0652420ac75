#include "io/sparse_storage.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "io/payload.h"
#include "surgery/error.h"

namespace surgery {
namespace {

/// A few bytes of a file must not become a request for terabytes.
constexpr int64_t kMaxDenseBytes = int64_t{1} << 31;

int64_t index_at(std::span<const std::byte> raw, int64_t i) {
  int64_t value = 0;
  std::memcpy(&value, raw.data() + static_cast<size_t>(i) * sizeof value, sizeof value);
  return value;
}

/// Position in the dense tensor of non-zero number `i`; nothing when a coordinate is out of range.
std::optional<int64_t> position(const SparseTensor& tensor, std::span<const std::byte> indices, int64_t i) {
  const auto rank = static_cast<int64_t>(tensor.dims.size());
  if (tensor.indices.rank() == 1) {
    const int64_t index = index_at(indices, i);
    const bool in_range = index >= 0 && index < checked_product(tensor.dims).value_or(0);
    return in_range ? std::optional(index) : std::nullopt;
  }
  int64_t linear = 0;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const int64_t index = index_at(indices, i * rank + axis);
    const int64_t dim = tensor.dims[static_cast<size_t>(axis)];
    if (index < 0 || index >= dim) return std::nullopt;
    linear = linear * dim + index;
  }
  return linear;
}

std::string shape_fault(const SparseTensor& tensor) {
  if (tensor.dims.size() > static_cast<size_t>(kMaxRank)) return "its rank is over the limit";
  const std::optional<int64_t> num_elements = checked_product(tensor.dims);
  if (!num_elements || tensor.dims.empty()) return "its dims are missing, negative, or their product overflows";
  if (tensor.values.type() == DataType::kString) return "sparse tensors of strings are not supported";
  if (bit_width(tensor.values.type()) < 8) return "sparse tensors of types under 8 bits are not supported";
  if (tensor.values.rank() != 1) return "values have rank " + std::to_string(tensor.values.rank()) + ", expected 1";
  if (tensor.indices.type() != DataType::kInt64) {
    return "indices have type " + std::string(to_string(tensor.indices.type())) + ", expected int64";
  }
  const std::vector<int64_t>& shape = tensor.indices.dims();
  const bool is_linear = shape.size() == 1;
  const bool is_coordinates = shape.size() == 2 && shape[1] == static_cast<int64_t>(tensor.dims.size());
  if (!is_linear && !is_coordinates) return "indices have neither shape [nnz] nor [nnz, rank]";
  if (shape[0] != tensor.values.num_elements()) {
    return std::to_string(tensor.values.num_elements()) + " values, but " + std::to_string(shape[0]) + " indices";
  }
  return {};
}

}  // namespace

std::string sparse_fault(const SparseTensor& tensor) {
  if (const auto fault = payload_fault(tensor.values)) return *fault;
  if (const auto fault = payload_fault(tensor.indices)) return *fault;
  if (std::string fault = shape_fault(tensor); !fault.empty()) return fault;
  const std::span<const std::byte> indices = tensor.indices.bytes();
  int64_t previous = -1;
  for (int64_t i = 0; i < tensor.values.num_elements(); ++i) {
    const std::optional<int64_t> at = position(tensor, indices, i);
    if (!at) return "index number " + std::to_string(i) + " is out of range";
    if (*at <= previous) return "index number " + std::to_string(i) + " is not in ascending order";
    previous = *at;
  }
  return {};
}

std::string SparseStorage::fault() const {
  const std::string fault = sparse_fault(tensor_);
  return fault.empty() ? fault : "sparse " + tensor_label(name_) + ": " + fault;
}

std::span<const std::byte> SparseStorage::bytes() const {
  std::call_once(once_, [this] {
    if (const std::string found = fault(); !found.empty()) throw Error(ErrorCode::kRead, found);
    const std::optional<int64_t> size = packed_size_bytes(tensor_.values.type(), *checked_product(tensor_.dims));
    if (!size || *size > kMaxDenseBytes) {
      throw Error(ErrorCode::kUnsupported,
                  "sparse " + tensor_label(name_) + ": as a dense tensor it would have over 2 GiB");
    }
    Tensor dense = Tensor::zeros(tensor_.values.type(), tensor_.dims);
    const std::span<std::byte> out = dense.mutable_bytes();
    const std::span<const std::byte> values = tensor_.values.bytes();
    const std::span<const std::byte> indices = tensor_.indices.bytes();
    const auto element_size = static_cast<size_t>(bit_width(tensor_.values.type()) / 8);
    for (int64_t i = 0; i < tensor_.values.num_elements(); ++i) {
      const std::optional<int64_t> at = position(tensor_, indices, i);
      if (!at) continue;  // changed under our hands since it was checked
      std::memcpy(out.data() + static_cast<size_t>(*at) * element_size,
                  values.data() + static_cast<size_t>(i) * element_size, element_size);
    }
    dense_ = std::move(dense);
  });
  return dense_.bytes();
}

}  // namespace surgery
