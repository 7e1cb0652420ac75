#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exec/session.h"

namespace exec {

/// numpy's rule |actual - expected| <= atol + rtol * |expected|, per element; NaN equals NaN, infinities must agree.
struct Tolerance {
  double rtol = 1e-3;
  double atol = 1e-4;
};

/// What is compared when nobody says otherwise: rtol 1e-3 and atol 1e-4 (float sums in another order, through tens of
/// layers); for float16 1e-2 and 1e-2, for bfloat16 and float8 5e-2 and 5e-2, since one rounding is 2^-11, 2^-8 or more
/// of a value, sums cancel, and moving a scale into a weight moves a rounding in every layer.
Tolerance default_tolerance(surgery::DataType type);

/// How far two tensors are apart. Values as double; strings and other types compare for equality.
struct Difference {
  bool within = true;  ///< same type and shape, every element within tolerance
  std::string reason;  ///< why not, when type, shape or NaN/Inf positions differ; else empty
  double max_abs = 0;
  double max_rel = 0;  ///< |actual - expected| / |expected| where expected is not 0
  double cosine = 1;   ///< of the flattened tensors; 1 when both are all zero
  int64_t num_elements = 0;
  int64_t num_outside = 0;   ///< elements not within tolerance
  int64_t worst_index = -1;  ///< flat index of the largest |actual - expected|; -1 when there is none
};
/// Results do not depend on the number of threads.
Difference compare(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance);

/// The same for any values: sequences, maps and optionals element by element, the worst figures of all of them, a
/// sequence of another length or a map of other keys is not within. `tolerance_of` gives a tensor's by its type.
using ToleranceOf = std::function<Tolerance(surgery::DataType)>;
Difference compare_values(const Datum& actual, const Datum& expected, const ToleranceOf& tolerance_of);

struct PairResult {
  std::string a;
  std::string b;
  std::string node;  ///< describe() of the node that makes it in B
  bool is_output = false;
  surgery::DataType type = surgery::DataType::kUndefined;
  std::vector<int64_t> dims;  ///< of B's tensor
  std::string type_name;      ///< of B's value: "float[1, 10]", "sequence(map(int64, float[]))"
  Difference difference;
};

/// Which samples of B's tensors are those of A's, where the two have different batches: rows along axis 0, or along
/// the one axis in which the tensors differ.
struct SharedSamples {
  int64_t batch_a = 0;
  int64_t batch_b = 0;
  std::vector<int64_t> rows_a{};  ///< one for each sample that both have
  std::vector<int64_t> rows_b{};  ///< in the same order
};

struct LockstepOptions {
  std::optional<Tolerance> tolerance{};                        ///< for every tensor; nothing: default_tolerance()
  std::map<std::string, Tolerance, std::less<>> tolerances{};  ///< per tensor, by its name in A or B
  /// A's name -> B's name. Other tensors that nodes of the main graphs make are paired by equal names; graph outputs by
  /// name, then the remaining ones by position. Intermediate tensors that only one side has are not compared.
  std::map<std::string, std::string, std::less<>> pairs{};
  /// With it, tensors that are batch_a and batch_b long in that axis are compared on the rows of the shared samples,
  /// and sequences of that many elements on the elements. Left out are intermediate values of different sizes that do
  /// not fit that, those that follow from sizes and constants alone, and integers of 32 and 64 bits: they count
  /// samples. An output that holds a multiple of the batch in an axis may hold the samples in either order.
  std::optional<SharedSamples> samples{};
  RunOptions run{};
};

struct LockstepResult {
  std::vector<PairResult> pairs;              ///< in the order in which B makes them
  std::optional<size_t> first_bad;            ///< index into pairs, in execution order
  std::vector<std::string> unpaired_outputs;  ///< outputs of one side without a counterpart
  bool equal() const { return !first_bad.has_value() && unpaired_outputs.empty(); }
};

/// Runs both models in lockstep on their inputs and compares each pair of tensors as soon as both exist; then they are
/// let go. Throws Error as Session does, with "A" or "B" in front.
LockstepResult run_lockstep(const surgery::Model& a, const surgery::Model& b, const Values& inputs_a,
                            const Values& inputs_b, const LockstepOptions& options);

}  // namespace exec
