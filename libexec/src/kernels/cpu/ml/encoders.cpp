// LabelEncoder and CategoryMapper: elements looked up in a list of keys and replaced by the value at the same place.

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

Tensor list_of(std::vector<std::string> values) {
  const auto size = static_cast<int64_t>(values.size());
  return Tensor::from_strings({size}, std::move(values));
}

Tensor list_of(const std::vector<float>& values) {
  return Tensor::from_values<float>(DataType::kFloat, {static_cast<int64_t>(values.size())}, values);
}

Tensor list_of(const std::vector<int64_t>& values) { return Tensor::vector(values); }

/// A number as a key: equal numbers are equal keys, every NaN is one key.
uint64_t key_of(double x) { return std::bit_cast<uint64_t>(x == 0 ? 0.0 : std::isnan(x) ? std::nan("") : x); }

/// Where each element of `tensor` stands among `keys`, -1 for one that does not: the first of equal ones.
class KeyIndex {
 public:
  KeyIndex(const Tensor& keys, bool nan_is_key) : nan_is_key_(nan_is_key) {
    if (keys.type() == DataType::kString) {
      for (const std::string& key : keys.strings()) by_string_.try_emplace(key, next_++);
    } else if (surgery::is_float(keys.type())) {
      const auto numbers = keys.to_doubles();
      for (const double key : *numbers) by_number_.try_emplace(key_of(key), next_++);
    } else {
      const auto numbers = keys.to_int64s(INT64_MAX);
      for (const int64_t key : *numbers) by_number_.try_emplace(static_cast<uint64_t>(key), next_++);
    }
  }

  template <typename Visit>
  void for_each(const Tensor& tensor, Visit&& visit) const {
    if (tensor.type() == DataType::kString) {
      for (const std::string& text : tensor.strings()) visit(find(by_string_, std::string_view(text)));
    } else if (surgery::is_float(tensor.type())) {
      const auto numbers = tensor.to_doubles();
      for (const double x : *numbers) visit(std::isnan(x) && !nan_is_key_ ? -1 : find(by_number_, key_of(x)));
    } else {
      const auto numbers = tensor.to_int64s(INT64_MAX);
      for (const int64_t x : *numbers) visit(find(by_number_, static_cast<uint64_t>(x)));
    }
  }

 private:
  template <typename Known, typename Key>
  static int64_t find(const Known& known, const Key& key) {
    const auto found = known.find(key);
    return found == known.end() ? -1 : found->second;
  }

  bool nan_is_key_;
  int64_t next_ = 0;
  std::unordered_map<std::string_view, int64_t> by_string_;  // views the keys
  std::unordered_map<uint64_t, int64_t> by_number_;
};

/// Output 0: for each element of input 0 the value beside its key, or `otherwise` (one element).
void look_up(KernelContext& context, const Tensor& keys, const Tensor& values, const Tensor& otherwise,
             bool nan_is_key) {
  const Tensor& data = context.input(0);
  if (keys.type() != data.type()) {
    context.fail("its keys are " + std::string(to_string(keys.type())) + ", its input " +
                 std::string(to_string(data.type())));
  }
  if (keys.num_elements() != values.num_elements()) {
    context.fail(std::to_string(keys.num_elements()) + " keys for " + std::to_string(values.num_elements()) +
                 " values");
  }
  if (otherwise.type() != values.type() || otherwise.num_elements() != 1) {
    context.fail("its default is " + std::string(to_string(otherwise.type())) + dims_text(otherwise.dims()) +
                 ", expected one " + std::string(to_string(values.type())));
  }
  const KeyIndex index(keys, nan_is_key);
  Tensor& output = context.output(0, values.type(), data.dims());
  dispatch_movable(context, values.type(), [&]<typename T>() {
    const std::span<const T> from = elements<T>(values);
    const T& fallback = elements<T>(otherwise)[0];
    T* target = mutable_elements<T>(output).data();
    index.for_each(data, [&](int64_t at) { *target++ = at < 0 ? fallback : from[static_cast<size_t>(at)]; });
  });
}

Tensor default_of(const KernelContext& context, DataType type) {
  if (type == DataType::kString) return list_of({context.attr_string("default_string", "_Unused")});
  if (type == DataType::kInt64) return Tensor::scalar(context.attr_int("default_int64", -1));
  if (type == DataType::kFloat) return Tensor::scalar(context.attr_float("default_float", -0.0F));
  // Types that only values_tensor has: -1 for integers, -0 for double.
  Tensor result = Tensor::zeros(type, {1});
  if (type == DataType::kDouble) result.mutable_values<double>()[0] = -0.0;
  if (type == DataType::kInt32) result.mutable_values<int32_t>()[0] = -1;
  if (type == DataType::kInt16) result.mutable_values<int16_t>()[0] = -1;
  return result;
}

/// LabelEncoder-1: strings to their places in classes_strings, and back.
void label_encoder_1(KernelContext& context) {
  const Tensor names = list_of(context.attr_strings("classes_strings"));
  std::vector<int64_t> numbers(static_cast<size_t>(names.num_elements()));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int64_t>(i);
  const Tensor places = Tensor::vector(numbers);
  const bool encodes = context.input(0).type() == DataType::kString;
  const Tensor& values = encodes ? places : names;
  look_up(context, encodes ? names : places, values, default_of(context, values.type()), false);
}

/// The one list among NAME_floats, NAME_int64s, NAME_strings and NAME_tensor that is given.
Tensor read_list(const KernelContext& context, const std::string& name) {
  std::vector<Tensor> given;
  if (context.attribute(name + "_floats") != nullptr) given.push_back(list_of(context.attr_floats(name + "_floats")));
  if (context.attribute(name + "_int64s") != nullptr) given.push_back(list_of(context.attr_ints(name + "_int64s")));
  if (context.attribute(name + "_strings") != nullptr) {
    given.push_back(list_of(context.attr_strings(name + "_strings")));
  }
  if (const Tensor* tensor = context.attr_tensor(name + "_tensor")) given.push_back(tensor->aligned());
  if (given.size() != 1) context.fail("has " + std::to_string(given.size()) + " lists of " + name + ", expected one");
  return given[0];
}

/// LabelEncoder-2 and -4.
void label_encoder(KernelContext& context) {
  const Tensor keys = read_list(context, "keys");
  const Tensor values = read_list(context, "values");
  const Tensor* given = context.attr_tensor("default_tensor");
  look_up(context, keys, values, given != nullptr ? given->aligned() : default_of(context, values.type()),
          context.opset() >= 4);
}

void category_mapper(KernelContext& context) {
  const Tensor names = list_of(context.attr_strings("cats_strings"));
  const Tensor numbers = list_of(context.attr_ints("cats_int64s"));
  const bool encodes = context.input(0).type() == DataType::kString;
  const Tensor& values = encodes ? numbers : names;
  look_up(context, encodes ? names : numbers, values, default_of(context, values.type()), false);
}

constexpr TypeMask kIdentifiers = kStrings | type_bit(DataType::kInt64);
constexpr TypeMask kKeys2 = kIdentifiers | type_bit(DataType::kFloat);
constexpr TypeMask kKeys4 = kKeys2 | type_mask({DataType::kInt32, DataType::kInt16, DataType::kDouble});

constexpr Kernel kKernels[] = {
    {"CategoryMapper", "ai.onnx.ml", 1, kLatest, kIdentifiers, 0, category_mapper},
    {"LabelEncoder", "ai.onnx.ml", 1, 1, kIdentifiers, 0, label_encoder_1},
    {"LabelEncoder", "ai.onnx.ml", 2, 3, kKeys2, 0, label_encoder},
    {"LabelEncoder", "ai.onnx.ml", 4, kLatest, kKeys4, 0, label_encoder},
};

}  // namespace

std::span<const Kernel> ml_encoder_kernels() { return kKernels; }

}  // namespace exec::cpu
