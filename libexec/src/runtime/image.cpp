#include <algorithm>
#include <cmath>

#include "exec/inputs.h"
#include "runtime/file_bytes.h"
#include "runtime/images/image_codecs.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;

images::Pixels read_pixels(const std::filesystem::path& path) {
  const std::vector<uint8_t> bytes = read_file_bytes(path);
  try {
    return images::decode_image(bytes);
  } catch (const Error& error) {
    throw error.within(surgery::escape(path.string()));
  }
}

/// The pixels around a coordinate of the scaled image, and how much of the second one.
struct Place {
  int64_t first;
  int64_t second;
  double weight;
};

Place place_of(int64_t position, int64_t size, int64_t source_size) {
  const double at =
      (static_cast<double>(position) + 0.5) * static_cast<double>(source_size) / static_cast<double>(size) - 0.5;
  const double bounded = std::clamp(at, 0.0, static_cast<double>(source_size - 1));
  const auto first = static_cast<int64_t>(bounded);
  return {first, std::min(first + 1, source_size - 1), bounded - static_cast<double>(first)};
}

/// One channel of a picture as numbers from 0 to 255.
class Channel {
 public:
  /// `index`: 0 to 2 in red, green, blue; -1: grey.
  Channel(const images::Pixels& pixels, int index) : pixels_(pixels), index_(index) {}

  double at(int64_t row, int64_t column) const {
    const uint8_t* pixel = pixels_.rgb.data() + 3 * (row * pixels_.width + column);
    return index_ < 0 ? images::luma(pixel[0], pixel[1], pixel[2]) : pixel[index_];
  }
  /// Between four pixels.
  double at(const Place& row, const Place& column) const {
    const double top = at(row.first, column.first) * (1 - column.weight) + at(row.first, column.second) * column.weight;
    const double bottom =
        at(row.second, column.first) * (1 - column.weight) + at(row.second, column.second) * column.weight;
    return top * (1 - row.weight) + bottom * row.weight;
  }

 private:
  const images::Pixels& pixels_;
  int index_;
};

double of_channel(const std::vector<double>& list, int channel, int channels, double otherwise, const char* option) {
  if (list.empty()) return otherwise;
  if (list.size() != 1 && list.size() != static_cast<size_t>(channels)) {
    throw Error(ErrorCode::kUsage, std::string(option) + ": " + std::to_string(list.size()) + " values for " +
                                       std::to_string(channels) + " channels");
  }
  return list[list.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

}  // namespace

Tensor load_image(const std::filesystem::path& path, int channels, const ImageOptions& options) {
  SURGERY_ASSERT(channels == 1 || channels == 3, "grey or colours");
  const images::Pixels pixels = read_pixels(path);
  const int64_t height = options.resizes && options.height > 0 ? options.height : pixels.height;
  const int64_t width = options.resizes && options.width > 0 ? options.width : pixels.width;
  const bool channels_last = options.layout == ImageOptions::Layout::kChannelsLast;
  Tensor tensor =
      Tensor::zeros(surgery::DataType::kFloat, channels_last ? std::vector<int64_t>{1, height, width, channels}
                                                             : std::vector<int64_t>{1, channels, height, width});
  float* values = tensor.mutable_values<float>().data();
  for (int c = 0; c < channels; ++c) {
    const Channel channel(pixels, channels == 1 ? -1 : options.is_bgr ? 2 - c : c);
    const double mean = of_channel(options.mean, c, channels, 0, "--mean");
    const double deviation = of_channel(options.std, c, channels, 1, "--std");
    if (deviation == 0) throw Error(ErrorCode::kUsage, "--std: 0 divides nothing");
    for (int64_t row = 0; row < height; ++row) {
      const Place row_place = place_of(row, height, pixels.height);
      for (int64_t column = 0; column < width; ++column) {
        const double value = channel.at(row_place, place_of(column, width, pixels.width));
        const int64_t at = channels_last ? (row * width + column) * channels + c : (c * height + row) * width + column;
        values[at] = static_cast<float>((value * options.scale - mean) / deviation);
      }
    }
  }
  return tensor;
}

}  // namespace exec
