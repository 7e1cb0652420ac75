#include <webp/decode.h>

#include "runtime/images/image_codecs.h"

namespace exec::images {

Pixels decode_webp(Bytes file) {
  int width = 0;
  int height = 0;
  if (WebPGetInfo(file.data(), file.size(), &width, &height) == 0) fail_image("WebP", "a damaged header");
  Pixels pixels = make_pixels(static_cast<uint64_t>(height), static_cast<uint64_t>(width));
  if (WebPDecodeRGBInto(file.data(), file.size(), pixels.rgb.data(), pixels.rgb.size(), width * 3) == nullptr) {
    fail_image("WebP", "damaged data, or an animation");
  }
  return pixels;
}

}  // namespace exec::images
