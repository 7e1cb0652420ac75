#pragma once

#include "exec/kernel.h"

namespace exec::cpu {

/// Gradient-1 of ai.onnx.preview.training, over elementwise operators and products of matrices; Error(kUnsupported)
/// names an operator on the way that has no derivative here.
void gradient(KernelContext& context);

}  // namespace exec::cpu
