#include <utility>

#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

void pass_outputs(KernelContext& context, std::vector<Tensor> results) {
  if (results.size() < context.num_outputs()) {
    context.fail("its subgraph has " + std::to_string(results.size()) + " outputs, the node " +
                 std::to_string(context.num_outputs()));
  }
  for (size_t i = 0; i < context.num_outputs(); ++i) context.set_output(i, std::move(results[i]));
}

bool condition(KernelContext& context, const Tensor& tensor) {
  if (tensor.type() != DataType::kBool || tensor.num_elements() != 1) {
    context.fail("the condition must be one bool");
  }
  return tensor.bytes()[0] != std::byte{0};
}

void run_if(KernelContext& context) {
  const bool taken = condition(context, context.input(0));
  pass_outputs(context, context.run_subgraph(taken ? "then_branch" : "else_branch", {}));
}

constexpr Kernel kKernels[] = {
    {"If", "", 1, kLatest, type_bit(DataType::kBool), 0, run_if},
};

}  // namespace

std::span<const Kernel> control_flow_kernels() { return kKernels; }

}  // namespace exec::cpu
