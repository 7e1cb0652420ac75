#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace exec::images {

/// Pixels row by row, 8 bits each of red, green and blue.
struct Pixels {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<uint8_t> rgb;
};

/// Images of more pixels are refused before they are decoded.
inline constexpr uint64_t kMaxPixels = uint64_t{1} << 28;

using Bytes = std::span<const uint8_t>;

/// Decodes a BMP, JPEG, JPEG 2000, PNG, PNM (PBM, PGM, PPM), TIFF or WebP image, told apart by their first bytes. Grey
/// images get three equal channels; transparent pixels of PNG images show black, other alpha channels are dropped.
/// Throws Error(kRead) with what the codec says.
Pixels decode_image(Bytes file);

/// The grey value of a pixel as Pillow and ITU-R 601-2 have it: 0.299 R + 0.587 G + 0.114 B, rounded.
inline uint8_t luma(uint8_t red, uint8_t green, uint8_t blue) {
  return static_cast<uint8_t>((red * 19595U + green * 38470U + blue * 7471U + 0x8000U) >> 16U);
}

// The formats, each for what decode_image() has recognised.
Pixels decode_bmp(Bytes file);
Pixels decode_jpeg(Bytes file);
Pixels decode_jpeg2000(Bytes file);
Pixels decode_png(Bytes file);
Pixels decode_pnm(Bytes file);
Pixels decode_tiff(Bytes file);
Pixels decode_webp(Bytes file);

/// Pixels of that size, black. Throws Error(kRead) for a size of 0 or over the limit.
Pixels make_pixels(uint64_t height, uint64_t width);
/// Throws Error(kRead): "not a readable PNG image: " + reason.
[[noreturn]] void fail_image(const char* format, const char* reason);

}  // namespace exec::images
