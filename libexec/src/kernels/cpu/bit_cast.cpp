// BitCast-26: the same bits as another type of the same width.

#include <algorithm>
#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

void bit_cast_elements(KernelContext& context) {
  const Tensor& input = context.input(0);
  const int64_t asked = context.attr_int("to", 0);
  const auto type = static_cast<DataType>(asked);
  if (!is_valid(type)) context.fail("attribute 'to' is " + std::to_string(asked) + ", which is no data type");
  if (type == DataType::kString || surgery::bit_width(type) != surgery::bit_width(input.type())) {
    context.fail(std::string(to_string(input.type())) + " and " + std::string(to_string(type)) +
                 " do not have the same width");
  }
  Tensor& output = context.output(0, type, input.dims());
  const std::span<const std::byte> from = input.bytes();
  std::copy(from.begin(), from.end(), output.mutable_bytes().begin());
}

constexpr Kernel kKernels[] = {
    {"BitCast", "", 26, kLatest, kAllTypes & ~kStrings, 0, bit_cast_elements, /*folds=*/true, Widening::kNever},
};

}  // namespace

std::span<const Kernel> bit_cast_kernels() { return kKernels; }

}  // namespace exec::cpu
