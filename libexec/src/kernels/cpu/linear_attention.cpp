// The recurrent operators of opset 27: LinearAttention and CausalConvWithState.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// q, k, v as [batch, steps, heads * size]; the state of a head is [key_size, value_size].
struct LinearSizes {
  int64_t batch = 0;
  int64_t steps = 0;
  int64_t q_heads = 0;
  int64_t kv_heads = 0;
  int64_t key_size = 0;
  int64_t value_size = 0;
  bool decays = false;     ///< update rules "gated" and "gated_delta"
  bool corrects = false;   ///< update rules "delta" and "gated_delta"
  int64_t decay_size = 1;  ///< values per head: 1 or key_size
  int64_t num_betas = 1;   ///< per step: 1 or kv_heads
  double scale = 1;
};

void require_presence(const KernelContext& context, size_t input, bool wanted, const std::string& rule) {
  if (context.has_input(input) == wanted) return;
  context.fail("update_rule " + surgery::quote(rule) + (wanted ? " needs input " : " does not take input ") +
               std::to_string(input));
}

LinearSizes read_linear_sizes(const KernelContext& context) {
  LinearSizes sizes;
  const std::string rule = context.attr_string("update_rule", "gated_delta");
  if (rule != "linear" && rule != "gated" && rule != "delta" && rule != "gated_delta") {
    context.fail("attribute 'update_rule' is " + surgery::quote(rule) +
                 ", expected 'linear', 'gated', 'delta' or 'gated_delta'");
  }
  sizes.decays = rule == "gated" || rule == "gated_delta";
  sizes.corrects = rule == "delta" || rule == "gated_delta";
  require_presence(context, 4, sizes.decays, rule);
  require_presence(context, 5, sizes.corrects, rule);
  sizes.q_heads = context.attr_int("q_num_heads", 0);
  sizes.kv_heads = context.attr_int("kv_num_heads", 0);
  if (sizes.q_heads < 1 || sizes.kv_heads < 1 || sizes.q_heads % sizes.kv_heads != 0) {
    context.fail("q_num_heads is " + std::to_string(sizes.q_heads) +
                 ", expected a positive multiple of kv_num_heads, " + std::to_string(sizes.kv_heads));
  }
  for (size_t i = 0; i < 3; ++i) require_rank(context, i, 3);
  const Dims& q = context.input(0).dims();
  const Dims& v = context.input(2).dims();
  if (q[2] % sizes.q_heads != 0 || v[2] % sizes.kv_heads != 0) {
    context.fail("rows of " + std::to_string(q[2]) + " and " + std::to_string(v[2]) + " elements cannot be shared by " +
                 std::to_string(sizes.q_heads) + " and " + std::to_string(sizes.kv_heads) + " heads");
  }
  sizes.batch = q[0];
  sizes.steps = q[1];
  sizes.key_size = q[2] / sizes.q_heads;
  sizes.value_size = v[2] / sizes.kv_heads;
  require_shape(context, 1, {q[0], q[1], sizes.kv_heads * sizes.key_size});
  require_shape(context, 2, {q[0], q[1], v[2]});
  if (context.has_input(3)) {
    require_shape(context, 3, {q[0], sizes.kv_heads, sizes.key_size, sizes.value_size});
  }
  if (sizes.decays) {
    require_rank(context, 4, 3);
    if (context.input(4).dims()[2] != sizes.kv_heads) sizes.decay_size = sizes.key_size;
    require_shape(context, 4, {q[0], q[1], sizes.kv_heads * sizes.decay_size});
  }
  if (sizes.corrects) {
    require_rank(context, 5, 3);
    if (context.input(5).dims()[2] != 1) sizes.num_betas = sizes.kv_heads;
    require_shape(context, 5, {q[0], q[1], sizes.num_betas});
  }
  const auto scale = static_cast<double>(context.attr_float("scale", 0));
  sizes.scale = scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(std::max<int64_t>(sizes.key_size, 1)));
  return sizes;
}

/// The inputs as double, in which the state is kept.
struct LinearData {
  Tensor q;
  Tensor k;
  Tensor v;
  Tensor decay;
  Tensor beta;
  Tensor state;
  Tensor y;
};

/// All steps of one key head of one sample, and of the query heads it serves.
void run_head(const LinearSizes& sizes, LinearData& data, int64_t batch, int64_t head, double* state, double* y) {
  const int64_t keys = sizes.key_size;
  const int64_t values = sizes.value_size;
  const int64_t share = sizes.q_heads / sizes.kv_heads;
  std::vector<double> update(static_cast<size_t>(values));
  for (int64_t step = 0; step < sizes.steps; ++step) {
    const int64_t row = batch * sizes.steps + step;
    const double* k = data.k.values<double>().data() + (row * sizes.kv_heads + head) * keys;
    const double* v = data.v.values<double>().data() + (row * sizes.kv_heads + head) * values;
    if (sizes.decays) {
      const double* decay = data.decay.values<double>().data() + (row * sizes.kv_heads + head) * sizes.decay_size;
      for (int64_t d = 0; d < keys; ++d) {
        const double factor = std::exp(decay[sizes.decay_size == 1 ? 0 : d]);
        for (int64_t m = 0; m < values; ++m) state[d * values + m] *= factor;
      }
    }
    std::copy_n(v, values, update.data());
    if (sizes.corrects) {
      const double beta =
          data.beta.values<double>()[static_cast<size_t>(row * sizes.num_betas + (sizes.num_betas == 1 ? 0 : head))];
      for (int64_t d = 0; d < keys; ++d) {
        for (int64_t m = 0; m < values; ++m) update[static_cast<size_t>(m)] -= state[d * values + m] * k[d];
      }
      for (double& value : update) value *= beta;
    }
    for (int64_t d = 0; d < keys; ++d) {
      for (int64_t m = 0; m < values; ++m) state[d * values + m] += k[d] * update[static_cast<size_t>(m)];
    }
    for (int64_t query = head * share; query < (head + 1) * share; ++query) {
      const double* q = data.q.values<double>().data() + (row * sizes.q_heads + query) * keys;
      double* to = y + (row * sizes.q_heads + query) * values;
      for (int64_t d = 0; d < keys; ++d) {
        for (int64_t m = 0; m < values; ++m) to[m] += sizes.scale * q[d] * state[d * values + m];
      }
    }
  }
}

void linear_attention(KernelContext& context) {
  const LinearSizes sizes = read_linear_sizes(context);
  const DataType type = context.input(0).type();
  for (const size_t i : {1, 2, 4, 5}) {
    if (context.has_input(i)) require_type(context, i, type);
  }
  LinearData data;
  data.q = cast_tensor(context, 0, DataType::kDouble);
  data.k = cast_tensor(context, 1, DataType::kDouble);
  data.v = cast_tensor(context, 2, DataType::kDouble);
  if (sizes.decays) data.decay = cast_tensor(context, 4, DataType::kDouble);
  if (sizes.corrects) data.beta = cast_tensor(context, 5, DataType::kDouble);
  data.state = scratch(context, DataType::kDouble, {sizes.batch, sizes.kv_heads, sizes.key_size, sizes.value_size});
  data.y = scratch(context, DataType::kDouble, {sizes.batch, sizes.steps, sizes.q_heads * sizes.value_size});
  const std::span<double> state = data.state.mutable_values<double>();
  if (context.has_input(3)) {
    const Tensor past = cast_tensor(context, 3, DataType::kDouble);
    std::copy_n(past.values<double>().data(), state.size(), state.data());
  }
  double* y = data.y.mutable_values<double>().data();
  const int64_t heads = sizes.value_size == 0 ? 0 : sizes.batch * sizes.kv_heads;  // without values nothing changes
  parallel_for(heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      run_head(sizes, data, i / sizes.kv_heads, i % sizes.kv_heads,
               state.data() + i * sizes.key_size * sizes.value_size, y);
    }
  });
  context.set_output(0, cast_tensor(context, data.y, type));
  if (context.has_output(1)) {
    context.set_output(1, cast_tensor(context, data.state, context.has_input(3) ? context.input(3).type() : type));
  }
}

/// CausalConvWithState-27: a depthwise convolution along the last axis that only looks back. input [N, C, L],
/// weight [C, 1, k], bias [C], past_state [N, C, k - 1].
template <typename T>
void causal_conv_of(KernelContext& context) {
  const Tensor& x = context.input(0);
  require_rank(context, 0, 3);
  require_rank(context, 1, 3);
  require_same_type(context, 0, 3);
  const int64_t batch = x.dims()[0];
  const int64_t channels = x.dims()[1];
  const int64_t length = x.dims()[2];
  const int64_t taps = context.input(1).dims()[2];
  if (taps < 1) context.fail("the kernel has no taps");
  require_shape(context, 1, {channels, 1, taps});
  if (context.has_input(2)) require_shape(context, 2, {channels});
  if (context.has_input(3)) require_shape(context, 3, {batch, channels, taps - 1});
  const std::string activation = context.attr_string("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish") {
    context.fail("attribute 'activation' is " + surgery::quote(activation) + ", expected 'none', 'silu' or 'swish'");
  }
  const bool has_silu = activation != "none";
  const T* weights = context.input(1).values<T>().data();
  T* y = context.output(0, x.type(), x.dims()).template mutable_values<T>().data();
  Tensor* present = nullptr;
  if (context.has_output(1)) present = &context.output(1, x.type(), {batch, channels, taps - 1});
  const bool is_empty = x.num_elements() == 0 && taps == 1;
  parallel_for(is_empty ? 0 : batch * channels, 4, [&](int64_t begin, int64_t end) {
    std::vector<T> padded(static_cast<size_t>(taps - 1 + length));
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t channel = plane % channels;
      std::fill_n(padded.begin(), taps - 1, T{0});
      if (context.has_input(3)) {
        std::copy_n(context.input(3).values<T>().data() + plane * (taps - 1), taps - 1, padded.begin());
      }
      std::copy_n(x.values<T>().data() + plane * length, length, padded.begin() + taps - 1);
      const double bias =
          context.has_input(2) ? static_cast<double>(context.input(2).values<T>()[static_cast<size_t>(channel)]) : 0;
      for (int64_t i = 0; i < length; ++i) {
        double sum = bias;
        for (int64_t tap = 0; tap < taps; ++tap) {
          sum += static_cast<double>(padded[static_cast<size_t>(i + tap)]) *
                 static_cast<double>(weights[channel * taps + tap]);
        }
        y[plane * length + i] = static_cast<T>(has_silu ? sum / (1 + std::exp(-sum)) : sum);
      }
      if (present != nullptr) {
        std::copy_n(padded.begin() + length, taps - 1,
                    present->template mutable_values<T>().data() + plane * (taps - 1));
      }
    }
  });
}

void causal_conv(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { causal_conv_of<T>(context); });
}

constexpr Kernel kKernels[] = {
    takes_double({"CausalConvWithState", "", 27, kLatest, type_bit(DataType::kFloat), 0, causal_conv}),
    takes_double({"CausalConvWithState", "", 27, kLatest, kHalfFloats, 0, widened<causal_conv>}),
    takes_double({"LinearAttention", "", 27, kLatest, kFloats & ~type_bit(DataType::kDouble), 0, linear_attention}),
};

}  // namespace

std::span<const Kernel> linear_attention_kernels() { return kKernels; }

}  // namespace exec::cpu
