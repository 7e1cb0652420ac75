#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "surgery/attribute.h"
#include "surgery/data_type.h"
#include "surgery/type.h"

/// What the standard says of every operator in every version: a read-only table generated from the `onnx` package by
/// scripts/generate_schema.py. Everything here is constant data: no start-up cost, no allocation (except to_string),
/// usable from any thread, valid for the life of the program.
namespace surgery::schema {

/// The newest IR version of the standard that this table was made from.
int64_t latest_ir_version();

/// The IR version that brought opset_import: models before it import nothing and mean opset 1 of ai.onnx.
inline constexpr int64_t kOpsetIrVersion = 3;
/// The IR version from which an initializer need not be listed among the graph's inputs.
inline constexpr int64_t kFreeInitializerIrVersion = 4;
/// The IR version that brought functions local to the model.
inline constexpr int64_t kFunctionIrVersion = 8;

/// The canonical spelling of a domain: "" for "ai.onnx", any other as it is.
constexpr std::string_view normalize_domain(std::string_view domain) { return domain == "ai.onnx" ? "" : domain; }
constexpr bool same_domain(std::string_view a, std::string_view b) {
  return normalize_domain(a) == normalize_domain(b);
}

/// The newest opset of a domain of the standard; 0 for any other domain.
int64_t max_opset(std::string_view domain);
inline bool is_standard_domain(std::string_view domain) { return max_opset(domain) > 0; }

/// The IR version that came with an opset of a domain of the standard, which is what new models with it are given;
/// 0 for any other domain, the latest for opsets above max_opset(). Runtimes take older ones too.
int64_t ir_version_of(std::string_view domain, int64_t opset_version);

/// Types that are not tensors, sequences or optionals of tensors. Bits of TypeSet::maps.
enum class MapType : uint8_t {
  kInt64ToString,
  kInt64ToFloat,
  kInt64ToDouble,
  kStringToInt64,
  kStringToFloat,
  kStringToDouble,
  kSequenceOfInt64ToFloat,
  kSequenceOfStringToFloat,
};

/// A set of value types. In the first four, bit n stands for the element type with number n.
struct TypeSet {
  uint32_t tensors = 0;
  uint32_t sequences = 0;           ///< seq(tensor(...))
  uint32_t optionals = 0;           ///< optional(tensor(...))
  uint32_t optional_sequences = 0;  ///< optional(seq(tensor(...)))
  uint32_t maps = 0;                ///< bit n: MapType n

  constexpr bool has_tensor(DataType type) const { return has(tensors, type); }
  constexpr bool has_sequence_of(DataType type) const { return has(sequences, type); }
  constexpr bool has_optional_of(DataType type) const { return has(optionals, type); }
  constexpr bool has_optional_sequence_of(DataType type) const { return has(optional_sequences, type); }
  constexpr bool has_map(MapType type) const { return (maps >> static_cast<uint32_t>(type) & 1U) != 0; }

  /// Whether a value of this type may stand here. Shapes play no part. What is not known (no kind, no element type)
  /// may be anything; sparse tensors and opaque types are in no set.
  bool accepts(const Type& type) const;

  friend bool operator==(const TypeSet&, const TypeSet&) = default;

 private:
  static constexpr bool has(uint32_t mask, DataType type) {
    const auto bit = static_cast<uint32_t>(type);
    return bit < 32 && (mask >> bit & 1U) != 0;
  }
};

/// "tensor(float), tensor(double), seq(tensor(float))": in the order of the masks.
std::string to_string(const TypeSet& types);

/// How often a formal input or output may occur.
enum class ParameterOption : uint8_t {
  kSingle,    ///< exactly once
  kOptional,  ///< may be omitted, by an empty name or at the end of the list
  kVariadic,  ///< the last one: any number, at least min_arity
};

struct ParameterSpec {
  std::string_view name;
  std::string_view type;  ///< the name of a type constraint ("T"), or one type ("tensor(int64)")
  const TypeSet* types;   ///< what either of them allows; never null
  ParameterOption option;
  bool is_homogeneous;  ///< of a variadic one: all of the same type
  int8_t min_arity;     ///< least number of occurrences: 1 when single, 0 when optional
};

struct TypeConstraintSpec {
  std::string_view name;  ///< "T": all inputs and outputs of this type name have the same type (homogeneous ones)
  const TypeSet* types;
};

/// The value an absent attribute has. The field that the attribute's type names holds it.
struct AttributeDefault {
  bool is_set = false;
  int64_t int_value = 0;
  float float_value = 0;
  std::string_view string_value{};
  std::span<const int64_t> ints{};
  std::span<const std::string_view> strings{};
};

struct AttributeSpec {
  std::string_view name;
  AttributeType type;
  bool is_required;
  /// Not set: absent means what the operator's text says (often derived from the inputs).
  AttributeDefault default_value{};
};

/// Stands for "any number" in OpSchema::max_inputs and max_outputs.
inline constexpr int32_t kUnlimited = INT32_MAX;

/// One version of one operator.
struct OpSchema {
  std::string_view domain;  ///< "" for ai.onnx
  std::string_view name;
  int32_t since_version;  ///< the opset of the domain that brought this version
  int32_t min_inputs;
  int32_t max_inputs;
  int32_t min_outputs;
  int32_t max_outputs;
  uint8_t flags;
  std::span<const ParameterSpec> inputs;
  std::span<const ParameterSpec> outputs;
  std::span<const AttributeSpec> attributes;  ///< by name
  std::span<const TypeConstraintSpec> type_constraints;

  static constexpr uint8_t kDeprecatedFlag = 1;
  static constexpr uint8_t kFunctionFlag = 2;
  static constexpr uint8_t kRandomFlag = 4;
  static constexpr uint8_t kExperimentalFlag = 8;

  /// From this version on the operator must not be used any more.
  bool is_deprecated() const { return (flags & kDeprecatedFlag) != 0; }
  /// The standard also defines it by a graph of other operators.
  bool has_function_body() const { return (flags & kFunctionFlag) != 0; }
  /// May draw random numbers of its own (Dropout in training mode included). Operators with subgraphs are as random as
  /// the nodes in those.
  bool is_nondeterministic() const { return (flags & kRandomFlag) != 0; }
  bool is_experimental() const { return (flags & kExperimentalFlag) != 0; }

  /// Whether a node may list this many inputs (omitted ones counted, except at the end).
  bool accepts_inputs(size_t count) const;
  bool accepts_outputs(size_t count) const;

  /// The formal parameter that actual input `index` belongs to (the last one takes all further ones if it is variadic);
  /// nullptr past the end.
  const ParameterSpec* input(size_t index) const;
  const ParameterSpec* output(size_t index) const;

  /// nullptr when the operator has no attribute of that name.
  const AttributeSpec* attribute(std::string_view attribute_name) const;
  const TypeConstraintSpec* type_constraint(std::string_view constraint_name) const;
};

/// The version of an operator that a model with this opset of the domain means: the newest one that is no newer than
/// the opset. nullptr when the domain is not of the standard, or has no such operator at that opset. Opsets above
/// max_opset() give the newest version that is known. O(log n).
const OpSchema* find(std::string_view domain, std::string_view op_type, int64_t opset_version);

/// Every version of an operator, oldest first; empty when there is none.
std::span<const OpSchema> versions(std::string_view domain, std::string_view op_type);

/// The whole table, ordered by domain, name and version.
std::span<const OpSchema> all();

}  // namespace surgery::schema
