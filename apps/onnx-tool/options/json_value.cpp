#include "options/json_value.h"

#include <optional>
#include <utility>
#include <vector>

#include "report/json.h"
#include "surgery/convert.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace app {
namespace {

using exec::Datum;
using surgery::DataType;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Tensor;
using surgery::Type;

constexpr size_t kMaxRank = 64;

class ValueParser {
 public:
  explicit ValueParser(const std::string& place) : place_(place) {}

  Datum parse(const Json& json, const Type& type) const {
    switch (type.kind) {
      case Type::Kind::kOptional:
        if (json.is_null()) return Datum::nothing(*type.inner);
        return parse(json, *type.inner);
      case Type::Kind::kSequence:
        return parse_sequence(json, type);
      case Type::Kind::kMap:
        return parse_map(json, type);
      default:
        return parse_tensor(json, type.element_type);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw Error(ErrorCode::kUsage, place_ + ": " + message); }

  Datum parse_sequence(const Json& json, const Type& type) const {
    if (!json.is_array()) fail("expected a list for " + to_string(type));
    exec::Sequence sequence{exec::without_shape(*type.inner), {}};
    for (const Json& element : json) sequence.elements.push_back(parse(element, *type.inner));
    return Datum(std::move(sequence));
  }

  Datum parse_map(const Json& json, const Type& type) const {
    if (!json.is_object()) fail("expected an object for " + to_string(type));
    Json keys = Json::array();
    Json values = Json::array();
    for (const auto& [key, value] : json.items()) {
      const std::optional<int64_t> number = surgery::parse_int(key);
      keys.push_back(type.element_type == DataType::kString || !number ? Json(key) : Json(*number));
      values.push_back(value);
    }
    return Datum(exec::make_map(parse_tensor(keys, type.element_type), parse_tensor(values, type.inner->element_type)));
  }

  Tensor parse_tensor(const Json& json, DataType type) const {
    std::vector<int64_t> dims;
    for (const Json* list = &json; list->is_array(); list = &list->front()) {
      if (dims.size() == kMaxRank) fail("lists nested more than " + std::to_string(kMaxRank) + " deep");
      dims.push_back(static_cast<int64_t>(list->size()));
      if (list->empty()) break;
    }
    std::vector<const Json*> leaves;
    collect(json, dims, 0, leaves);
    return type == DataType::kString ? strings_of(leaves, std::move(dims)) : numbers_of(leaves, std::move(dims), type);
  }

  void collect(const Json& json, const std::vector<int64_t>& dims, size_t depth,
               std::vector<const Json*>& leaves) const {
    if (depth == dims.size()) {
      if (json.is_array()) fail("the lists are not of one depth");
      leaves.push_back(&json);
      return;
    }
    if (!json.is_array() || static_cast<int64_t>(json.size()) != dims[depth]) {
      fail("the lists at depth " + std::to_string(depth + 1) + " are not all of " + std::to_string(dims[depth]) +
           " elements");
    }
    for (const Json& element : json) collect(element, dims, depth + 1, leaves);
  }

  Tensor strings_of(const std::vector<const Json*>& leaves, std::vector<int64_t> dims) const {
    std::vector<std::string> values;
    for (const Json* leaf : leaves) {
      if (!leaf->is_string()) fail("expected a string, found " + leaf->dump());
      values.push_back(leaf->get<std::string>());
    }
    return Tensor::from_strings(std::move(dims), std::move(values));
  }

  Tensor numbers_of(const std::vector<const Json*>& leaves, std::vector<int64_t> dims, DataType type) const {
    std::vector<double> numbers;
    std::vector<int64_t> integers;
    for (const Json* leaf : leaves) {
      if (!leaf->is_number() && !leaf->is_boolean()) {
        fail("expected a number, found " + surgery::escape(leaf->dump(-1, ' ', false, Json::error_handler_t::replace)));
      }
      const bool is_integer = leaf->is_boolean() || (leaf->is_number_integer() && leaf->get<double>() < 0x1p63);
      if (is_integer) integers.push_back(leaf->is_boolean() ? int64_t{leaf->get<bool>()} : leaf->get<int64_t>());
      numbers.push_back(leaf->is_boolean() ? static_cast<double>(leaf->get<bool>()) : leaf->get<double>());
    }
    const bool all_integers = integers.size() == leaves.size();
    const Tensor found = all_integers ? Tensor::from_values<int64_t>(DataType::kInt64, std::move(dims), integers)
                                      : Tensor::from_values<double>(DataType::kDouble, std::move(dims), numbers);
    std::optional<Tensor> converted = surgery::convert_nearest(found, type);
    if (!converted) fail("not every element is a " + std::string(surgery::to_string(type)));
    return std::move(*converted);
  }

  const std::string& place_;
};

}  // namespace

Datum parse_json_value(std::string_view text, const Type& type, const std::string& place) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw Error(ErrorCode::kUsage, place + ": not JSON: " + surgery::quote(text));
  return ValueParser(place).parse(json, type);
}

}  // namespace app
