#include "check/context.h"
#include "io/payload.h"
#include "io/sparse_storage.h"

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

}  // namespace

void check_tensor(Context& context, const Tensor& tensor, const std::string& place) {
  if (!check_form(context, tensor.type(), tensor.dims(), place) || !context.options().payloads) return;
  if (const auto fault = payload_fault(tensor)) {
    context.add(kTensorData, place, *fault);
  } else if (const auto warning = payload_warning(tensor)) {
    context.add(kLinkedDataFile, place, *warning);
  }
}

void check_sparse_tensor(Context& context, const SparseTensor& tensor, const std::string& place) {
  if (!check_form(context, tensor.values.type(), tensor.dims, place) || !context.options().payloads) return;
  const std::string fault = sparse_fault(tensor);
  if (!fault.empty()) context.add(kTensorData, place, fault);
}

}  // namespace surgery::checking
