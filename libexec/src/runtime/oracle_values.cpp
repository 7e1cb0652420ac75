#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "exec/oracle.h"
#include "kernels/cpu/minifloat.h"
#include "runtime/threads.h"

namespace exec {
namespace {

using surgery::DataType;
using surgery::Type;

constexpr int64_t kGrain = 16384;

/// to[i] = convert(from[i])
template <typename From, typename To, typename Convert>
void convert_elements(const Tensor& source, Tensor& target, Convert convert) {
  const From* from = source.values<From>().data();
  To* to = target.mutable_values<To>().data();
  parallel_for(source.num_elements(), kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = convert(from[i]);
  });
}

Tensor widened_tensor(const Tensor& given) {
  const Tensor source = given.aligned();
  Tensor target = Tensor::zeros(DataType::kDouble, source.dims());
  if (source.type() == DataType::kFloat) {
    convert_elements<float, double>(source, target, [](float x) { return static_cast<double>(x); });
  } else if (source.type() == DataType::kFloat16) {
    convert_elements<uint16_t, double>(source, target,
                                       [](uint16_t x) { return static_cast<double>(cpu::half_to_float(x)); });
  } else {
    convert_elements<uint16_t, double>(source, target,
                                       [](uint16_t x) { return static_cast<double>(cpu::bfloat16_to_float(x)); });
  }
  return target;
}

Tensor rounded_tensor(const Tensor& source, DataType type) {
  Tensor target = Tensor::zeros(type, source.dims());
  if (type == DataType::kFloat) {
    convert_elements<double, float>(source, target, [](double x) { return static_cast<float>(x); });
  } else {
    convert_elements<double, uint16_t>(source, target, [=](double x) { return cpu::encode_minifloat(x, type, {}); });
  }
  return target;
}

/// The type of the tensors that a type speaks of, of a map that of its values; kUndefined where that is not known.
DataType leaf_type(const Type& type) {
  if (type.kind == Type::Kind::kTensor) return type.element_type;
  return type.inner ? leaf_type(*type.inner) : DataType::kUndefined;
}

Type with_leaf_type(Type type, DataType leaf) {
  if (type.kind == Type::Kind::kTensor) {
    type.element_type = leaf;
  } else if (type.inner) {
    type.inner = std::make_shared<const Type>(with_leaf_type(*type.inner, leaf));
  }
  return type;
}

/// The value with `change` done to each tensor in it, the type of their elements being `type` then. Requires tensors of
/// one type in it, or room for them.
template <typename Change>
Datum changed(const Datum& value, DataType type, const Change& change) {
  if (value.is_tensor()) return change(value.tensor());
  if (value.is_map()) return Datum(Map{value.map().keys, change(value.map().values)});
  if (value.is_nothing()) {
    const Type optional = value.type();
    return Datum::nothing(optional.inner ? with_leaf_type(*optional.inner, type) : Type());
  }
  Sequence result{with_leaf_type(value.sequence().element_type, type), {}};
  result.elements.reserve(value.sequence().elements.size());
  for (const Datum& element : value.sequence().elements) result.elements.push_back(changed(element, type, change));
  return Datum(std::move(result));
}

}  // namespace

DataType kept_type(const Datum& value) {
  if (value.is_tensor()) return value.tensor().type();
  if (!value.is_sequence()) return leaf_type(value.type());
  const DataType type = leaf_type(value.sequence().element_type);
  const auto& elements = value.sequence().elements;
  return is_valid(type) || elements.empty() ? type : kept_type(elements.front());
}

int64_t widened_bytes(const Datum& value) {
  constexpr int64_t kSize = sizeof(double);
  if (!is_widened(kept_type(value))) return 0;
  if (value.is_tensor()) return std::min(value.tensor().num_elements(), INT64_MAX / kSize) * kSize;
  if (value.is_map()) return widened_bytes(value.map().values);
  int64_t bytes = 0;
  if (value.is_sequence()) {
    for (const Datum& element : value.sequence().elements) bytes += widened_bytes(element);
  }
  return bytes;
}

Datum widened(Datum value) {
  const DataType type = kept_type(value);
  if (!is_widened(type)) return value;
  Datum result = changed(value, DataType::kDouble, widened_tensor);
  result.set_model_type(type);
  return result;
}

Datum rounded(Datum value) {
  const DataType type = value.model_type();
  value.set_model_type(DataType::kUndefined);
  if (!is_widened(type) || kept_type(value) != DataType::kDouble) return value;
  return changed(value, type, [type](const Tensor& tensor) { return rounded_tensor(tensor, type); });
}

}  // namespace exec
