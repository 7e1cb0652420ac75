// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dynamic_quantization.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/minifloat.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Which scale goes with which element. The data are seen as [outer, length, inner], `length` being the quantised axis.
struct Granularity {
  int64_t length = 1;
  int64_t inner = 1;
  int64_t block = 1;       ///< neighbours along the axis that share a scale
  int64_t axis_step = 0;   ///< from a block's scale to the next block's: 0 for one scale in all
  int64_t inner_step = 0;  ///< 1 where each place across the axis has a scale of its own
  int64_t outer_step = 0;

  /// The number of the first scale of row `row` (of `inner` elements).
  int64_t parameter(int64_t row) const { return row / length * outer_step + row % length / block * axis_step; }
};

Granularity granularity_of(const KernelContext& context) {
  const Tensor& x = context.input(0);
  const Tensor& scale = context.input(1);
  if (context.has_input(2) && context.input(2).dims() != scale.dims() && context.input(2).num_elements() != 1) {
    context.fail("the zero point has shape " + dims_text(context.input(2).dims()) + ", expected that of the scale, " +
                 dims_text(scale.dims()));
  }
  Granularity found;
  if (scale.num_elements() == 1 && scale.rank() <= 1) {
    found.inner = x.num_elements();
    return found;
  }
  const int64_t axis = normal_axis(context, context.attr_int("axis", 1), x.rank());
  const auto index = static_cast<size_t>(axis);
  const int64_t block = context.attr_int("block_size", 0);
  found.length = x.dims()[index];
  found.inner = product(x.dims(), axis + 1, x.rank());
  if (scale.rank() == 1 && block == 0) {
    if (scale.num_elements() != found.length) {
      context.fail("there are " + std::to_string(scale.num_elements()) + " scales for the " +
                   std::to_string(found.length) + " of axis " + std::to_string(axis));
    }
    found.axis_step = 1;
    return found;
  }
  Dims wanted = x.dims();
  if (block > 0) wanted[index] = found.length / block + (found.length % block != 0 ? 1 : 0);
  if (block <= 0 || scale.dims() != wanted) {
    context.fail("scales of shape " + dims_text(scale.dims()) + " do not go with data of shape " + dims_text(x.dims()) +
                 ", axis " + std::to_string(axis) + " and block size " + std::to_string(block));
  }
  found.block = block;
  found.axis_step = found.inner;
  found.inner_step = 1;
  found.outer_step = wanted[index] * found.inner;
  return found;
}

/// Calls run(first element, count, first scale) for stretches of elements; scales follow at inner_step.
template <typename Run>
void for_each_row(const Granularity& granularity, int64_t num_elements, Run&& run) {
  if (num_elements == 0) return;
  const int64_t inner = granularity.inner;
  // Elements are what the threads share: a whole tensor with one scale is one row.
  parallel_for(num_elements, LoopNest::kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t first = begin; first < end;) {
      const int64_t row = first / inner;
      const int64_t within = first - row * inner;
      const int64_t count = std::min(end, (row + 1) * inner) - first;
      run(first, count, granularity.parameter(row) + within * granularity.inner_step);
      first += count;
    }
  });
}

/// The zero points as Real, one per scale; 0 where none are given.
Tensor zero_points(const KernelContext& context, DataType real) {
  const Tensor& scale = context.input(1);
  if (!context.has_input(2)) return Tensor::zeros(real, scale.dims());
  Tensor points = cast_tensor(context, 2, real);
  if (points.num_elements() == scale.num_elements()) return points;
  Tensor spread = Tensor::zeros(real, scale.dims());
  dispatch_floats(context, real, [&]<typename T>() {
    const std::span<T> target = spread.mutable_values<T>();
    std::fill(target.begin(), target.end(), points.values<T>()[0]);
  });
  return spread;
}

struct Range {
  double low;
  double high;
};

/// What an integer type saturates to; nothing for floating-point types.
std::optional<Range> range_of(DataType type) {
  if (!surgery::is_integer(type)) return std::nullopt;
  const int width = surgery::bit_width(type);
  const bool is_unsigned =
      type == DataType::kUint8 || type == DataType::kUint16 || type == DataType::kUint4 || type == DataType::kUint2;
  if (is_unsigned) return Range{0, std::exp2(width) - 1};
  return Range{-std::exp2(width - 1), std::exp2(width - 1) - 1};
}

constexpr TypeMask kQuantizedTypes =
    type_mask({DataType::kUint8, DataType::kInt8, DataType::kUint16, DataType::kInt16}) |
    (kFloat8s & ~type_bit(DataType::kFloat8E8M0)) | kPackedTypes;

DataType quantized_type(const KernelContext& context) {
  const int64_t asked = context.attr_int("output_dtype", 0);
  const auto type = context.has_input(2) ? context.input(2).type()
                    : asked != 0         ? static_cast<DataType>(asked)
                                         : DataType::kUint8;
  if (asked != 0 && static_cast<int64_t>(type) != asked) {
    context.fail("output_dtype is " + std::to_string(asked) + ", but the zero point is " +
                 std::string(to_string(type)));
  }
  if (!is_valid(type) || (kQuantizedTypes & type_bit(type)) == 0) {
    context.unsupported("element type " + std::string(to_string(type)) + " is not one to quantise to");
  }
  return type;
}

/// The type in which the division is done: attribute `precision`, else the scale's; float for what has no division.
DataType division_type(const KernelContext& context) {
  const int64_t asked = context.attr_int("precision", 0);
  const DataType type = asked != 0 ? static_cast<DataType>(asked) : context.input(1).type();
  return is_half(type) || type == DataType::kDouble ? type : DataType::kFloat;
}

template <typename Real>
Real rounded_to(Real value, DataType type) {
  if (type == DataType::kFloat16) return static_cast<Real>(half_to_float(float_to_half(static_cast<float>(value))));
  if (type == DataType::kBfloat16) {
    return static_cast<Real>(bfloat16_to_float(float_to_bfloat16(static_cast<float>(value))));
  }
  return value;
}

/// saturate(round(x / scale) + zero point) as T.
template <typename Real, typename T>
void quantize_integers(const Granularity& granularity, Range range, DataType division, const Tensor& x,
                       const Tensor& scale, const Tensor& zero_point, Tensor& y) {
  const Real* source = x.values<Real>().data();
  const Real* scales = scale.values<Real>().data();
  const Real* points = zero_point.values<Real>().data();
  T* target = y.mutable_values<T>().data();
  const auto low = static_cast<Real>(range.low);
  const auto high = static_cast<Real>(range.high);
  const bool is_half_division = is_half(division);
  for_each_row(granularity, x.num_elements(), [&](int64_t first, int64_t count, int64_t parameter) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t k = parameter + i * granularity.inner_step;
      Real quotient = source[first + i] / scales[k];
      if (is_half_division) quotient = rounded_to(quotient, division);
      const Real value = std::nearbyint(quotient) + points[k];
      target[first + i] = static_cast<T>(value > low ? std::min(value, high) : low);  // a NaN is the lowest
    }
  });
}

/// x / scale + zero point, for floating-point targets.
template <typename Real>
Tensor quotients(const Granularity& granularity, DataType division, const Tensor& x, const Tensor& scale,
                 const Tensor& zero_point) {
  Tensor result = Tensor::zeros(x.type(), x.dims());
  const Real* source = x.values<Real>().data();
  const Real* scales = scale.values<Real>().data();
  const Real* points = zero_point.values<Real>().data();
  Real* target = result.mutable_values<Real>().data();
  for_each_row(granularity, x.num_elements(), [&](int64_t first, int64_t count, int64_t parameter) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t k = parameter + i * granularity.inner_step;
      target[first + i] = rounded_to(source[first + i] / scales[k], division) + points[k];
    }
  });
  return result;
}

void quantize_linear(KernelContext& context) {
  const Granularity granularity = granularity_of(context);
  const DataType type = quantized_type(context);
  const DataType division = division_type(context);
  // float holds neither every int32 nor the quotient of two doubles.
  const bool needs_double = context.input(0).type() == DataType::kInt32 || division == DataType::kDouble;
  const DataType real = needs_double ? DataType::kDouble : DataType::kFloat;
  const Tensor x = cast_tensor(context, 0, real);
  const Tensor scale = cast_tensor(context, 1, real);
  const Tensor points = zero_points(context, real);
  const std::optional<Range> range = range_of(type);
  dispatch_floats(context, real, [&]<typename Real>() {
    if (!range) {
      const MinifloatRounding rounding{context.attr_int("saturate", 1) != 0, "up"};
      const Tensor values = quotients<Real>(granularity, division, x, scale, points);
      return context.set_output(0, cast_tensor(context, values, type, rounding));
    }
    // Packed integers are made one to a byte first.
    const DataType whole = is_packed(type) ? DataType::kInt8 : type;
    Tensor y = Tensor::zeros(whole, x.dims());
    dispatch<uint8_t, int8_t, uint16_t, int16_t>(context, whole, [&]<typename T>() {
      quantize_integers<Real, T>(granularity, *range, division, x, scale, points, y);
    });
    context.set_output(0, cast_tensor(context, y, type));
  });
}

void dequantize_linear(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Granularity granularity = granularity_of(context);
  if (context.has_input(2) && context.input(2).type() != input.type()) {
    context.fail("the zero point is " + std::string(to_string(context.input(2).type())) + ", expected the data's " +
                 std::string(to_string(input.type())));
  }
  const int64_t asked = context.attr_int("output_dtype", 0);
  const DataType type = asked != 0 ? static_cast<DataType>(asked) : context.input(1).type();
  if (!is_valid(type) || (kFloats & type_bit(type)) == 0) {
    context.unsupported("element type " + std::string(to_string(type)) + " is not one to dequantise to");
  }
  const bool needs_double = input.type() == DataType::kInt32 || type == DataType::kDouble;
  const DataType real = needs_double ? DataType::kDouble : DataType::kFloat;
  const Tensor x = cast_tensor(context, 0, real);
  const Tensor scale = cast_tensor(context, 1, real);
  const Tensor points = zero_points(context, real);
  Tensor y = Tensor::zeros(real, x.dims());
  dispatch_floats(context, real, [&]<typename Real>() {
    const Real* source = x.values<Real>().data();
    const Real* scales = scale.values<Real>().data();
    const Real* zeros = points.values<Real>().data();
    Real* target = y.mutable_values<Real>().data();
    for_each_row(granularity, x.num_elements(), [&](int64_t first, int64_t count, int64_t parameter) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t k = parameter + i * granularity.inner_step;
        target[first + i] = (source[first + i] - zeros[k]) * scales[k];
      }
    });
  });
  context.set_output(0, cast_tensor(context, y, type));
}

void dynamic_quantize_linear(KernelContext& context) {
  const Tensor& x = context.input(0);
  Tensor& y = context.output(0, DataType::kUint8, x.dims());
  const DynamicQuantization parameters = quantize_dynamically(x.values<float>(), y.mutable_values<uint8_t>());
  if (context.has_output(1)) context.set_output(1, Tensor::scalar(parameters.scale));
  if (context.has_output(2)) {
    context.output(2, DataType::kUint8, {}).mutable_values<uint8_t>()[0] = parameters.zero_point;
  }
}

constexpr TypeMask kDequantizable = kQuantizedTypes | type_bit(DataType::kInt32);

constexpr Kernel kKernels[] = {
    takes_double({"DequantizeLinear", "", 10, kLatest, kDequantizable, 0, dequantize_linear}),
    {"DynamicQuantizeLinear", "", 11, kLatest, type_bit(DataType::kFloat), 0, dynamic_quantize_linear},
    takes_double({"QuantizeLinear", "", 10, kLatest, kFloats | type_bit(DataType::kInt32), 0, quantize_linear}),
};

}  // namespace

DynamicQuantization quantize_dynamically(std::span<const float> values, std::span<uint8_t> target) {
  float low = 0;
  float high = 0;
  for (const float value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const float scale = (high - low) / 255.0F;
  // All values 0: any scale will do, and 0 / 0 must not be taken.
  const float zero_point = scale == 0 ? 0 : std::nearbyint(std::clamp(-low / scale, 0.0F, 255.0F));
  for (size_t i = 0; i < values.size(); ++i) {
    const float quotient = scale == 0 ? 0 : std::nearbyint(values[i] / scale);
    const float value = quotient + zero_point;
    target[i] = static_cast<uint8_t>(value > 0 ? std::min(value, 255.0F) : 0.0F);
  }
  return {scale, static_cast<uint8_t>(zero_point)};
}

std::span<const Kernel> quantize_kernels() { return kKernels; }

}  // namespace exec::cpu
