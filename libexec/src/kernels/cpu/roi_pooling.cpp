// RoiAlign and MaxRoiPool: regions of the images X [N, C, H, W], pooled to a fixed size.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// Samples along one side of a bin. A region of a size that needs more is none of an image.
constexpr double kMaxSamples = 1024;

struct Sample {
  int64_t offset[4];
  double weight[4];
};

/// Where a coordinate between rows (or columns) reads: two neighbours and their shares.
struct Neighbours {
  int64_t low;
  int64_t high;
  double low_share;
  double high_share;
};

Neighbours neighbours(double at, int64_t extent) {
  at = std::max(at, 0.0);
  const auto low = static_cast<int64_t>(at);
  if (low >= extent - 1) return {extent - 1, extent - 1, 1, 0};
  const double high_share = at - static_cast<double>(low);
  return {low, low + 1, 1 - high_share, high_share};
}

/// The samples of one bin of a region, in an image of `height` and `width`.
struct Bin {
  double y;
  double x;
  double height;
  double width;
  int64_t rows;  ///< of samples
  int64_t columns;
};

void place_samples(const Bin& bin, int64_t height, int64_t width, std::vector<Sample>& samples) {
  samples.clear();
  for (int64_t row = 0; row < bin.rows; ++row) {
    const double y = bin.y + (static_cast<double>(row) + 0.5) * bin.height / static_cast<double>(bin.rows);
    for (int64_t column = 0; column < bin.columns; ++column) {
      const double x = bin.x + (static_cast<double>(column) + 0.5) * bin.width / static_cast<double>(bin.columns);
      // More than a pixel outside the image counts as 0.
      if (!(y >= -1 && y <= static_cast<double>(height) && x >= -1 && x <= static_cast<double>(width))) {
        samples.push_back({});
        continue;
      }
      const Neighbours v = neighbours(y, height);
      const Neighbours h = neighbours(x, width);
      samples.push_back(
          {{v.low * width + h.low, v.low * width + h.high, v.high * width + h.low, v.high * width + h.high},
           {v.low_share * h.low_share, v.low_share * h.high_share, v.high_share * h.low_share,
            v.high_share * h.high_share}});
    }
  }
}

template <typename T>
double average(const std::vector<Sample>& samples, const T* plane) {
  double sum = 0;
  for (const Sample& sample : samples) {
    for (int i = 0; i < 4; ++i) sum += sample.weight[i] * static_cast<double>(plane[sample.offset[i]]);
  }
  return sum / static_cast<double>(std::max<size_t>(samples.size(), 1));
}

/// The largest weighted neighbour, as the reference implementation has it: no interpolated value.
template <typename T>
double maximum(const std::vector<Sample>& samples, const T* plane) {
  if (samples.empty()) return 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (const Sample& sample : samples) {
    for (int i = 0; i < 4; ++i) {
      largest = std::max(largest, sample.weight[i] * static_cast<double>(plane[sample.offset[i]]));
    }
  }
  return largest;
}

int64_t read_extent(const KernelContext& context, std::string_view name) {
  const int64_t extent = context.attr_int(name, 1);
  if (extent < 1) {
    context.fail("attribute " + surgery::quote(name) + " is " + std::to_string(extent) + ", expected at least 1");
  }
  return extent;
}

int64_t sample_count(const KernelContext& context, int64_t asked, double extent, int64_t bins) {
  if (asked > 0) return asked;
  const double count = std::ceil(extent / static_cast<double>(bins));
  if (std::isnan(count) || count > kMaxSamples) {
    context.fail("a region of extent " + std::to_string(extent) + " is too large to sample");
  }
  return std::max<int64_t>(static_cast<int64_t>(count), 0);
}

struct RoiAlignOptions {
  bool takes_maximum;
  double shift;  ///< subtracted from coordinates; where it is 0, regions are at least a pixel large
  int64_t sampling_ratio;
  double scale;
};

RoiAlignOptions read_options(const KernelContext& context) {
  RoiAlignOptions options{};
  const std::string mode = context.attr_string("mode", "avg");
  if (mode != "avg" && mode != "max") {
    context.fail("attribute 'mode' is " + surgery::quote(mode) + ", expected 'avg' or 'max'");
  }
  options.takes_maximum = mode == "max";
  const std::string transformation =
      context.opset() < 16 ? "output_half_pixel" : context.attr_string("coordinate_transformation_mode", "half_pixel");
  if (transformation != "half_pixel" && transformation != "output_half_pixel") {
    context.fail("attribute 'coordinate_transformation_mode' is " + surgery::quote(transformation) +
                 ", expected 'half_pixel' or 'output_half_pixel'");
  }
  options.shift = transformation == "half_pixel" ? 0.5 : 0;
  options.sampling_ratio = context.attr_int("sampling_ratio", 0);
  if (options.sampling_ratio < 0 || static_cast<double>(options.sampling_ratio) > kMaxSamples) {
    context.fail("attribute 'sampling_ratio' is " + std::to_string(options.sampling_ratio) + ", expected 0 to " +
                 std::to_string(static_cast<int64_t>(kMaxSamples)));
  }
  options.scale = static_cast<double>(context.attr_float("spatial_scale", 1));
  return options;
}

/// The image that each region lies in, checked.
std::vector<int64_t> read_batch_indices(const KernelContext& context, int64_t regions, int64_t images) {
  require_type(context, 2, DataType::kInt64);
  require_shape(context, 2, {regions});
  const std::span<const int64_t> values = context.input(2).values<int64_t>();
  for (const int64_t index : values) {
    if (index < 0 || index >= images) {
      context.fail("batch_indices has " + std::to_string(index) + ", X has " + std::to_string(images) + " images");
    }
  }
  return {values.begin(), values.end()};
}

template <typename T>
void align_region(const KernelContext& context, const RoiAlignOptions& options, const T* image, const T* region, T* y,
                  const Dims& x_dims, const Dims& y_dims) {
  // In the tensor's own type: whether an extent is a whole number decides about the number of samples.
  T corners[4];
  for (int i = 0; i < 4; ++i) corners[i] = region[i] * static_cast<T>(options.scale) - static_cast<T>(options.shift);
  const auto left = static_cast<double>(corners[0]);
  const auto top = static_cast<double>(corners[1]);
  auto width = static_cast<double>(corners[2] - corners[0]);
  auto height = static_cast<double>(corners[3] - corners[1]);
  if (options.shift == 0) {
    width = std::max(width, 1.0);
    height = std::max(height, 1.0);
  }
  Bin bin{};
  bin.rows = sample_count(context, options.sampling_ratio, height, y_dims[2]);
  bin.columns = sample_count(context, options.sampling_ratio, width, y_dims[3]);
  bin.height = height / static_cast<double>(y_dims[2]);
  bin.width = width / static_cast<double>(y_dims[3]);
  const int64_t plane = x_dims[2] * x_dims[3];
  const int64_t bins = y_dims[2] * y_dims[3];
  std::vector<Sample> samples;
  for (int64_t i = 0; i < bins; ++i) {
    const int64_t row = i / y_dims[3];
    bin.y = top + static_cast<double>(row) * bin.height;
    bin.x = left + static_cast<double>(i % y_dims[3]) * bin.width;
    place_samples(bin, x_dims[2], x_dims[3], samples);
    for (int64_t channel = 0; channel < x_dims[1]; ++channel) {
      const T* values = image + channel * plane;
      y[channel * bins + i] =
          static_cast<T>(options.takes_maximum ? maximum(samples, values) : average(samples, values));
    }
  }
}

void roi_align(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Tensor& rois = context.input(1);
  require_rank(context, 0, 4);
  require_rank(context, 1, 2);
  require_type(context, 1, x.type());
  const int64_t regions = rois.dims()[0];
  if (rois.dims()[1] != 4) context.fail("rois has shape " + dims_text(rois.dims()) + ", expected [regions, 4]");
  const std::vector<int64_t> images = read_batch_indices(context, regions, x.dims()[0]);
  const RoiAlignOptions options = read_options(context);
  const Dims dims{regions, x.dims()[1], read_extent(context, "output_height"), read_extent(context, "output_width")};
  Tensor& y = context.output(0, x.type(), dims);
  if (y.num_elements() == 0) return;
  if (x.num_elements() == 0) context.fail("X has shape " + dims_text(x.dims()) + ", which has nothing to sample");
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const int64_t image_size = product(x.dims(), 1, 4);
    const int64_t region_size = product(dims, 1, 4);
    parallel_for(regions, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        align_region<T>(context, options, elements<T>(x).data() + images[static_cast<size_t>(i)] * image_size,
                        elements<T>(rois).data() + i * 4, y.mutable_values<T>().data() + i * region_size, x.dims(),
                        dims);
      }
    });
  });
}

/// What bin `index` of `bins` covers of an axis: the region starts at `start` and is `length` long.
struct Range {
  int64_t first;
  int64_t last;
};
Range bin_range(int64_t index, int64_t bins, double start, double length, int64_t extent) {
  const double size = length / static_cast<double>(bins);
  const double limit = static_cast<double>(extent);
  const double first = std::floor(static_cast<double>(index) * size) + start;
  const double last = std::ceil(static_cast<double>(index + 1) * size) + start;
  return {static_cast<int64_t>(std::clamp(first, 0.0, limit)), static_cast<int64_t>(std::clamp(last, 0.0, limit))};
}

/// One region, [x1, y1, x2, y2] in whole pixels, ends included; a bin without pixels is 0.
template <typename T>
void pool_region(const T* image, const double* region, T* y, const Dims& x_dims, const Dims& y_dims) {
  const double height = std::max(region[3] - region[1] + 1, 1.0);
  const double width = std::max(region[2] - region[0] + 1, 1.0);
  for (int64_t channel = 0; channel < x_dims[1]; ++channel) {
    const T* plane = image + channel * x_dims[2] * x_dims[3];
    for (int64_t ph = 0; ph < y_dims[2]; ++ph) {
      const Range rows = bin_range(ph, y_dims[2], region[1], height, x_dims[2]);
      for (int64_t pw = 0; pw < y_dims[3]; ++pw) {
        const Range columns = bin_range(pw, y_dims[3], region[0], width, x_dims[3]);
        const bool is_empty = rows.first >= rows.last || columns.first >= columns.last;
        T largest = is_empty ? T{0} : std::numeric_limits<T>::lowest();
        for (int64_t row = rows.first; row < rows.last; ++row) {
          for (int64_t column = columns.first; column < columns.last; ++column) {
            largest = std::max(largest, plane[row * x_dims[3] + column]);
          }
        }
        *y++ = largest;
      }
    }
  }
}

void max_roi_pool(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Tensor& rois = context.input(1);
  require_rank(context, 0, 4);
  require_rank(context, 1, 2);
  require_type(context, 1, x.type());
  if (rois.dims()[1] != 5) context.fail("rois has shape " + dims_text(rois.dims()) + ", expected [regions, 5]");
  const Dims shape = context.attr_ints("pooled_shape");
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1) {
    context.fail("attribute 'pooled_shape' is " + dims_text(shape) + ", expected two positive numbers");
  }
  const double scale = static_cast<double>(context.attr_float("spatial_scale", 1));
  const Dims dims{rois.dims()[0], x.dims()[1], shape[0], shape[1]};
  Tensor& y = context.output(0, x.type(), dims);
  if (y.num_elements() == 0) return;
  dispatch_floats(context, x.type(), [&]<typename T>() {
    const int64_t image_size = product(x.dims(), 1, 4);
    parallel_for(dims[0], 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* roi = elements<T>(rois).data() + i * 5;
        const auto image = static_cast<double>(roi[0]);
        if (!(image >= 0 && image < static_cast<double>(x.dims()[0]))) {
          context.fail("region " + std::to_string(i) + " lies in image " + std::to_string(image) + ", X has " +
                       std::to_string(x.dims()[0]));
        }
        double region[4];
        for (int k = 0; k < 4; ++k) region[k] = std::round(static_cast<double>(roi[k + 1]) * scale);
        for (const double coordinate : region) {
          if (!(std::abs(coordinate) < 1e15)) context.fail("region " + std::to_string(i) + " has no finite corners");
        }
        pool_region<T>(elements<T>(x).data() + static_cast<int64_t>(image) * image_size, region,
                       y.mutable_values<T>().data() + i * product(dims, 1, 4), x.dims(), dims);
      }
    });
  });
}

constexpr Kernel kKernels[] = {
    {"MaxRoiPool", "", 1, kLatest, kFullFloats, 0, max_roi_pool},
    {"MaxRoiPool", "", 1, kLatest, kHalfFloats, 0, widened<max_roi_pool>},
    {"RoiAlign", "", 10, kLatest, kFullFloats, 0, roi_align},
    {"RoiAlign", "", 10, kLatest, kHalfFloats, 0, widened<roi_align>},
};

}  // namespace

std::span<const Kernel> roi_pooling_kernels() { return kKernels; }

}  // namespace exec::cpu
