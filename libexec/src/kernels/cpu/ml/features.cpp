// Operators on rows of features: ArrayFeatureExtractor, Binarizer, FeatureVectorizer, Imputer, Normalizer,
// OneHotEncoder, Scaler.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/ml/rows.h"

namespace exec::cpu::ml {
namespace {

/// How many features a sample has: the second extent, of a list its length.
int64_t row_width(const KernelContext& context, const Tensor& tensor) {
  if (tensor.rank() == 0) context.fail("input 0 is a scalar, expected at least one axis");
  return tensor.rank() == 1 ? tensor.dims()[0] : tensor.dims()[1];
}

template <typename Body>
void dispatch_features(const KernelContext& context, const Tensor& tensor, Body&& body) {
  dispatch<float, double, int64_t, int32_t>(context, tensor.type(), std::forward<Body>(body));
}

void array_feature_extractor(KernelContext& context) {
  const Tensor& data = context.input(0);
  const std::vector<int64_t> indices = context.int_values(1);
  if (data.rank() == 0 || indices.empty()) context.fail("needs at least one axis and one index");
  const int64_t length = data.dims().back();
  for (const int64_t index : indices) {
    if (index < 0 || index >= length) {
      context.fail("index " + std::to_string(index) + " is outside of an axis of " + std::to_string(length));
    }
  }
  Dims dims = data.dims();
  dims.back() = static_cast<int64_t>(indices.size());
  if (dims.size() == 1) dims.insert(dims.begin(), 1);
  const int64_t rows = product(data.dims(), 0, data.rank() - 1);
  Tensor& output = context.output(0, data.type(), std::move(dims));
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    for (int64_t row = 0; row < rows; ++row) {
      for (const int64_t index : indices) *target++ = source[row * length + index];
    }
  });
}

void binarizer(KernelContext& context) {
  const Tensor& data = context.input(0);
  const float threshold = context.attr_float("threshold", 0);
  Tensor& output = context.output(0, data.type(), data.dims());
  dispatch_features(context, data, [&]<typename T>() {
    std::transform(data.values<T>().begin(), data.values<T>().end(), output.mutable_values<T>().begin(),
                   [&](T x) { return static_cast<double>(x) > static_cast<double>(threshold) ? T{1} : T{0}; });
  });
}

/// Inputs [N, C] side by side as float, each cut or filled up with 0 to its number of inputdimensions; [C] is one row.
void feature_vectorizer(KernelContext& context) {
  const Dims widths = context.attr_ints("inputdimensions");
  if (widths.size() != context.num_inputs()) {
    context.fail("inputdimensions has " + std::to_string(widths.size()) + " values for " +
                 std::to_string(context.num_inputs()) + " inputs");
  }
  int64_t total = 0;
  int64_t rows = -1;
  for (size_t i = 0; i < widths.size(); ++i) {
    const Tensor& input = context.input(i);
    if (input.rank() != 1 && input.rank() != 2) {
      context.fail("input " + std::to_string(i) + " has shape " + dims_text(input.dims()) + ", expected [N, C] or [C]");
    }
    const int64_t here = input.rank() == 1 ? 1 : input.dims()[0];
    if (widths[i] < 0 || (rows >= 0 && here != rows)) {
      context.fail("input " + std::to_string(i) + " has " + std::to_string(here) + " rows, expected " +
                   std::to_string(rows));
    }
    rows = here;
    total = checked_add(context, total, widths[i]);
  }
  Tensor& output = context.output(0, score_type(context), {std::max<int64_t>(rows, 0), total});
  std::vector<double> features(static_cast<size_t>(output.num_elements()));
  int64_t offset = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    const Tensor& input = context.input(i);
    const int64_t width = row_width(context, input);
    dispatch_features(context, input, [&]<typename T>() {
      const T* source = input.values<T>().data();
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t k = 0; k < std::min(width, widths[i]); ++k) {
          features[static_cast<size_t>(row * total + offset + k)] = static_cast<double>(source[row * width + k]);
        }
      }
    });
    offset += widths[i];
  }
  put_scores(features, 0, output);
}

/// Puts values in the place of `missing` (which may be NaN), one for all features or one for each.
template <typename T, typename Value>
void impute(KernelContext& context, const std::vector<Value>& values, Value missing) {
  const Tensor& data = context.input(0);
  const int64_t width = row_width(context, data);
  if (values.size() != 1 && static_cast<int64_t>(values.size()) != width) {
    context.fail(std::to_string(values.size()) + " imputed values for " + std::to_string(width) + " features");
  }
  const bool is_nan_missing = is_nan(missing);
  const std::span<const T> source = data.values<T>();
  const std::span<T> target = context.output(0, data.type(), data.dims()).template mutable_values<T>();
  for (size_t i = 0; i < source.size(); ++i) {
    const bool is_missing = is_nan_missing ? is_nan(source[i]) : source[i] == static_cast<T>(missing);
    const size_t feature = values.size() == 1 ? 0 : i % static_cast<size_t>(width);
    target[i] = is_missing ? static_cast<T>(values[feature]) : source[i];
  }
}

void imputer(KernelContext& context) {
  const std::vector<float> floats = context.attr_floats("imputed_value_floats");
  const Dims integers = context.attr_ints("imputed_value_int64s");
  const bool takes_floats = surgery::is_float(context.input(0).type());
  if (floats.empty() == integers.empty() || takes_floats == floats.empty()) {
    context.fail("needs one of imputed_value_floats and imputed_value_int64s, that of the type of its input");
  }
  dispatch_features(context, context.input(0), [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) {
      impute<T>(context, floats, context.attr_float("replaced_value_float", 0));
    } else {
      impute<T>(context, integers, context.attr_int("replaced_value_int64", 0));
    }
  });
}

/// What a row is divided by. MAX is the largest value, not the largest magnitude: so the specification and ONNX
/// Runtime.
double norm_of(std::span<const double> row, const std::string& norm) {
  double result = norm == "MAX" ? -std::numeric_limits<double>::infinity() : 0;
  for (const double x : row) {
    if (norm == "MAX") result = std::max(result, x);
    if (norm == "L1") result += std::abs(x);
    if (norm == "L2") result += x * x;
  }
  return norm == "L2" ? std::sqrt(result) : result;
}

void normalizer(KernelContext& context) {
  const Rows rows = read_rows(context);
  const std::string norm = context.attr_string("norm", "MAX");
  if (norm != "MAX" && norm != "L1" && norm != "L2") {
    context.fail("attribute 'norm' is '" + norm + "', expected MAX, L1 or L2");
  }
  Tensor& output = context.output(0, score_type(context), context.input(0).dims());
  std::vector<double> scaled;
  for (int64_t row = 0; row < rows.num_rows; ++row) {
    const double size = norm_of(rows.row(row), norm);
    scaled.clear();
    for (const double x : rows.row(row)) scaled.push_back(size == 0 ? x : x / size);
    put_scores(scaled, row, output);
  }
}

/// (x - offset) * scale, one of each for all features or one for each feature.
void scaler(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t width = row_width(context, data);
  const std::vector<float> scales = context.attr_floats("scale");
  const std::vector<float> offsets = context.attr_floats("offset");
  for (const std::vector<float>& list : {scales, offsets}) {
    if (list.size() != 1 && static_cast<int64_t>(list.size()) != width) {
      context.fail(std::to_string(list.size()) + " scales or offsets for " + std::to_string(width) + " features");
    }
  }
  std::vector<double> scaled;
  dispatch_features(context, data, [&]<typename T>() {
    for (const T x : data.values<T>()) {
      const size_t feature = scaled.size() % static_cast<size_t>(width);
      const auto scale = static_cast<double>(scales[scales.size() == 1 ? 0 : feature]);
      const auto offset = static_cast<double>(offsets[offsets.size() == 1 ? 0 : feature]);
      scaled.push_back((static_cast<double>(x) - offset) * scale);
    }
  });
  put_scores(scaled, 0, context.output(0, score_type(context), data.dims()));
}

template <typename Key>
std::unordered_map<Key, int64_t> positions(const std::vector<Key>& list) {
  std::unordered_map<Key, int64_t> result;
  for (size_t i = 0; i < list.size(); ++i) result.try_emplace(list[i], static_cast<int64_t>(i));
  return result;
}

/// Calls `visit(position)` for each element: its place among `categories`, or -1.
template <typename Visit>
void for_each_category(const KernelContext& context, const Labels& categories, Visit&& visit) {
  const Tensor& data = context.input(0);
  const auto look_up = [&](const auto& known, const auto& key) {
    const auto found = known.find(key);
    visit(found == known.end() ? -1 : found->second);
  };
  if (data.type() == DataType::kString) {
    const auto known = positions(categories.strings);
    for (const std::string& text : data.strings()) look_up(known, text);
    return;
  }
  const auto known = positions(categories.integers);
  dispatch_features(context, data, [&]<typename T>() {
    for (const T x : data.values<T>()) {
      constexpr T kLimit = static_cast<T>(std::is_same_v<T, int32_t> ? 0 : int64_t{1} << 62);
      const bool is_integer = std::is_integral_v<T> || (x >= -kLimit && x <= kLimit);
      look_up(known, is_integer ? static_cast<int64_t>(x) : INT64_MIN);
    }
  });
}

void one_hot_encoder(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Labels categories = read_labels(context, "cats_int64s", "cats_strings");
  if (categories.size() == 0 || categories.are_strings() != (data.type() == DataType::kString)) {
    context.fail("needs one of cats_int64s and cats_strings, that of the type of its input");
  }
  const bool unknown_is_zero = context.attr_int("zeros", 1) != 0;
  Dims dims = data.dims();
  dims.push_back(static_cast<int64_t>(categories.size()));
  float* target = context.output(0, DataType::kFloat, std::move(dims)).mutable_values<float>().data();
  for_each_category(context, categories, [&](int64_t position) {
    if (position < 0 && !unknown_is_zero) context.fail("an element is none of the categories, and zeros is 0");
    if (position >= 0) target[position] = 1;
    target += categories.size();
  });
}

constexpr TypeMask kExtractable = kFeatureTypes | kStrings;

constexpr Kernel kKernels[] = {
    {"ArrayFeatureExtractor", "ai.onnx.ml", 1, kLatest, kExtractable, 0, array_feature_extractor},
    {"Binarizer", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, binarizer},
    {"FeatureVectorizer", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, feature_vectorizer},
    {"Imputer", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, imputer},
    {"Normalizer", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, normalizer},
    {"OneHotEncoder", "ai.onnx.ml", 1, kLatest, kExtractable, 0, one_hot_encoder},
    {"Scaler", "ai.onnx.ml", 1, kLatest, kFeatureTypes, 0, scaler},
};

}  // namespace
}  // namespace exec::cpu::ml

std::span<const exec::Kernel> exec::cpu::ml_feature_kernels() { return ml::kKernels; }
