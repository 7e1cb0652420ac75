// Operators on maps: CastMap, DictVectorizer, ZipMap.

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "exec/batched_run.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/ml/rows.h"
#include "kernels/cpu/number_text.h"

namespace exec::cpu::ml {
namespace {

using surgery::Type;

/// ZipMap: a map from label to score for each row of [N, C]; [C] is one row.
void zip_map(KernelContext& context) {
  const Tensor& scores = context.input(0);
  if (scores.rank() != 1 && scores.rank() != 2) {
    context.fail("input 0 has shape " + dims_text(scores.dims()) + ", expected [N, C] or [C]");
  }
  const Labels labels = read_labels(context, "classlabels_int64s", "classlabels_strings");
  const int64_t width = scores.dims().back();
  if (static_cast<int64_t>(labels.size()) != width) {
    context.fail(std::to_string(labels.size()) + " labels for " + std::to_string(width) + " scores");
  }
  const Tensor keys =
      labels.are_strings() ? Tensor::from_strings({width}, labels.strings) : Tensor::vector(labels.integers);
  const int64_t rows = scores.rank() == 1 ? 1 : scores.dims()[0];
  // A map costs about this much beside its scores; the keys are shared.
  constexpr int64_t kMapOverhead = 512;
  context.reserve_bytes(checked_mul(context, rows, checked_add(context, kMapOverhead, checked_mul(context, width, 8))));
  Sequence maps{Type::map(keys.type(), Type::tensor(scores.type())), {}};
  Tensor shared_keys;
  dispatch_floats(context, scores.type(), [&]<typename T>() {
    for (int64_t row = 0; row < rows; ++row) {
      Tensor values = Tensor::zeros(scores.type(), {width});
      std::copy_n(scores.values<T>().begin() + row * width, width, values.mutable_values<T>().begin());
      Map map = make_map(keys, values);
      if (!shared_keys.is_defined()) shared_keys = map.keys;
      map.keys = shared_keys;
      maps.elements.emplace_back(std::move(map));
    }
  });
  context.set_output(0, Datum(std::move(maps)));
}

/// DictVectorizer: [1, words], the map's value for each word of the vocabulary, 0 or "" where it has none.
void dict_vectorizer(KernelContext& context) {
  const Map& map = context.map(0);
  const Labels words = read_labels(context, "int64_vocabulary", "string_vocabulary");
  if (words.size() == 0 || words.are_strings() != (map.keys.type() == DataType::kString)) {
    context.fail("needs one of int64_vocabulary and string_vocabulary, that of the keys, which are " +
                 std::string(to_string(map.keys.type())));
  }
  std::unordered_map<int64_t, size_t> by_number;
  std::unordered_map<std::string_view, size_t> by_string;
  if (words.are_strings()) {
    for (size_t i = 0; i < map.keys.strings().size(); ++i) by_string.emplace(map.keys.strings()[i], i);
  } else {
    const auto keys = map.keys.to_int64s(INT64_MAX);
    for (size_t i = 0; i < keys->size(); ++i) by_number.emplace((*keys)[i], i);
  }
  Tensor& output = context.output(0, map.values.type(), {1, static_cast<int64_t>(words.size())});
  dispatch_movable(context, map.values.type(), [&]<typename T>() {
    const std::span<const T> values = elements<T>(map.values);
    const std::span<T> target = mutable_elements<T>(output);
    for (size_t i = 0; i < words.size(); ++i) {
      if (words.are_strings()) {
        if (const auto found = by_string.find(words.strings[i]); found != by_string.end()) {
          target[i] = values[found->second];
        }
      } else if (const auto found = by_number.find(words.integers[i]); found != by_number.end()) {
        target[i] = values[found->second];
      }
    }
  });
}

double to_number(const KernelContext& context, const std::string& text) {
  const std::optional<double> value = parse_number(text);
  if (!value) context.fail("a value of the map is no number");
  return *value;
}

/// Sets an element of the output of CastMap to the map's value number `index`.
void cast_value(const KernelContext& context, const Map& map, size_t index, Tensor& output, size_t at) {
  const bool from_string = map.values.type() == DataType::kString;
  const std::string text = from_string ? map.values.strings()[index] : std::string();
  const double number = from_string ? 0 : static_cast<double>(map.values.values<float>()[index]);
  if (output.type() == DataType::kString) {
    // Numbers as std::to_string has them, with six decimals: so ONNX Runtime.
    output.mutable_strings()[at] = from_string ? text : std::to_string(number);
  } else if (output.type() == DataType::kFloat) {
    output.mutable_values<float>()[at] = static_cast<float>(from_string ? to_number(context, text) : number);
  } else {
    const double value = from_string ? to_number(context, text) : number;
    if (!(value > -0x1p63 && value < 0x1p63)) context.fail("a value of the map does not fit into int64");
    output.mutable_values<int64_t>()[at] = static_cast<int64_t>(value);
  }
}

/// CastMap: the values in the order of their keys, [1, n]; SPARSE: each at the place of its key, [1, max_map].
void cast_map(KernelContext& context) {
  const Map& map = context.map(0);
  const auto keys = map.keys.to_int64s(INT64_MAX);
  const bool is_castable = map.values.type() == DataType::kString || map.values.type() == DataType::kFloat;
  if (!keys || !is_castable) {
    context.fail("input 0 is " + to_string(context.value(0).type()) +
                 ", expected map(int64, string) or map(int64, float)");
  }
  const std::string to = context.attr_string("cast_to", "TO_FLOAT");
  const std::string form = context.attr_string("map_form", "DENSE");
  if ((to != "TO_FLOAT" && to != "TO_STRING" && to != "TO_INT64") || (form != "DENSE" && form != "SPARSE")) {
    context.fail("cast_to is '" + to + "' and map_form '" + form + "'");
  }
  const DataType type = to == "TO_FLOAT" ? DataType::kFloat : to == "TO_STRING" ? DataType::kString : DataType::kInt64;
  const bool is_sparse = form == "SPARSE";
  const int64_t places = is_sparse ? context.attr_int("max_map", 1) : map.keys.num_elements();
  if (places < 0) context.fail("max_map is " + std::to_string(places));
  Tensor& output = context.output(0, type, {1, places});
  for (size_t i = 0; i < keys->size(); ++i) {
    const int64_t key = (*keys)[i];
    if (is_sparse && key < 0) context.fail("a key is " + std::to_string(key) + ", expected places of 0 or more");
    if (is_sparse && key >= places) continue;
    cast_value(context, map, i, output, is_sparse ? static_cast<size_t>(key) : i);
  }
}

constexpr Kernel kKernels[] = {
    {"CastMap", "ai.onnx.ml", 1, kLatest, 0, -1, cast_map},
    {"DictVectorizer", "ai.onnx.ml", 1, kLatest, 0, -1, dict_vectorizer},
    {"ZipMap", "ai.onnx.ml", 1, kLatest, type_bit(DataType::kFloat), 0, zip_map, false, Widening::kAlways},
};

}  // namespace
}  // namespace exec::cpu::ml

std::span<const exec::Kernel> exec::cpu::ml_map_kernels() { return ml::kKernels; }
