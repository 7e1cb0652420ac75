#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/inputs.h"
#include "exec/parity.h"
#include "surgery/edit.h"
#include "surgery/error.h"

namespace exec {

struct VerifyOptions {
  InputSpec inputs{};
  Values given{};                        ///< values for inputs, by their names in the model before; others are seeded
  std::optional<Tolerance> tolerance{};  ///< nothing: default_tolerance() of each tensor's type
  RunOptions run{};
};

/// What verifying a change found. A change is proven only when `ran` and `equal` both hold.
struct VerifyResult {
  bool ran = false;    ///< both models were executed on the same inputs
  bool equal = false;  ///< outputs (and intermediate tensors of the same name) agree
  /// When `ran` is false: kUnsupported for an operator without a kernel, otherwise the code of the failed run's error.
  surgery::ErrorCode obstacle = surgery::ErrorCode::kUnsupported;
  std::string message;  ///< one sentence: what was compared, or why it could not be
  LockstepResult details;
};

/// Runs `before` and `after` on the same seeded inputs and compares. For Meaning::kPerSample and kPerPlace the new
/// batch's samples are run through `before` in groups of its own batch, and compared row by row. A model that cannot be
/// run because it is itself invalid gives ran = false with the reason; an operator without a kernel does too.
VerifyResult verify(const surgery::Model& before, const surgery::Model& after, surgery::Meaning meaning,
                    const VerifyOptions& options);

}  // namespace exec
