// jpeglib.h needs size_t and FILE to be declared before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <cstring>

#include "runtime/images/image_codecs.h"

namespace exec::images {
namespace {

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
bool decode_into(Bytes file, Pixels& pixels, JpegErrors& errors) {
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_jpeg_error;
  errors.manager.output_message = [](j_common_ptr) {};  // warnings are not for stderr
  if (setjmp(errors.escape) != 0) {                     // NOLINT(cert-err52-cpp)
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), file.size());
  jpeg_read_header(&info, TRUE);
  if (uint64_t{info.image_width} * info.image_height > kMaxPixels) {
    std::strncpy(errors.message.data(), "too many pixels", errors.message.size() - 1);
    jpeg_destroy_decompress(&info);
    return false;
  }
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  pixels.height = info.output_height;
  pixels.width = info.output_width;
  const size_t row_size = size_t{info.output_width} * 3;
  pixels.rgb.resize(row_size * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.rgb.data() + row_size * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

Pixels decode_jpeg(Bytes file) {
  Pixels pixels;
  JpegErrors errors{};
  if (!decode_into(file, pixels, errors)) fail_image("JPEG", errors.message.data());
  return pixels;
}

}  // namespace exec::images
