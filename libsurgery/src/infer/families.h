#pragma once

#include <span>

#include "infer/registry.h"

/// The operator families: one source each. To add an operator, list it in its family; to add a family, declare it here
/// and list it in registry.cpp.
namespace surgery::infer {

std::span<const Operator> unary_operators();
std::span<const Operator> binary_operators();
std::span<const Operator> convolution_operators();
std::span<const Operator> pooling_operators();
std::span<const Operator> matmul_operators();
std::span<const Operator> normalization_operators();
std::span<const Operator> reduction_operators();
std::span<const Operator> constant_operators();
std::span<const Operator> reshape_operators();
std::span<const Operator> join_operators();
std::span<const Operator> slice_operators();
std::span<const Operator> gather_operators();
std::span<const Operator> spread_operators();
std::span<const Operator> resize_operators();
std::span<const Operator> selection_operators();
std::span<const Operator> quantization_operators();
std::span<const Operator> recurrent_operators();
std::span<const Operator> attention_operators();
std::span<const Operator> control_flow_operators();
std::span<const Operator> sequence_operators();
std::span<const Operator> signal_operators();
std::span<const Operator> vision_operators();
std::span<const Operator> loss_operators();
std::span<const Operator> text_operators();
std::span<const Operator> ml_operators();
std::span<const Operator> training_operators();
std::span<const Operator> microsoft_operators();
std::span<const Operator> microsoft_attention_operators();

}  // namespace surgery::infer
