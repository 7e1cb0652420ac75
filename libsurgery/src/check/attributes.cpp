#include <algorithm>
#include <array>
#include <unordered_set>
#include <variant>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

using schema::AttributeSpec;
using schema::OpSchema;

std::string op_text(const OpSchema& schema) {
  return std::string(schema.name) + "-" + std::to_string(schema.since_version);
}

std::string place_of(const NodePlace& at, const Attribute& attribute) {
  return checking::place_of(at) + "/attribute " + quote(attribute.name());
}

/// What kind of value the payload is, as an attribute type; undefined when there is none.
AttributeType type_of_payload(const Attribute& attribute) {
  constexpr std::array kTypes{AttributeType::kUndefined,     AttributeType::kFloat,     AttributeType::kInt,
                              AttributeType::kString,        AttributeType::kTensor,    AttributeType::kGraph,
                              AttributeType::kFloats,        AttributeType::kInts,      AttributeType::kStrings,
                              AttributeType::kTensors,       AttributeType::kGraphs,    AttributeType::kSparseTensor,
                              AttributeType::kSparseTensors, AttributeType::kTypeProto, AttributeType::kTypeProtos};
  static_assert(kTypes.size() == std::variant_size_v<Attribute::Payload>);
  return kTypes[attribute.payload().index()];
}

/// Writers that leave out zeros, empty strings and empty lists mean just those when nothing is there.
bool may_be_absent(AttributeType type) {
  switch (type) {
    case AttributeType::kUndefined:
    case AttributeType::kTensor:
    case AttributeType::kGraph:
    case AttributeType::kSparseTensor:
    case AttributeType::kTypeProto:
      return false;
    default:
      return true;
  }
}

bool is_empty_list(const Attribute& attribute) {
  return std::visit(
      [](const auto& payload) {
        if constexpr (requires {
                        payload.empty();
                        payload.back();
                      }) {
          return payload.empty();
        } else {
          return false;
        }
      },
      attribute.payload());
}

void check_reference(Context& context, const NodePlace& at, const Attribute& attribute) {
  const Function* function = at.scope.function;
  const std::string& name = attribute.ref_attr_name();
  if (function == nullptr) {
    context.add(kAttributeReference, place_of(at, attribute),
                "it refers to attribute " + quote(name) + " of a function, but is in none");
    return;
  }
  if (!context.functions().has_attribute(*function, name)) {
    context.add(kAttributeReference, place_of(at, attribute),
                "it refers to attribute " + quote(name) + ", which the function does not declare");
  }
}

/// Type and payload of one attribute, by themselves. Gives false when the type is not usable.
bool check_payload(Context& context, const NodePlace& at, const Attribute& attribute) {
  const AttributeType payload = type_of_payload(attribute);
  if (attribute.type() == AttributeType::kUndefined) {
    // The type came with IR version 2; what is set tells it in older files.
    const bool is_old = context.model().ir_version() == 1 && payload != AttributeType::kUndefined;
    if (!is_old) context.add(kAttributeType, place_of(at, attribute), "its type is missing");
    return false;
  }
  if (!attribute.ref_attr_name().empty()) return true;
  if (payload == attribute.type()) return true;
  const bool nothing = payload == AttributeType::kUndefined || is_empty_list(attribute);
  if (nothing && may_be_absent(attribute.type())) return true;
  context.add(kAttributePayload, place_of(at, attribute),
              "its type is " + std::string(to_string(attribute.type())) + ", but " +
                  (nothing ? "there is no value" : "the value is of type " + std::string(to_string(payload))));
  return true;
}

void check_tensors(Context& context, const NodePlace& at, const Attribute& attribute) {
  const auto place = [&] { return place_of(at, attribute); };
  if (const auto* tensor = attribute.get_if<Tensor>()) check_tensor(context, *tensor, place());
  if (const auto* tensors = attribute.get_if<std::vector<Tensor>>()) {
    for (size_t i = 0; i < tensors->size(); ++i) {
      check_tensor(context, (*tensors)[i], place() + "[" + std::to_string(i) + "]");
    }
  }
  if (const auto* tensor = attribute.get_if<SparseTensor>()) check_sparse_tensor(context, *tensor, place());
  if (const auto* tensors = attribute.get_if<std::vector<SparseTensor>>()) {
    for (size_t i = 0; i < tensors->size(); ++i) {
      check_sparse_tensor(context, (*tensors)[i], place() + "[" + std::to_string(i) + "]");
    }
  }
}

void check_against_schema(Context& context, const NodePlace& at, const OpSchema& schema, const Attribute& attribute,
                          bool has_type) {
  // Names that start with two underscores are left to tools; ONNX's own checker passes them too.
  if (attribute.name().starts_with("__")) return;
  const AttributeSpec* spec = schema.attribute(attribute.name());
  if (spec == nullptr) {
    std::vector<std::string> names;
    for (const AttributeSpec& each : schema.attributes) names.emplace_back(each.name);
    context.add(
        kUnknownAttribute, place_of(at, attribute),
        op_text(schema) + " has no attribute " + quote(attribute.name()) + context.suggestion(attribute.name(), names));
  } else if (has_type && attribute.type() != spec->type) {
    context.add(kAttributeType, place_of(at, attribute),
                op_text(schema) + " wants " + std::string(to_string(spec->type)) + " for " + quote(spec->name) +
                    ", found " + std::string(to_string(attribute.type())));
  }
}

void check_required(Context& context, const NodePlace& at, const OpSchema& schema) {
  for (const AttributeSpec& spec : schema.attributes) {
    if (!spec.is_required || at.node.attribute(spec.name) != nullptr) continue;
    context.add(
        kMissingAttribute, checking::place_of(at),
        op_text(schema) + " needs attribute " + quote(spec.name) + " of type " + std::string(to_string(spec.type)));
  }
  // Constant-1 to -9 have one required attribute; later ones want one of several.
  if (schema.name == "Constant" && schema.domain.empty() && schema.since_version >= 11) {
    const auto is_value = [&](const Attribute& a) { return schema.attribute(a.name()) != nullptr; };
    const auto found = std::ranges::count_if(at.node.attributes(), is_value);
    if (found != 1) {
      context.add(kConstantValue, checking::place_of(at),
                  op_text(schema) + " wants exactly one value attribute, found " + std::to_string(found));
    }
  }
}

void check_against_function(Context& context, const NodePlace& at, const Function& function,
                            const std::unordered_set<std::string_view>& given) {
  const std::string name = "function " + quote(function.domain + "." + function.name);
  // Only the first that is missing: a file could list any number of them for any number of calls.
  const auto missing =
      std::ranges::find_if(function.attribute_names, [&](const auto& a) { return !given.contains(a); });
  if (missing != function.attribute_names.end()) {
    context.add(kMissingAttribute, checking::place_of(at), name + " needs attribute " + quote(*missing));
  }
  for (const Attribute& attribute : at.node.attributes()) {
    if (context.functions().has_attribute(function, attribute.name())) continue;
    context.add(kUnknownFunctionAttribute, place_of(at, attribute),
                name + " has no attribute " + quote(attribute.name()));
  }
}

}  // namespace

void check_attributes(Context& context, const NodePlace& at, const OpSchema* schema, const Function* function) {
  std::unordered_set<std::string_view> seen;
  for (const Attribute& attribute : at.node.attributes()) {
    if (!seen.insert(attribute.name()).second) {
      context.add(kRepeatedAttribute, place_of(at, attribute), "it is given twice");
    }
    if (!attribute.ref_attr_name().empty()) check_reference(context, at, attribute);
    const bool has_type = check_payload(context, at, attribute);
    check_tensors(context, at, attribute);
    if (schema != nullptr) check_against_schema(context, at, *schema, attribute, has_type);
  }
  if (schema != nullptr) check_required(context, at, *schema);
  if (function != nullptr) check_against_function(context, at, *function, seen);
}

}  // namespace surgery::checking
