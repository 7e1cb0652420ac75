#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exec/session.h"

namespace exec {

/// numpy's rule |a - b| <= atol + rtol * |b|, per element; a is the reference's counterpart under test, NaN equals NaN,
/// infinities must agree.
struct Tolerance {
  double rtol = 1e-3;
  double atol = 1e-4;
};

/// How far two tensors are apart. Values as double; strings and other types compare for equality.
struct Difference {
  bool within = true;  ///< same type and shape, every element within tolerance
  std::string reason;  ///< why not, when type, shape or NaN/Inf positions differ; else empty
  double max_abs = 0;
  double max_rel = 0;  ///< |a - b| / |b| where b is not 0
  double cosine = 1;   ///< of the flattened tensors; 1 when both are all zero
  int64_t num_elements = 0;
  int64_t num_outside = 0;   ///< elements not within tolerance
  int64_t worst_index = -1;  ///< flat index of the largest |a - b|
};
Difference compare(const Tensor& a, const Tensor& b, const Tolerance& tolerance);

struct PairResult {
  std::string a;
  std::string b;
  std::string node;  ///< describe() of the node that makes it in B
  bool is_output = false;
  surgery::DataType type = surgery::DataType::kUndefined;
  std::vector<int64_t> dims;  ///< of B's tensor
  Difference difference;
};

struct LockstepOptions {
  Tolerance tolerance;
  std::map<std::string, Tolerance, std::less<>> tolerances;  ///< per tensor name of A or B
  /// a name -> b name, in place of pairing by equal names. Names of intermediate tensors that only one side has are not
  /// compared; graph outputs are paired by name, then by position.
  std::map<std::string, std::string, std::less<>> pairs;
  RunOptions run;
  /// Takes the samples (axis 0) `first`, first+1, ... of both sides' tensors where their first dims differ: see
  /// compare_per_sample in verify.h. Empty: tensors are compared whole.
  bool leading_rows = false;
};

struct LockstepResult {
  std::vector<PairResult> pairs;    ///< in the order in which B makes them
  std::optional<size_t> first_bad;  ///< index into pairs, in execution order
  bool outputs_equal = true;
  std::vector<std::string> unpaired_outputs;  ///< outputs of one side without a counterpart
  bool equal() const { return !first_bad.has_value() && unpaired_outputs.empty(); }
};

/// Runs both models in lockstep on their inputs and compares each pair of tensors as soon as both exist; then they are
/// let go. Throws Error as Session does, with "A: " or "B: " in front.
LockstepResult run_lockstep(const surgery::Model& a, const surgery::Model& b, const Tensors& inputs_a,
                            const Tensors& inputs_b, const LockstepOptions& options);

}  // namespace exec
