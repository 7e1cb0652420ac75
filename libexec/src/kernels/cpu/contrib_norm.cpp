// Normalisations of ONNX Runtime: SimplifiedLayerNormalization (which it keeps in ai.onnx) and, of com.microsoft, the
// Skip forms and EmbedLayerNormalization. ONNX Runtime is the specification.

#include <cmath>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/moments.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

constexpr std::string_view kDomain = "com.microsoft";

/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift; simplified: without mean and shift.
struct RowNorm {
  bool is_simplified;
  double epsilon;
};

struct RowStatistics {
  double mean;
  double inverse;
};

template <typename T>
RowStatistics normalise_row(const RowNorm& norm, const T* x, const T* scale, const T* shift, int64_t length, T* y) {
  Moments found = moments(x, length);
  if (norm.is_simplified) found = {0, found.variance + found.mean * found.mean};
  const double inverse = 1 / std::sqrt(found.variance + norm.epsilon);
  for (int64_t i = 0; i < length; ++i) {
    const double value = (static_cast<double>(x[i]) - found.mean) * inverse * static_cast<double>(scale[i]);
    y[i] = static_cast<T>(shift == nullptr ? value : value + static_cast<double>(shift[i]));
  }
  return {found.mean, inverse};
}

/// SimplifiedLayerNormalization: X, scale; Y, 1 / root mean square.
void simplified_layer_norm(KernelContext& context) {
  const Tensor& x = context.input(0);
  require_same_type(context, 0, 1);
  const int64_t axis = normal_axis(context, context.attr_int("axis", -1), x.rank());
  const int64_t length = product(x.dims(), axis, x.rank());
  const int64_t rows = length == 0 ? 0 : product(x.dims(), 0, axis);
  if (context.input(1).num_elements() != length) {
    context.fail("the scale has shape " + dims_text(context.input(1).dims()) + ", expected " + std::to_string(length) +
                 " elements");
  }
  const RowNorm norm{true, static_cast<double>(context.attr_float("epsilon", 1e-5F))};
  Dims statistics = x.dims();
  std::fill(statistics.begin() + axis, statistics.end(), 1);
  float* inverses = nullptr;
  if (context.has_output(1)) {
    inverses = context.output(1, DataType::kFloat, statistics).mutable_values<float>().data();
  }
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const T* from = elements<T>(x).data();
    const T* scale = elements<T>(context.input(1)).data();
    T* to = mutable_elements<T>(context.output(0, x.type(), x.dims())).data();
    parallel_for(rows, 16, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const RowStatistics found =
            normalise_row<T>(norm, from + row * length, scale, nullptr, length, to + row * length);
        if (inverses != nullptr) inverses[row] = static_cast<float>(found.inverse);
      }
    });
  });
}

/// input + skip + bias, normalised along the last axis. Outputs: y, mean, 1 / deviation, the sum.
void skip_norm(KernelContext& context, bool is_simplified) {
  const Tensor& x = context.input(0);
  const size_t bias_input = is_simplified ? 3 : 4;
  if (x.rank() != 3 && x.rank() != 2) {
    context.fail("input 0 has rank " + std::to_string(x.rank()) + ", expected 2 or 3");
  }
  const int64_t length = x.dims().back();
  const int64_t rows = x.num_elements() == 0 ? 0 : x.num_elements() / length;
  const Tensor& skip = context.input(1);
  // The skip may be one sample, or one row of samples, for all.
  const bool fits = skip.rank() <= x.rank() && skip.rank() > 1 &&
                    std::equal(skip.dims().rbegin(), skip.dims().rbegin() + 2, x.dims().rbegin()) &&
                    (skip.num_elements() == x.num_elements() || skip.rank() == 2 || skip.dims()[0] == 1);
  if (!fits) {
    context.fail("input 1 has shape " + dims_text(skip.dims()) + ", expected " + dims_text(x.dims()));
  }
  require_same_type(context, 0, bias_input);
  require_shape(context, 2, {length});
  if (!is_simplified && context.has_input(3)) require_shape(context, 3, {length});
  if (context.has_input(bias_input)) require_shape(context, bias_input, {length});
  const RowNorm norm{is_simplified, static_cast<double>(context.attr_float("epsilon", 1e-12F))};
  Dims statistics = x.dims();
  statistics.back() = 1;
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const auto input = [&](size_t i) { return context.has_input(i) ? elements<T>(context.input(i)).data() : nullptr; };
    Tensor sums = scratch(context, x.type(), x.dims());
    T* sum = mutable_elements<T>(sums).data();
    T* to = mutable_elements<T>(context.output(0, x.type(), x.dims())).data();
    float* means = nullptr;
    float* inverses = nullptr;
    if (context.has_output(1)) {
      means = context.output(1, DataType::kFloat, statistics).mutable_values<float>().data();
    }
    if (context.has_output(2)) {
      inverses = context.output(2, DataType::kFloat, statistics).mutable_values<float>().data();
    }
    const T* from = input(0);
    const T* added = input(1);
    const T* bias = input(bias_input);
    const int64_t period = std::max<int64_t>(skip.num_elements(), 1);
    parallel_for(rows, 16, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        for (int64_t i = 0; i < length; ++i) {
          const int64_t at = row * length + i;
          sum[at] = from[at] + added[at % period] + (bias == nullptr ? T{0} : bias[i]);
        }
        const RowStatistics found = normalise_row<T>(norm, sum + row * length, input(2),
                                                     is_simplified ? nullptr : input(3), length, to + row * length);
        if (means != nullptr) means[row] = static_cast<float>(found.mean);
        if (inverses != nullptr) inverses[row] = static_cast<float>(found.inverse);
      }
    });
    if (context.has_output(3)) context.set_output(3, std::move(sums));
  });
}

void skip_layer_norm(KernelContext& context) { skip_norm(context, false); }
void skip_simplified_layer_norm(KernelContext& context) { skip_norm(context, true); }

/// A table [rows, length] looked up by an input of indices.
template <typename T>
class Embedding {
 public:
  Embedding(const KernelContext& context, size_t table, size_t indices) {
    require_rank(context, table, 2);
    require_type(context, table, DataType::kFloat);
    rows_ = context.input(table).dims()[0];
    values_ = context.input(table).values<T>().data();
    length_ = context.input(table).dims()[1];
    if (!context.has_input(indices)) return;
    require_type(context, indices, DataType::kInt32);
    for (const int32_t index : context.input(indices).values<int32_t>()) {
      if (index < 0 || index >= rows_) {
        context.fail("input " + std::to_string(indices) + " has " + std::to_string(index) + ", the table has " +
                     std::to_string(rows_) + " rows");
      }
    }
  }

  int64_t rows() const { return rows_; }
  int64_t length() const { return length_; }
  const T* row(int64_t index) const { return values_ + index * length_; }

 private:
  int64_t rows_ = 0;
  int64_t length_ = 0;
  const T* values_ = nullptr;
};

/// EmbedLayerNormalization: input_ids, segment_ids, word, position and segment tables, gamma, beta, mask, position_ids.
/// Outputs: y, the number of leading ones of the mask of each sample, the sum of the embeddings.
template <typename T>
void embed_layer_norm_of(KernelContext& context) {
  require_type(context, 0, DataType::kInt32);
  require_rank(context, 0, 2);
  const int64_t batch = context.input(0).dims()[0];
  const int64_t steps = context.input(0).dims()[1];
  const Embedding<T> words(context, 2, 0);
  const Embedding<T> places(context, 3, 8);
  const bool has_segments = context.has_input(1) && context.has_input(4);
  const int64_t length = words.length();
  if (places.length() != length) context.fail("the tables have rows of different lengths");
  if (has_segments) require_shape(context, 1, {batch, steps});
  if (!context.has_input(8) && steps > places.rows()) {
    context.fail("there are " + std::to_string(places.rows()) + " positions for " + std::to_string(steps) + " words");
  }
  if (context.has_input(8)) {
    const Dims& ids = context.input(8).dims();
    if (ids != Dims{batch, steps} && ids != Dims{1, steps}) {
      context.fail("position_ids has shape " + dims_text(ids) + ", expected " + dims_text(Dims{batch, steps}));
    }
  }
  for (const size_t input : {5, 6}) {
    require_shape(context, input, {length});
    require_type(context, input, DataType::kFloat);
  }
  const RowNorm norm{false, static_cast<double>(context.attr_float("epsilon", 1e-12F))};
  Tensor sums = scratch(context, data_type_of<T>(), {batch, steps, length});
  T* sum = sums.mutable_values<T>().data();
  T* to = context.output(0, data_type_of<T>(), {batch, steps, length}).template mutable_values<T>().data();
  const std::span<const int32_t> ids = context.input(0).values<int32_t>();
  std::optional<Embedding<T>> segments;
  if (has_segments) segments.emplace(context, 4, 1);
  if (segments && segments->length() != length) context.fail("the tables have rows of different lengths");
  for (int64_t i = 0; i < batch * steps; ++i) {
    const auto at = static_cast<size_t>(i);
    int64_t place = i % steps;
    if (context.has_input(8)) {
      const std::span<const int32_t> given = context.input(8).values<int32_t>();
      place = given[at % given.size()];
    }
    const T* word = words.row(ids[at]);
    const T* position = places.row(place);
    const T* segment = segments ? segments->row(context.input(1).values<int32_t>()[at]) : nullptr;
    for (int64_t k = 0; k < length; ++k) {
      sum[i * length + k] = word[k] + position[k] + (segment == nullptr ? 0 : segment[k]);
    }
    normalise_row<T>(norm, sum + i * length, context.input(5).values<T>().data(), context.input(6).values<T>().data(),
                     length, to + i * length);
  }
  if (context.has_output(1)) {
    const std::span<int32_t> counts = context.output(1, DataType::kInt32, {batch}).mutable_values<int32_t>();
    if (context.has_input(7)) {
      require_type(context, 7, DataType::kInt32);
      require_shape(context, 7, {batch, steps});
      const std::span<const int32_t> mask = context.input(7).values<int32_t>();
      for (size_t i = 0; i < mask.size(); ++i) {
        if (mask[i] == 1) ++counts[i / static_cast<size_t>(steps)];
      }
    }
  }
  if (context.has_output(2)) context.set_output(2, std::move(sums));
}

void embed_layer_norm(KernelContext& context) {
  dispatch_floats(context, context.input(2).type(), [&]<typename T>() { embed_layer_norm_of<T>(context); });
}

constexpr Kernel kKernels[] = {
    takes_double({"EmbedLayerNormalization", kDomain, 1, kLatest, type_bit(DataType::kFloat), 2, embed_layer_norm}),
    takes_double({"EmbedLayerNormalization", kDomain, 1, kLatest, kHalfFloats, 2, widened<embed_layer_norm>}),
    takes_double({"SimplifiedLayerNormalization", "", 1, kLatest, kFullFloats, 0, simplified_layer_norm}),
    takes_double({"SimplifiedLayerNormalization", "", 1, kLatest, kHalfFloats, 0, widened<simplified_layer_norm, 1U>}),
    takes_double({"SkipLayerNormalization", kDomain, 1, kLatest, kFullFloats, 0, skip_layer_norm}),
    takes_double({"SkipLayerNormalization", kDomain, 1, kLatest, kHalfFloats, 0, widened<skip_layer_norm, 9U>}),
    takes_double({"SkipSimplifiedLayerNormalization", kDomain, 1, kLatest, kFullFloats, 0, skip_simplified_layer_norm}),
    takes_double({"SkipSimplifiedLayerNormalization", kDomain, 1, kLatest, kHalfFloats, 0,
                  widened<skip_simplified_layer_norm, 9U>}),
};

}  // namespace

std::span<const Kernel> contrib_norm_kernels() { return kKernels; }

}  // namespace exec::cpu
