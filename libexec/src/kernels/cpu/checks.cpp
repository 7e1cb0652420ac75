#include "kernels/cpu/checks.h"

#include <optional>
#include <utility>

namespace exec::cpu {

void require_shape(const KernelContext& context, size_t input, const Dims& dims) {
  const Dims& found = context.input(input).dims();
  if (found != dims) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(found) + ", expected " + dims_text(dims));
  }
}

void require_type(const KernelContext& context, size_t input, DataType type) {
  const DataType found = context.input(input).type();
  if (found != type) {
    context.fail("input " + std::to_string(input) + " is " + std::string(to_string(found)) + ", expected " +
                 std::string(to_string(type)));
  }
}

void require_same_type(const KernelContext& context, size_t first, size_t last) {
  const DataType type = context.input(first).type();
  for (size_t i = first + 1; i <= last; ++i) {
    if (context.has_input(i)) require_type(context, i, type);
  }
}

void require_bounded(const KernelContext& context, DataType type, const Dims& dims) {
  const std::optional<int64_t> count = surgery::checked_product(dims);
  const std::optional<int64_t> size = count ? surgery::packed_size_bytes(type, *count) : std::nullopt;
  if (!size || *size > context.environment().max_bytes) {
    context.unsupported("the calculation needs " + std::string(to_string(type)) + dims_text(dims) +
                        ", which is over the memory limit");
  }
}

Tensor scratch(const KernelContext& context, DataType type, Dims dims) {
  require_bounded(context, type, dims);
  return Tensor::zeros(type, std::move(dims));
}

}  // namespace exec::cpu
