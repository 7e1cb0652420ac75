#include "exec/datum.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "surgery/error.h"

namespace exec {
namespace {

using surgery::DataType;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Type;

bool tensor_fits(const Tensor& tensor, const Type& type) {
  if (is_valid(type.element_type) && type.element_type != tensor.type()) return false;
  if (!type.shape) return true;
  if (type.shape->size() != tensor.dims().size()) return false;
  for (size_t i = 0; i < tensor.dims().size(); ++i) {
    const surgery::Dim& dim = (*type.shape)[i];
    if (dim.is_known() && dim.value() != tensor.dims()[i]) return false;
  }
  return true;
}

bool map_fits(const Map& map, const Type& type) {
  const auto agrees = [](DataType wanted, DataType found) { return !is_valid(wanted) || wanted == found; };
  return agrees(type.element_type, map.keys.type()) &&
         (!type.inner || !type.inner->is_tensor() || agrees(type.inner->element_type, map.values.type()));
}

/// Whether a value of type `found` may stand where `wanted` is declared; shapes are not looked at.
bool kinds_agree(const Type& found, const Type& wanted) {
  if (!found.is_known() || !wanted.is_known()) return true;
  if (found.kind != wanted.kind) return false;
  if (is_valid(found.element_type) && is_valid(wanted.element_type) && found.element_type != wanted.element_type) {
    return false;
  }
  return !found.inner || !wanted.inner || kinds_agree(*found.inner, *wanted.inner);
}

/// Elements `order` of a list, each of which may be a string.
Tensor picked(const Tensor& list, const std::vector<size_t>& order) {
  const std::vector<int64_t> dims{static_cast<int64_t>(order.size())};
  if (list.type() == DataType::kString) {
    std::vector<std::string> strings;
    strings.reserve(order.size());
    for (const size_t i : order) strings.push_back(list.strings()[i]);
    return Tensor::from_strings(dims, std::move(strings));
  }
  Tensor result = Tensor::zeros(list.type(), dims);
  const size_t size = static_cast<size_t>(surgery::bit_width(list.type())) / 8;
  for (size_t i = 0; i < order.size(); ++i) {
    std::memcpy(result.mutable_bytes().data() + i * size, list.bytes().data() + order[i] * size, size);
  }
  return result;
}

/// Puts `order` so that `keys` ascend and leaves of equal ones the last.
template <typename Keys>
void sort_by(const Keys& keys, std::vector<size_t>& order) {
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
  const auto last = std::unique(order.rbegin(), order.rend(), [&](size_t a, size_t b) { return keys[a] == keys[b]; });
  order.erase(order.begin(), last.base());
}

}  // namespace

Datum::Datum(Tensor tensor) {
  if (tensor.is_defined()) content_ = std::move(tensor);
}

Datum::Datum(Sequence sequence)
    : content_(std::shared_ptr<const Sequence>(std::make_shared<Sequence>(std::move(sequence)))) {}

Datum::Datum(Map map) : content_(std::shared_ptr<const Map>(std::make_shared<Map>(std::move(map)))) {}

Datum Datum::nothing(Type element) {
  Datum datum;
  datum.content_ = Nothing{std::move(element)};
  return datum;
}

Tensor Datum::tensor_if() const { return is_tensor() ? tensor() : Tensor(); }

Sequence& Datum::mutable_sequence() {
  auto& shared = std::get<std::shared_ptr<const Sequence>>(content_);
  if (shared.use_count() != 1) shared = std::make_shared<Sequence>(*shared);
  // Made here or by the constructor, from an object that is not const, and held by nobody else.
  return const_cast<Sequence&>(*shared);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

Type Datum::type() const {
  if (is_tensor()) {
    return Type::tensor(tensor().type(), surgery::Shape(tensor().dims().begin(), tensor().dims().end()));
  }
  if (is_sequence()) return Type::sequence(sequence().element_type);
  if (is_map()) return Type::map(map().keys.type(), Type::tensor(map().values.type(), surgery::Shape{}));
  if (is_nothing()) return Type::optional(std::get<Nothing>(content_).element);
  return {};
}

Type without_shape(Type type) {
  type.shape.reset();
  if (type.inner) type.inner = std::make_shared<const Type>(without_shape(*type.inner));
  return type;
}

bool fits(const Datum& datum, const Type& type) {
  switch (type.kind) {
    case Type::Kind::kTensor:
    case Type::Kind::kSparseTensor:
      return datum.is_tensor() && tensor_fits(datum.tensor(), type);
    case Type::Kind::kSequence:
      if (!datum.is_sequence()) return false;
      if (!type.inner) return true;
      return kinds_agree(datum.sequence().element_type, *type.inner) &&
             std::all_of(datum.sequence().elements.begin(), datum.sequence().elements.end(),
                         [&](const Datum& element) { return fits(element, *type.inner); });
    case Type::Kind::kMap:
      return datum.is_map() && map_fits(datum.map(), type);
    case Type::Kind::kOptional:
      if (datum.is_nothing()) return kinds_agree(datum.type(), type);
      return datum.is_defined() && (!type.inner || fits(datum, *type.inner));
    default:
      return datum.is_defined();
  }
}

Map make_map(const Tensor& keys, const Tensor& values) {
  if (keys.num_elements() != values.num_elements()) {
    throw Error(ErrorCode::kRead, "a map has " + std::to_string(keys.num_elements()) + " keys and " +
                                      std::to_string(values.num_elements()) + " values");
  }
  if (values.type() != DataType::kString && surgery::bit_width(values.type()) < 8) {
    throw Error(ErrorCode::kUnsupported, "a map with values of type " + std::string(to_string(values.type())));
  }
  std::vector<size_t> order(static_cast<size_t>(keys.num_elements()));
  std::iota(order.begin(), order.end(), size_t{0});
  if (keys.type() == DataType::kString) {
    sort_by(keys.strings(), order);
  } else if (const auto numbers = keys.to_int64s(INT64_MAX)) {
    sort_by(*numbers, order);
  } else {
    throw Error(ErrorCode::kRead,
                "a map has keys of type " + std::string(to_string(keys.type())) + ", expected integers or strings");
  }
  return {picked(keys, order), picked(values, order)};
}

}  // namespace exec
