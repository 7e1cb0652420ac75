// Resize and Upsample: one axis after the other, since every mode is separable.

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/resample.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

struct Request {
  ResizeOptions options;
  std::vector<AxisResize> axes;  ///< one per axis of the input
  double extrapolation = 0;
};

Interpolation interpolation_of(const KernelContext& context) {
  const std::string mode = context.attr_string("mode", "nearest");
  if (mode == "nearest") return Interpolation::kNearest;
  if (mode == "linear" || mode == "bilinear") return Interpolation::kLinear;
  if (mode == "cubic" && context.opset() >= 11) return Interpolation::kCubic;
  context.fail("mode is '" + mode + "', expected nearest, linear or cubic");
}

Coordinates coordinates_of(const KernelContext& context) {
  const std::string mode = context.attr_string("coordinate_transformation_mode", "half_pixel");
  if (mode == "half_pixel") return Coordinates::kHalfPixel;
  if (mode == "half_pixel_symmetric") return Coordinates::kHalfPixelSymmetric;
  if (mode == "pytorch_half_pixel") return Coordinates::kPytorchHalfPixel;
  if (mode == "align_corners") return Coordinates::kAlignCorners;
  if (mode == "asymmetric") return Coordinates::kAsymmetric;
  if (mode == "tf_crop_and_resize") return Coordinates::kCropAndResize;
  if (mode == "tf_half_pixel_for_nn") return Coordinates::kTfHalfPixelForNearest;
  context.fail("coordinate_transformation_mode is '" + mode + "', which is none");
}

NearestMode nearest_mode_of(const KernelContext& context) {
  const std::string mode = context.attr_string("nearest_mode", "round_prefer_floor");
  if (mode == "round_prefer_floor") return NearestMode::kRoundPreferFloor;
  if (mode == "round_prefer_ceil") return NearestMode::kRoundPreferCeil;
  if (mode == "floor") return NearestMode::kFloor;
  if (mode == "ceil") return NearestMode::kCeil;
  context.fail("nearest_mode is '" + mode + "', which is none");
}

/// A list of numbers as float: the attribute values or input that scales and regions come as.
std::vector<float> float_values(const KernelContext& context, size_t input) {
  const std::optional<std::vector<double>> values = context.input(input).to_doubles(4096);
  if (!values) context.fail("input " + std::to_string(input) + " is no short list of numbers");
  return {values->begin(), values->end()};
}

void require_count(const KernelContext& context, const char* what, size_t found, size_t expected) {
  if (found == expected) return;
  context.fail(std::string(what) + " has " + std::to_string(found) + " values, expected " + std::to_string(expected));
}

void set_scale(const KernelContext& context, AxisResize& axis, float scale) {
  if (!(scale > 0) || std::isinf(scale)) context.fail("scale " + std::to_string(scale) + " is not above 0");
  axis.scale = scale;
  axis.exact_scale = static_cast<double>(scale);
  // In float, as shape inference does: 10 * 0.7f is 7, though 0.7f is a little less than 0.7.
  const float length = std::floor(static_cast<float>(axis.input_length) * scale);
  if (!(length < 0x1p62F)) context.fail("scale " + std::to_string(scale) + " gives too large an output");
  axis.output_length = static_cast<int64_t>(length);
}

void set_length(const KernelContext& context, AxisResize& axis, int64_t length) {
  if (length < 0) context.fail("size " + std::to_string(length) + " is negative");
  if (axis.input_length == 0 && length > 0) context.fail("an empty axis cannot be enlarged");
  axis.output_length = length;
  if (axis.input_length == 0) return;
  axis.exact_scale = static_cast<double>(length) / static_cast<double>(axis.input_length);
  axis.scale = static_cast<float>(length) / static_cast<float>(axis.input_length);
}

/// All listed axes get one scale: the smallest or largest of those that `lengths` asks for.
void keep_aspect_ratio(const std::string& policy, const Dims& listed, const Dims& lengths,
                       std::vector<AxisResize>& axes) {
  double scale = 0;
  for (size_t i = 0; i < listed.size(); ++i) {
    const double own = static_cast<double>(lengths[i]) /
                       static_cast<double>(std::max<int64_t>(axes[static_cast<size_t>(listed[i])].input_length, 1));
    scale = i == 0 ? own : policy == "not_larger" ? std::min(scale, own) : std::max(scale, own);
  }
  for (const int64_t index : listed) {
    AxisResize& axis = axes[static_cast<size_t>(index)];
    axis.exact_scale = scale;
    axis.scale = static_cast<float>(scale);
    axis.output_length = static_cast<int64_t>(std::min(scale * static_cast<double>(axis.input_length) + 0.5, 0x1p62));
  }
}

std::vector<AxisResize> unchanged_axes(const Tensor& data) {
  std::vector<AxisResize> axes;
  for (const int64_t dim : data.dims()) axes.push_back({dim, dim, 1, 1, 0, 1});
  return axes;
}

/// Version 11 on: X, roi, scales, sizes.
Request resize_request(const KernelContext& context) {
  const Tensor& data = context.input(0);
  Request request;
  request.options.interpolation = interpolation_of(context);
  request.options.coordinates = coordinates_of(context);
  request.options.nearest = nearest_mode_of(context);
  request.options.cubic_a = static_cast<double>(context.attr_float("cubic_coeff_a", -0.75F));
  request.options.exclude_outside = context.attr_int("exclude_outside", 0) != 0;
  request.options.antialias = context.attr_int("antialias", 0) != 0;
  request.extrapolation = static_cast<double>(context.attr_float("extrapolation_value", 0));
  request.axes = unchanged_axes(data);

  Dims listed = context.attr_ints("axes");
  if (context.attribute("axes") == nullptr) {
    for (int64_t axis = 0; axis < data.rank(); ++axis) listed.push_back(axis);
  }
  listed = normal_axes(context, std::move(listed), data.rank());
  const size_t count = listed.size();
  const bool has_scales = context.has_input(2) && context.input(2).num_elements() > 0;
  const bool has_sizes = context.has_input(3) && context.input(3).num_elements() > 0;
  if (has_scales == has_sizes) context.fail("expected one of scales and sizes");
  if (has_scales) {
    const std::vector<float> scales = float_values(context, 2);
    require_count(context, "scales", scales.size(), count);
    for (size_t i = 0; i < count; ++i) {
      set_scale(context, request.axes[static_cast<size_t>(listed[i])], scales[i]);
    }
  } else {
    const Dims sizes = context.int_values(3);
    require_count(context, "sizes", sizes.size(), count);
    const std::string policy = context.attr_string("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") {
      context.fail("keep_aspect_ratio_policy is '" + policy + "', which is none");
    }
    for (size_t i = 0; i < count; ++i) {
      set_length(context, request.axes[static_cast<size_t>(listed[i])], sizes[i]);
    }
    if (policy != "stretch") keep_aspect_ratio(policy, listed, sizes, request.axes);
  }
  if (request.options.coordinates == Coordinates::kCropAndResize) {
    const std::vector<float> roi = float_values(context, 1);
    require_count(context, "roi", roi.size(), 2 * count);
    for (size_t i = 0; i < count; ++i) {
      AxisResize& axis = request.axes[static_cast<size_t>(listed[i])];
      axis.roi_start = roi[i];
      axis.roi_end = roi[count + i];
    }
  }
  return request;
}

/// Upsample, and Resize-10, which knew less: scales alone, coordinates without offset.
Request upsample_request(const KernelContext& context) {
  const Tensor& data = context.input(0);
  Request request;
  request.options.interpolation = interpolation_of(context);
  request.options.coordinates = Coordinates::kAsymmetric;
  request.options.nearest = NearestMode::kSimple;
  request.axes = unchanged_axes(data);
  std::vector<float> scales;
  if (context.opset() >= 9) {
    scales = float_values(context, 1);
  } else if (context.opset() >= 7) {
    scales = context.attr_floats("scales");
  } else {
    scales = {1, 1, context.attr_float("height_scale", 0), context.attr_float("width_scale", 0)};
  }
  require_count(context, "scales", scales.size(), request.axes.size());
  for (size_t i = 0; i < scales.size(); ++i) set_scale(context, request.axes[i], scales[i]);
  return request;
}

bool is_unchanged(const AxisResize& axis, const ResizeOptions& options) {
  if (axis.input_length != axis.output_length || axis.exact_scale != 1) return false;
  return options.coordinates != Coordinates::kCropAndResize || (axis.roi_start == 0 && axis.roi_end == 1);
}

/// Copies, `outside` where nearest_positions() says so.
template <typename T>
void resize_nearest(const Request& request, const T* source, T* target, T outside) {
  // Positions in elements of the source, axis by axis; -1 is outside.
  const size_t rank = request.axes.size();
  std::vector<std::vector<int64_t>> offsets(rank);
  int64_t stride = 1;
  int64_t rows = 1;
  for (size_t axis = rank; axis-- > 0;) {
    offsets[axis] = nearest_positions(request.axes[axis], request.options);
    for (int64_t& offset : offsets[axis]) offset = offset < 0 ? -1 : offset * stride;
    stride *= request.axes[axis].input_length;
    if (axis + 1 < rank) rows *= request.axes[axis].output_length;
  }
  if (rank == 0) {
    *target = *source;
    return;
  }
  const std::vector<int64_t>& inner = offsets.back();
  const auto count = static_cast<int64_t>(inner.size());
  const bool inner_is_copy = is_unchanged(request.axes.back(), request.options);
  parallel_for(rows, std::max<int64_t>(1, LoopNest::kGrain / count), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* to = target + row * count;
      int64_t rest = row;
      int64_t offset = 0;
      bool is_outside = false;
      for (size_t axis = rank - 1; axis-- > 0;) {
        const std::vector<int64_t>& own = offsets[axis];
        const int64_t part = own[static_cast<size_t>(rest) % own.size()];
        rest /= static_cast<int64_t>(own.size());
        is_outside = is_outside || part < 0;
        offset += part;
      }
      if (is_outside) {
        std::fill_n(to, count, outside);
      } else if (inner_is_copy) {
        std::copy_n(source + offset, count, to);
      } else {
        for (int64_t i = 0; i < count; ++i) {
          const int64_t part = inner[static_cast<size_t>(i)];
          to[i] = part < 0 ? outside : source[offset + part];
        }
      }
    }
  });
}

/// Weighted sums along one axis: source [outer, input_length, inner], target [outer, output_length, inner].
template <typename T>
void interpolate_axis(const AxisResize& axis, const Request& request, int64_t outer, int64_t inner, const T* source,
                      T* target) {
  const Taps taps = interpolation_taps(axis, request.options);
  const auto outside = static_cast<T>(request.extrapolation);
  parallel_for(outer * axis.output_length, std::max<int64_t>(1, LoopNest::kGrain / inner / taps.width),
               [&](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) {
                   const auto position = static_cast<size_t>(row % axis.output_length);
                   T* to = target + row * inner;
                   if (taps.is_outside[position]) {
                     std::fill_n(to, inner, outside);
                     continue;
                   }
                   const T* from = source + row / axis.output_length * axis.input_length * inner;
                   bool is_first = true;  // the target is all 0 until then
                   for (int64_t tap = 0; tap < taps.width; ++tap) {
                     const size_t k = position * static_cast<size_t>(taps.width) + static_cast<size_t>(tap);
                     const T weight = static_cast<T>(taps.weights[k]);
                     if (weight == 0) continue;  // an infinity there has no part in the sum
                     const T* line = from + taps.positions[k] * inner;
                     if (is_first) {
                       for (int64_t i = 0; i < inner; ++i) to[i] = weight * line[i];
                     } else {
                       for (int64_t i = 0; i < inner; ++i) to[i] += weight * line[i];
                     }
                     is_first = false;
                   }
                 }
               });
}

template <typename T>
Tensor interpolate(const KernelContext& context, const Request& request, const Tensor& data) {
  Tensor current = data;
  Dims dims = data.dims();
  for (size_t i = 0; i < request.axes.size(); ++i) {
    const AxisResize& axis = request.axes[i];
    if (is_unchanged(axis, request.options)) continue;
    dims[i] = axis.output_length;
    const std::optional<int64_t> count = surgery::checked_product(dims);
    if (!count || *count > context.environment().max_bytes / static_cast<int64_t>(sizeof(T))) {
      context.unsupported("resizing one axis after the other goes through " + dims_text(dims) +
                          ", over the memory limit");
    }
    Tensor next = Tensor::zeros(data_type_of<T>(), dims);
    const auto index = static_cast<int64_t>(i);
    if (next.num_elements() > 0) {
      interpolate_axis(axis, request, product(dims, 0, index), product(dims, index + 1, next.rank()),
                       static_cast<const Tensor&>(current).values<T>().data(), next.mutable_values<T>().data());
    }
    current = std::move(next);
  }
  return current;
}

/// Complex numbers, the real and the imaginary parts each by themselves. What is outside is real.
template <typename T>
Tensor interpolate_complex(const KernelContext& context, const Request& request, const Tensor& data, const Dims& dims) {
  Tensor result = Tensor::zeros(data.type(), dims);
  const std::span<std::complex<T>> target = result.mutable_values<std::complex<T>>();
  const std::span<const std::complex<T>> source = data.values<std::complex<T>>();
  for (const bool is_real : {true, false}) {
    Tensor part = Tensor::zeros(data_type_of<T>(), data.dims());
    std::transform(source.begin(), source.end(), part.mutable_values<T>().begin(),
                   [&](const std::complex<T>& x) { return is_real ? x.real() : x.imag(); });
    Request own = request;
    if (!is_real) own.extrapolation = 0;
    const Tensor resized = interpolate<T>(context, own, part);
    const std::span<const T> values = resized.values<T>();
    for (size_t i = 0; i < target.size(); ++i) {
      is_real ? target[i].real(values[i]) : target[i].imag(values[i]);
    }
  }
  return result;
}

/// One element of `type` that holds a number.
Tensor scalar_of(const KernelContext& context, DataType type, double value) {
  if (type == DataType::kString) return Tensor::from_strings({}, {""});
  if (type == DataType::kComplex64) {
    const std::complex<float> number(static_cast<float>(value));
    return Tensor::from_values<std::complex<float>>(type, {}, {&number, 1});
  }
  if (type == DataType::kComplex128) {
    const std::complex<double> number(value);
    return Tensor::from_values<std::complex<double>>(type, {}, {&number, 1});
  }
  return cast_tensor(context, Tensor::scalar(static_cast<float>(value)), type);
}

/// Interpolated integers: rounded to nearest even and cut to their range.
template <typename T>
void round_into(const Tensor& values, Tensor& target) {
  const std::span<const double> source = values.values<double>();
  const std::span<T> to = target.mutable_values<T>();
  for (size_t i = 0; i < to.size(); ++i) {
    const double rounded = std::nearbyint(source[i]);
    constexpr double kHigh = static_cast<double>(std::numeric_limits<T>::max());
    to[i] = rounded >= kHigh                                                  ? std::numeric_limits<T>::max()
            : rounded > static_cast<double>(std::numeric_limits<T>::lowest()) ? static_cast<T>(rounded)
                                                                              : std::numeric_limits<T>::lowest();
  }
}

void run(KernelContext& context, const Request& request) {
  const Tensor& data = context.input(0);
  Dims dims;
  for (const AxisResize& axis : request.axes) dims.push_back(axis.output_length);
  Tensor& output = context.output(0, data.type(), dims);
  if (output.num_elements() == 0) return;
  if (request.options.interpolation == Interpolation::kNearest) {
    const Tensor outside = scalar_of(context, data.type(), request.extrapolation);
    return dispatch_movable(context, data.type(), [&]<typename T>() {
      resize_nearest(request, elements<T>(data).data(), mutable_elements<T>(output).data(), elements<T>(outside)[0]);
    });
  }
  if ((kComplexes & type_bit(data.type())) != 0) {
    context.reserve_bytes(2 * data.size_bytes());  // the parts
    context.set_output(0, data.type() == DataType::kComplex64
                              ? interpolate_complex<float>(context, request, data, dims)
                              : interpolate_complex<double>(context, request, data, dims));
    return;
  }
  dispatch_numbers(context, data.type(), [&]<typename T>() {
    if constexpr (std::is_floating_point_v<T>) {
      context.set_output(0, interpolate<T>(context, request, data));
    } else {
      const Tensor values = cast_tensor(context, data, DataType::kDouble);
      round_into<T>(interpolate<double>(context, request, values), output);
    }
  });
}

void resize(KernelContext& context) { run(context, resize_request(context)); }

void upsample(KernelContext& context) { run(context, upsample_request(context)); }

constexpr TypeMask kResizable = kFullFloats | kInts | kBools | kFloat8s | kStrings | kComplexes;

constexpr Kernel kKernels[] = {
    takes_double({"Resize", "", 10, 10, kResizable, 0, upsample}),
    takes_double({"Resize", "", 10, 10, kHalfFloats, 0, widened<upsample>}),
    takes_double({"Resize", "", 11, kLatest, kResizable, 0, resize}),
    takes_double({"Resize", "", 11, kLatest, kHalfFloats, 0, widened<resize>}),
    takes_double({"Upsample", "", 1, 9, kResizable, 0, upsample}),
    takes_double({"Upsample", "", 1, 9, kHalfFloats, 0, widened<upsample>}),
};

}  // namespace

std::span<const Kernel> resize_kernels() { return kKernels; }

}  // namespace exec::cpu
