#include <png.h>

#include <string>

#include "runtime/images/image_codecs.h"

namespace exec::images {

Pixels decode_png(Bytes file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto require = [&](int ok) {
    if (ok != 0) return;
    const std::string message = image.message;
    png_image_free(&image);
    fail_image("PNG", message.c_str());
  };
  require(png_image_begin_read_from_memory(&image, file.data(), file.size()));
  if (image.height == 0 || image.width > kMaxPixels / image.height) {
    png_image_free(&image);
    fail_image("PNG", "too many pixels");
  }
  image.format = PNG_FORMAT_RGB;
  Pixels pixels = make_pixels(image.height, image.width);
  const png_color black{0, 0, 0};  // what shows through transparent pixels
  require(png_image_finish_read(&image, &black, pixels.rgb.data(), 0, nullptr));
  return pixels;
}

}  // namespace exec::images
