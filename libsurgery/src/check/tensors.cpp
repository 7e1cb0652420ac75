#include "check/context.h"

namespace surgery::checking {
namespace {

std::string text(std::span<const int64_t> dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i == 8) return text + ", ... " + std::to_string(dims.size()) + " in all]";
    text += (i > 0 ? ", " : "") + std::to_string(dims[i]);
  }
  return text + "]";
}

/// What is wrong with dims; empty when nothing is.
std::string fault_of(std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank) {
    return "it has " + std::to_string(dims.size()) + " dims, more than the limit of " + std::to_string(kMaxRank);
  }
  for (const int64_t dim : dims) {
    if (dim < 0) return "dims " + text(dims) + " have a negative number";
  }
  if (!checked_product(dims)) return "the product of dims " + text(dims) + " overflows";
  return "";
}

bool check_form(Context& context, DataType type, std::span<const int64_t> dims, const std::string& place) {
  if (!is_valid(type)) {
    const auto number = static_cast<int32_t>(type);
    context.add(kTensorType, place,
                number == 0 ? "its element type is undefined (data_type 0)"
                            : "its element type has number " + std::to_string(number) + ", which is not known");
    return false;
  }
  const std::string fault = fault_of(dims);
  if (fault.empty()) return true;
  context.add(kTensorDims, place, fault);
  return false;
}

/// What is wrong with the data of a tensor of good type and dims; empty when nothing is.
std::string fault_of_data(const Tensor& tensor) {
  const bool is_text = tensor.type() == DataType::kString;
  const std::optional<int64_t> wanted =
      is_text ? tensor.num_elements() : packed_size_bytes(tensor.type(), tensor.num_elements());
  if (!wanted) return "its size in bytes overflows";
  const std::string unit = is_text ? " strings" : " bytes";
  try {
    const size_t found = is_text ? tensor.strings().size() : tensor.bytes().size();
    if (found == static_cast<uint64_t>(*wanted)) return "";
    return "its data has " + std::to_string(found) + unit + ", but " + std::string(to_string(tensor.type())) +
           text(tensor.dims()) + " needs " + std::to_string(*wanted);
  } catch (const Error& error) {
    return error.what();
  }
}

/// Row-major number of an element; nothing when a coordinate is out of range.
std::optional<int64_t> linear(std::span<const int64_t> coordinates, std::span<const int64_t> dims) {
  int64_t index = 0;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (coordinates[i] < 0 || coordinates[i] >= dims[i]) return std::nullopt;
    index = index * dims[i] + coordinates[i];  // below the product of dims, which has been checked
  }
  return index;
}

/// What is wrong with the indices; empty when nothing is. Requires good forms and data of both tensors.
std::string fault_of_indices(const SparseTensor& sparse) {
  const std::vector<int64_t>& dims = sparse.dims;
  const Tensor& indices = sparse.indices;
  const int64_t num_values = sparse.values.num_elements();
  const auto rank = static_cast<int64_t>(dims.size());
  const bool is_linear = indices.rank() == 1;
  const bool fits = indices.rank() >= 1 && indices.rank() <= 2 && indices.dims()[0] == num_values &&
                    (is_linear || indices.dims()[1] == rank);
  if (sparse.values.rank() != 1) return "values have dims " + text(sparse.values.dims()) + ", expected one dim";
  if (!fits) {
    return "indices have dims " + text(indices.dims()) + ", expected [" + std::to_string(num_values) + "] or [" +
           std::to_string(num_values) + ", " + std::to_string(rank) + "]";
  }
  if (num_values > 0 && rank == 0) return "it has values but no dims";
  const int64_t size = *checked_product(dims);
  const Tensor aligned = indices.aligned();
  const std::span<const int64_t> numbers = aligned.values<int64_t>();
  const size_t step = is_linear ? 1 : dims.size();
  int64_t previous = -1;
  for (size_t i = 0; i < static_cast<size_t>(num_values); ++i) {
    const std::span<const int64_t> entry = numbers.subspan(i * step, step);
    std::optional<int64_t> index = is_linear ? entry[0] : linear(entry, dims);
    if (!index || *index < 0 || *index >= size) {
      return "index " + (is_linear ? std::to_string(entry[0]) : text(entry)) + " (number " + std::to_string(i) +
             ") lies outside of dims " + text(dims);
    }
    if (*index <= previous) {
      return "index " + (is_linear ? std::to_string(entry[0]) : text(entry)) + " (number " + std::to_string(i) +
             ") does not ascend from the one before it";
    }
    previous = *index;
  }
  return "";
}

}  // namespace

void check_tensor(Context& context, const Tensor& tensor, const std::string& place) {
  if (!check_form(context, tensor.type(), tensor.dims(), place) || !context.options().payloads) return;
  const std::string fault = fault_of_data(tensor);
  if (!fault.empty()) context.add(kTensorData, place, fault);
}

void check_sparse_tensor(Context& context, const SparseTensor& tensor, const std::string& place) {
  if (const std::string fault = fault_of(tensor.dims); !fault.empty()) {
    context.add(kTensorDims, place, fault);
    return;
  }
  const Tensor* const parts[] = {&tensor.values, &tensor.indices};
  bool good = true;
  for (const Tensor* part : parts) {
    const std::string part_place = place + (part == parts[0] ? "/values" : "/indices");
    if (!check_form(context, part->type(), part->dims(), part_place)) {
      good = false;
    } else if (context.options().payloads) {
      const std::string fault = fault_of_data(*part);
      if (!fault.empty()) context.add(kTensorData, part_place, fault);
      good &= fault.empty();
    }
  }
  if (!good || !context.options().payloads) return;
  const std::string fault =
      tensor.indices.type() == DataType::kInt64
          ? fault_of_indices(tensor)
          : "indices have type " + std::string(to_string(tensor.indices.type())) + ", expected int64";
  if (!fault.empty()) context.add(kSparseTensor, place, fault);
}

}  // namespace surgery::checking
