#pragma once

#include "surgery/model.h"

namespace exec {

/// Node executions that one call of a function may stand for, loops counted once: no honest model comes near, and 25
/// functions that each call the one before twice pass it.
inline constexpr int64_t kMaxExpandedNodes = 20'000'000;

/// Throws Error(kUnsupported) naming the function and the limit when the calls of a model-local function expand to
/// more than `limit` nodes. Linear in the model's size.
void require_bounded_expansion(const surgery::Model& model, int64_t limit = kMaxExpandedNodes);

}  // namespace exec
