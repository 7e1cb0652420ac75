#include "runtime/images/image_codecs.h"

#include <string>
#include <string_view>

#include "surgery/error.h"

namespace exec::images {
namespace {

bool starts_with(Bytes file, std::string_view magic, size_t at = 0) {
  return file.size() >= at + magic.size() &&
         std::string_view(reinterpret_cast<const char*>(file.data()) + at, magic.size()) == magic;
}

}  // namespace

Pixels decode_image(Bytes file) {
  if (starts_with(file, "\xFF\xD8")) return decode_jpeg(file);
  if (starts_with(file, "\x89PNG")) return decode_png(file);
  if (starts_with(file, "BM")) return decode_bmp(file);
  if (starts_with(file, "RIFF") && starts_with(file, "WEBP", 8)) return decode_webp(file);
  if (starts_with(file, std::string_view("II*\0", 4)) || starts_with(file, std::string_view("MM\0*", 4))) {
    return decode_tiff(file);
  }
  if (starts_with(file, "jP  ", 4) || starts_with(file, "\xFF\x4F\xFF\x51")) return decode_jpeg2000(file);
  if (file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6') return decode_pnm(file);
  throw surgery::Error(surgery::ErrorCode::kRead,
                       "not an image: expected BMP, JPEG, JPEG 2000, PNG, PNM, TIFF or WebP");
}

Pixels make_pixels(uint64_t height, uint64_t width) {
  if (height == 0 || width == 0 || height > kMaxPixels / width) {
    throw surgery::Error(surgery::ErrorCode::kRead,
                         "an image of " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
  }
  return {static_cast<int64_t>(height), static_cast<int64_t>(width), std::vector<uint8_t>(height * width * 3)};
}

void fail_image(const char* format, const char* reason) {
  throw surgery::Error(surgery::ErrorCode::kRead,
                       "not a readable " + std::string(format) + " image: " + std::string(reason));
}

}  // namespace exec::images
