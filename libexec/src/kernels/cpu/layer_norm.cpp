// LayerNormalization and RMSNormalization: over all axes from `axis` on, x seen as [rows, columns].

#include <cmath>
#include <string>

#include "kernels/cpu/binary.h"
#include "kernels/cpu/cast.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/moments.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Mul {
  template <typename T>
  static T apply(T a, T b) {
    return a * b;
  }
};
struct Add {
  template <typename T>
  static T apply(T a, T b) {
    return a + b;
  }
};

/// values = op(values, parameter), the parameter broadcast to them.
template <typename T, typename Op>
void apply_parameter(const KernelContext& context, const Tensor& parameter, Tensor& values) {
  const Dims shapes[] = {values.dims(), parameter.dims()};
  if (broadcast_dims(context, shapes) != values.dims()) {
    context.fail("a parameter of shape " + dims_text(parameter.dims()) + " does not broadcast to " +
                 dims_text(values.dims()));
  }
  run_binary(binary_run<T, T, Op>, values, values.dims(), parameter, parameter.dims(), values);
}

struct Rows {
  int64_t axis;
  int64_t count;
  int64_t length;
};

Rows rows_of(const KernelContext& context) {
  const Tensor& x = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", -1), x.rank());
  return {axis, product(x.dims(), 0, axis), product(x.dims(), axis, x.rank())};
}

int64_t row_grain(const Rows& rows) { return std::max<int64_t>(1, 8192 / std::max<int64_t>(1, rows.length)); }

/// The type that the statistics are given in.
DataType stash_type(const KernelContext& context) {
  const int64_t type = context.attr_int("stash_type", 1);
  if (context.environment().in_double) return DataType::kDouble;
  if (type != static_cast<int64_t>(DataType::kFloat) && type != static_cast<int64_t>(DataType::kBfloat16)) {
    context.unsupported("stash_type " + std::to_string(type) + " is not supported");
  }
  return static_cast<DataType>(type);
}

void layer_norm(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Rows rows = rows_of(context);
  const double epsilon = static_cast<double>(context.attr_float("epsilon", 1e-5F));
  const DataType statistics_type = stash_type(context);
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const Tensor scale = cast_tensor(context, 1, x.type());
    Tensor& y = context.output(0, x.type(), x.dims());
    std::vector<double> means(static_cast<size_t>(rows.count));
    std::vector<double> inverses(static_cast<size_t>(rows.count));
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    parallel_for(rows.count, row_grain(rows), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* from = source + row * rows.length;
        T* to = target + row * rows.length;
        const Moments found = moments(from, rows.length);
        const double inverse = 1 / std::sqrt(found.variance + epsilon);
        for (int64_t i = 0; i < rows.length; ++i) {
          to[i] = static_cast<T>((static_cast<double>(from[i]) - found.mean) * inverse);
        }
        means[static_cast<size_t>(row)] = found.mean;
        inverses[static_cast<size_t>(row)] = inverse;
      }
    });
    apply_parameter<T, Mul>(context, scale, y);
    if (context.has_input(2)) apply_parameter<T, Add>(context, cast_tensor(context, 2, x.type()), y);
    Dims statistics_dims = x.dims();
    std::fill(statistics_dims.begin() + rows.axis, statistics_dims.end(), 1);
    const auto put = [&](size_t index, const std::vector<double>& values) {
      if (!context.has_output(index)) return;
      const Tensor wide = Tensor::from_values<double>(DataType::kDouble, statistics_dims, values);
      context.set_output(index, cast_tensor(context, wide, statistics_type));
    };
    put(1, means);
    put(2, inverses);
  });
}

/// y = x / sqrt(mean(x^2) + epsilon) * scale; y has the scale's type.
void rms_norm(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Tensor& scale = context.input(1);
  const Rows rows = rows_of(context);
  const double epsilon = static_cast<double>(context.attr_float("epsilon", 1e-5F));
  stash_type(context);
  if ((kFloats & type_bit(scale.type())) == 0) context.fail("the scale is no floating-point tensor");
  const bool is_double = input.type() == DataType::kDouble || scale.type() == DataType::kDouble;
  const DataType type = is_double ? DataType::kDouble : DataType::kFloat;
  const Tensor x = cast_tensor(context, input, type);
  dispatch_floats(context, type, [&]<typename T>() {
    Tensor y = Tensor::zeros(type, x.dims());
    const T* source = x.values<T>().data();
    T* target = y.mutable_values<T>().data();
    parallel_for(rows.count, row_grain(rows), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* from = source + row * rows.length;
        double squares = 0;
        for (int64_t i = 0; i < rows.length; ++i) {
          squares += static_cast<double>(from[i]) * static_cast<double>(from[i]);
        }
        const double factor = 1 / std::sqrt(squares / static_cast<double>(rows.length) + epsilon);
        T* to = target + row * rows.length;
        for (int64_t i = 0; i < rows.length; ++i) to[i] = static_cast<T>(static_cast<double>(from[i]) * factor);
      }
    });
    apply_parameter<T, Mul>(context, cast_tensor(context, scale, type), y);
    context.set_output(0, cast_tensor(context, y, scale.type()));
  });
}

constexpr Kernel kKernels[] = {
    {"LayerNormalization", "", 17, kLatest, kFullFloats, 0, layer_norm},
    {"LayerNormalization", "", 17, kLatest, kHalfFloats, 0, widened<layer_norm, 1U>},
    {"RMSNormalization", "", 23, kLatest, kFloats, 0, rms_norm},
};

}  // namespace

std::span<const Kernel> layer_norm_kernels() { return kKernels; }

}  // namespace exec::cpu
