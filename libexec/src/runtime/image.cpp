// jpeglib.h needs size_t and FILE to be declared before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on
#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <fstream>
#include <iterator>

#include "exec/inputs.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;

constexpr uint64_t kMaxPixels = uint64_t{1} << 28;

/// Pixels, row by row, 8 bits per channel.
struct Pixels {
  int64_t height = 0;
  int64_t width = 0;
  int channels = 0;
  std::vector<uint8_t> bytes;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& message) {
  throw Error(ErrorCode::kRead, surgery::escape(path.string()) + ": " + message);
}

void require_size(const std::filesystem::path& path, uint64_t height, uint64_t width) {
  if (height == 0 || width == 0 || height > kMaxPixels / width) fail(path, "an image of too many pixels");
}

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    fail(path, std::filesystem::exists(path, error) ? "not a regular file" : "no such file");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) fail(path, "cannot be read");
  return bytes;
}

Pixels decode_png(const std::string& file, const std::filesystem::path& path, int channels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto require = [&](int ok) {
    if (ok != 0) return;
    const std::string message = image.message;
    png_image_free(&image);
    fail(path, "not a readable PNG image: " + message);
  };
  require(png_image_begin_read_from_memory(&image, file.data(), file.size()));
  if (image.height == 0 || image.width > kMaxPixels / image.height) {
    png_image_free(&image);
    fail(path, "an image of too many pixels");
  }
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Pixels pixels{image.height, image.width, channels, std::vector<uint8_t>(PNG_IMAGE_SIZE(image))};
  const png_color black{0, 0, 0};  // what shows through transparent pixels
  require(png_image_finish_read(&image, &black, pixels.bytes.data(), 0, nullptr));
  return pixels;
}

/// libjpeg reports errors by calling back; the jump leaves no object with a destructor behind.
struct JpegErrors {
  jpeg_error_mgr manager;
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> message;
};

void on_jpeg_error(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  (*info->err->format_message)(info, errors->message.data());
  std::longjmp(errors->escape, 1);  // NOLINT(cert-err52-cpp): the way out that libjpeg documents
}

/// Decodes into `pixels`; false with errors.message set when the file is bad.
bool decode_jpeg_into(const std::string& file, int channels, Pixels& pixels, JpegErrors& errors) {
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_jpeg_error;
  errors.manager.output_message = [](j_common_ptr) {};  // warnings are not for stderr
  if (setjmp(errors.escape) != 0) {                     // NOLINT(cert-err52-cpp)
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&info, TRUE);
  if (uint64_t{info.image_width} * info.image_height > kMaxPixels) {
    std::strncpy(errors.message.data(), "too many pixels", errors.message.size() - 1);
    jpeg_destroy_decompress(&info);
    return false;
  }
  info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&info);
  pixels.height = info.output_height;
  pixels.width = info.output_width;
  pixels.channels = channels;
  const size_t row_size = size_t{info.output_width} * static_cast<size_t>(channels);
  pixels.bytes.resize(row_size * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.bytes.data() + row_size * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

Pixels decode_jpeg(const std::string& file, const std::filesystem::path& path, int channels) {
  Pixels pixels;
  JpegErrors errors{};
  if (!decode_jpeg_into(file, channels, pixels, errors)) {
    fail(path, std::string("not a readable JPEG image: ") + errors.message.data());
  }
  require_size(path, static_cast<uint64_t>(pixels.height), static_cast<uint64_t>(pixels.width));
  return pixels;
}

}  // namespace

Tensor load_image(const std::filesystem::path& path, int channels) {
  SURGERY_ASSERT(channels == 1 || channels == 3, "grey or RGB");
  const std::string file = read_file(path);
  const bool is_jpeg = file.size() > 2 && file[0] == '\xFF' && file[1] == '\xD8';
  const Pixels pixels = is_jpeg ? decode_jpeg(file, path, channels) : decode_png(file, path, channels);
  Tensor tensor = Tensor::zeros(surgery::DataType::kFloat, {1, channels, pixels.height, pixels.width});
  const std::span<float> values = tensor.mutable_values<float>();
  const auto plane = static_cast<size_t>(pixels.height * pixels.width);
  for (size_t i = 0; i < plane; ++i) {
    for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
      values[c * plane + i] = static_cast<float>(pixels.bytes[i * static_cast<size_t>(channels) + c]) / 255.0F;
    }
  }
  return tensor;
}

}  // namespace exec
