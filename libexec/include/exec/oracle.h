#pragma once

#include "exec/datum.h"
#include "exec/kernel.h"

namespace exec {

// Oracle mode: floating-point work in double. Values of float16, bfloat16 and float flow as doubles that know the type
// that the model has for them (Datum::model_type()); no step rounds to it. What is double in the model is double, the
// quantised types (float8 and smaller) and complex numbers stay what they are.
// A node whose kernel does not take double, or whose result depends on the very bits of the model's type (BitCast, Cast
// to string), gets its inputs rounded to the model's types; Session::nodes_in_own_type() counts such nodes.

/// Whether oracle mode keeps elements of this type as double.
constexpr bool is_widened(surgery::DataType type) {
  return type == surgery::DataType::kFloat || type == surgery::DataType::kFloat16 ||
         type == surgery::DataType::kBfloat16;
}

/// The value with elements of those types, in tensors, sequences, optionals and the values of maps, as double. Others
/// share what they hold.
Datum widened(Datum value);

/// The inverse: each element rounded once, to the nearest number of the model's type, ties to even; beyond its largest
/// one to infinity. What has no model_type() is given as it is.
Datum rounded(Datum value);

/// The bytes of the tensors that widened() would make.
int64_t widened_bytes(const Datum& value);

/// The element type of a tensor, of the tensors in a sequence, of a map's values, or of what an optional could hold, as
/// it is kept.
surgery::DataType kept_type(const Datum& value);

/// What oracle mode computes in where it executes a kernel.
enum class OracleWork { kDouble, kModelTypes, kNoFloats };

OracleWork oracle_work(const Kernel& kernel);

}  // namespace exec
