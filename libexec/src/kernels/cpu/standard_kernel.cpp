#include "kernels/cpu/standard_kernel.h"

#include <algorithm>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/elements.h"

namespace exec::cpu {

std::vector<Tensor> run_standard(const KernelContext& context, std::string_view op_type, int64_t opset,
                                 std::span<const Tensor* const> inputs) {
  const std::span<const Kernel> kernels = all_kernels();
  const auto found = std::find_if(kernels.begin(), kernels.end(), [&](const Kernel& kernel) {
    if (kernel.op_type != op_type || !kernel.domain.empty()) return false;
    if (opset < kernel.since_version || opset > kernel.until_version) return false;
    if (kernel.type_input < 0) return true;
    const auto index = static_cast<size_t>(kernel.type_input);
    return index < inputs.size() && inputs[index] != nullptr && (kernel.types & type_bit(inputs[index]->type())) != 0;
  });
  if (found == kernels.end()) {
    context.unsupported("there is no kernel for " + std::string(op_type) + " on these types");
  }
  KernelEnvironment environment = context.environment();
  environment.opset = opset;
  KernelContext inner(context.node(), inputs, environment);
  found->run(inner);
  return inner.take_outputs();
}

Tensor permuted(const KernelContext& context, const Tensor& tensor, const Dims& order) {
  const Dims strides = contiguous_strides(tensor.dims());
  Dims dims;
  Dims source;
  for (const int64_t axis : order) {
    dims.push_back(tensor.dims()[static_cast<size_t>(axis)]);
    source.push_back(strides[static_cast<size_t>(axis)]);
  }
  Tensor result = scratch(context, tensor.type(), dims);
  dispatch<uint8_t, int8_t, float, double>(context, tensor.type(), [&]<typename T>() {
    copy_strided(dims, elements<T>(tensor).data(), source, mutable_elements<T>(result).data(),
                 contiguous_strides(dims));
  });
  return result;
}

}  // namespace exec::cpu
