// Windows bitmaps: 1, 4, 8, 24 and 32 bits a pixel, without compression (BITMAPINFOHEADER and what came after it).

#include <cstdlib>

#include "runtime/images/image_codecs.h"

namespace exec::images {
namespace {

[[noreturn]] void fail(const char* reason) { fail_image("BMP", reason); }

uint32_t number(Bytes file, size_t at, size_t size) {
  if (file.size() < at + size) fail("it is cut short");
  uint32_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8U | file[at + i];
  return value;
}

}  // namespace

Pixels decode_bmp(Bytes file) {
  constexpr uint32_t kUncompressed = 0;
  constexpr uint32_t kBitFields = 3;
  const uint32_t data = number(file, 10, 4);
  const uint32_t header_size = number(file, 14, 4);
  if (header_size < 40) fail("a header of before Windows 3");
  const auto width = static_cast<int32_t>(number(file, 18, 4));
  const auto height = static_cast<int32_t>(number(file, 22, 4));
  const uint32_t bits = number(file, 28, 2);
  const uint32_t compression = number(file, 30, 4);
  // 32 bits with the masks that all writers use are the plain form.
  const bool is_plain =
      compression == kUncompressed || (compression == kBitFields && bits == 32 && number(file, 54, 4) == 0xFF0000 &&
                                       number(file, 58, 4) == 0xFF00 && number(file, 62, 4) == 0xFF);
  if (!is_plain || (bits != 1 && bits != 4 && bits != 8 && bits != 24 && bits != 32)) {
    fail("compression, or a number of bits, that is not supported");
  }
  if (width <= 0 || height == INT32_MIN) fail("it has no size");
  const uint64_t rows = static_cast<uint64_t>(std::abs(int64_t{height}));
  const uint64_t row_size = (static_cast<uint64_t>(width) * bits + 31) / 32 * 4;
  if (data > file.size() || rows * row_size > file.size() - data) fail("it is cut short");
  const size_t palette = 14 + size_t{header_size};
  Pixels pixels = make_pixels(rows, static_cast<uint64_t>(width));
  uint8_t* target = pixels.rgb.data();
  for (uint64_t row = 0; row < rows; ++row) {
    // Rows go upwards unless the height is negative.
    const uint8_t* source = file.data() + data + (height < 0 ? row : rows - 1 - row) * row_size;
    for (uint64_t column = 0; column < static_cast<uint64_t>(width); ++column, target += 3) {
      const uint8_t* pixel = source + column * (bits / 8);
      if (bits < 24) {
        const uint64_t bit = column * bits;
        const uint32_t index = source[bit / 8] >> (8 - bits - bit % 8) & ((1U << bits) - 1);
        const size_t entry = palette + 4 * size_t{index};
        if (entry + 3 > data) fail("a colour that its palette does not have");
        pixel = file.data() + entry;
      }
      target[0] = pixel[2];
      target[1] = pixel[1];
      target[2] = pixel[0];
    }
  }
  return pixels;
}

}  // namespace exec::images
