#include "surgery/schema.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace surgery::schema {
namespace {

constexpr auto kSingle = ParameterOption::kSingle;
constexpr auto kOptional = ParameterOption::kOptional;
constexpr auto kVariadic = ParameterOption::kVariadic;
constexpr uint8_t kDeprecatedFlag = OpSchema::kDeprecatedFlag;
constexpr uint8_t kFunctionFlag = OpSchema::kFunctionFlag;
constexpr uint8_t kRandomFlag = OpSchema::kRandomFlag;
constexpr uint8_t kExperimentalFlag = OpSchema::kExperimentalFlag;

struct DomainSpec {
  std::string_view domain;
  int64_t max_opset;
  std::span<const int8_t> ir_versions;  // of opset 1, 2, ...
};

#include "schema/operators_generated.inc"

const DomainSpec* find_domain(std::string_view domain) {
  const std::string_view name = normalize_domain(domain);
  const auto* found = std::ranges::find(kDomains, name, &DomainSpec::domain);
  return found == std::end(kDomains) ? nullptr : found;
}

auto key(const OpSchema& op) { return std::tuple(op.domain, op.name); }

const ParameterSpec* parameter(std::span<const ParameterSpec> formal, size_t index) {
  if (index < formal.size()) return &formal[index];
  return !formal.empty() && formal.back().option == kVariadic ? &formal.back() : nullptr;
}

bool in_range(size_t count, int32_t least, int32_t most) {
  return count >= static_cast<size_t>(least) && (most == kUnlimited || count <= static_cast<size_t>(most));
}

uint32_t bit_of(DataType type) { return is_valid(type) ? 1U << static_cast<uint32_t>(type) : 0; }

bool mask_accepts(uint32_t mask, const Type& tensor) {
  if (tensor.kind == Type::Kind::kUnknown) return mask != 0;
  if (tensor.kind != Type::Kind::kTensor) return false;
  return tensor.element_type == DataType::kUndefined ? mask != 0 : (mask & bit_of(tensor.element_type)) != 0;
}

constexpr uint32_t map_bit(MapType type) { return 1U << static_cast<uint32_t>(type); }

// The bit of a map type, or of a sequence of it; 0 for those that no operator takes.
uint32_t map_bit_of(const Type& map, bool in_sequence) {
  if (map.inner == nullptr || !map.inner->is_tensor()) return 0;
  struct Row {
    DataType key;
    DataType value;
    MapType plain;
    uint32_t sequence;
  };
  static constexpr std::array kRows = {
      Row{DataType::kInt64, DataType::kString, MapType::kInt64ToString, 0},
      Row{DataType::kInt64, DataType::kFloat, MapType::kInt64ToFloat, map_bit(MapType::kSequenceOfInt64ToFloat)},
      Row{DataType::kInt64, DataType::kDouble, MapType::kInt64ToDouble, 0},
      Row{DataType::kString, DataType::kInt64, MapType::kStringToInt64, 0},
      Row{DataType::kString, DataType::kFloat, MapType::kStringToFloat, map_bit(MapType::kSequenceOfStringToFloat)},
      Row{DataType::kString, DataType::kDouble, MapType::kStringToDouble, 0},
  };
  for (const Row& row : kRows) {
    if (row.key == map.element_type && row.value == map.inner->element_type) {
      return in_sequence ? row.sequence : map_bit(row.plain);
    }
  }
  return 0;
}

void append_masked(std::string& text, uint32_t mask, std::string_view before, std::string_view after) {
  for (int32_t number = 1; number <= kMaxDataType; ++number) {
    if ((mask >> number & 1U) == 0) continue;
    if (!text.empty()) text += ", ";
    text.append(before).append(to_string(static_cast<DataType>(number))).append(after);
  }
}

}  // namespace

int64_t latest_ir_version() { return kLatestIrVersion; }

int64_t max_opset(std::string_view domain) {
  const DomainSpec* found = find_domain(domain);
  return found == nullptr ? 0 : found->max_opset;
}

int64_t ir_version_of(std::string_view domain, int64_t opset_version) {
  const DomainSpec* found = find_domain(domain);
  if (found == nullptr) return 0;
  if (opset_version > found->max_opset) return kLatestIrVersion;
  return found->ir_versions[static_cast<size_t>(std::max<int64_t>(opset_version, 1) - 1)];
}

bool TypeSet::accepts(const Type& type) const {
  switch (type.kind) {
    case Type::Kind::kUnknown:
      return true;
    case Type::Kind::kTensor:
      return mask_accepts(tensors, type);
    case Type::Kind::kSequence:
      if (type.inner == nullptr) return sequences != 0;
      if (type.inner->kind == Type::Kind::kMap) return (maps & map_bit_of(*type.inner, true)) != 0;
      return mask_accepts(sequences, *type.inner);
    case Type::Kind::kOptional:
      if (type.inner == nullptr) return (optionals | optional_sequences) != 0;
      if (type.inner->kind != Type::Kind::kSequence) return mask_accepts(optionals, *type.inner);
      if (type.inner->inner == nullptr) return optional_sequences != 0;
      return mask_accepts(optional_sequences, *type.inner->inner);
    case Type::Kind::kMap:
      return (maps & map_bit_of(type, false)) != 0;
    case Type::Kind::kSparseTensor:
    case Type::Kind::kOpaque:
      return false;
  }
  return false;
}

std::string to_string(const TypeSet& types) {
  static constexpr std::array<std::string_view, 8> kMapNames = {
      "map(int64, string)", "map(int64, float)",   "map(int64, double)",     "map(string, int64)",
      "map(string, float)", "map(string, double)", "seq(map(int64, float))", "seq(map(string, float))"};
  std::string text;
  append_masked(text, types.tensors, "tensor(", ")");
  append_masked(text, types.sequences, "seq(tensor(", "))");
  append_masked(text, types.optionals, "optional(tensor(", "))");
  append_masked(text, types.optional_sequences, "optional(seq(tensor(", ")))");
  for (size_t i = 0; i < kMapNames.size(); ++i) {
    if (!types.has_map(static_cast<MapType>(i))) continue;
    if (!text.empty()) text += ", ";
    text += kMapNames[i];
  }
  return text;
}

bool OpSchema::accepts_inputs(size_t count) const { return in_range(count, min_inputs, max_inputs); }
bool OpSchema::accepts_outputs(size_t count) const { return in_range(count, min_outputs, max_outputs); }

const ParameterSpec* OpSchema::input(size_t index) const { return parameter(inputs, index); }
const ParameterSpec* OpSchema::output(size_t index) const { return parameter(outputs, index); }

const AttributeSpec* OpSchema::attribute(std::string_view attribute_name) const {
  const auto found = std::ranges::lower_bound(attributes, attribute_name, {}, &AttributeSpec::name);
  return found != attributes.end() && found->name == attribute_name ? &*found : nullptr;
}

const TypeConstraintSpec* OpSchema::type_constraint(std::string_view constraint_name) const {
  const auto found = std::ranges::find(type_constraints, constraint_name, &TypeConstraintSpec::name);
  return found != type_constraints.end() ? &*found : nullptr;
}

std::span<const OpSchema> versions(std::string_view domain, std::string_view op_type) {
  const std::tuple wanted(normalize_domain(domain), op_type);
  const auto* first = std::ranges::lower_bound(kOperators, wanted, {}, key);
  const auto* last = std::ranges::upper_bound(first, std::end(kOperators), wanted, {}, key);
  return {first, last};
}

const OpSchema* find(std::string_view domain, std::string_view op_type, int64_t opset_version) {
  const std::span<const OpSchema> of_op = versions(domain, op_type);
  const auto newer = std::ranges::upper_bound(of_op, opset_version, {}, &OpSchema::since_version);
  return newer == of_op.begin() ? nullptr : &*std::prev(newer);
}

std::span<const OpSchema> all() { return kOperators; }

}  // namespace surgery::schema
