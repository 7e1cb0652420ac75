#include "infer/families.h"
#include "infer/shapes.h"

/// ai.onnx.preview.training: each output has the type of one of the inputs.
namespace surgery::infer {
namespace {

/// Inputs (R, T, then `num_groups` groups: the tensors, their gradients, their states); outputs the tensors and the
/// states, without the gradients.
void infer_optimizer(InferContext& c, size_t num_groups) {
  if (c.num_inputs() < 2 + num_groups) return;
  const size_t count = (c.num_inputs() - 2) / num_groups;
  for (size_t i = 0; i < c.num_outputs(); ++i) {
    const size_t group = i / count;
    const size_t input_group = group == 0 ? 0 : group + 1;
    same_type(c, i, 2 + input_group * count + i % count);
  }
}

void infer_three_groups(InferContext& c) { infer_optimizer(c, 3); }
void infer_four_groups(InferContext& c) { infer_optimizer(c, 4); }

/// The derivatives by `xs`, which are the first inputs.
void infer_gradient(InferContext& c) {
  for (size_t i = 0; i < c.num_outputs(); ++i) same_type(c, i, i);
}

constexpr std::string_view kDomain = "ai.onnx.preview.training";
constexpr Operator kOperators[] = {
    {"Adagrad", infer_three_groups, kDomain},
    {"Adam", infer_four_groups, kDomain},
    {"Gradient", infer_gradient, kDomain},
    {"Momentum", infer_three_groups, kDomain},
};

}  // namespace

std::span<const Operator> training_operators() { return kOperators; }

}  // namespace surgery::infer
