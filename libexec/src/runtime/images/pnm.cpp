// Portable any-maps: P1 to P6, plain and raw.

#include <cctype>

#include "runtime/images/image_codecs.h"

namespace exec::images {
namespace {

[[noreturn]] void fail(const char* reason) { fail_image("PNM", reason); }

/// The words of the header and of the plain forms.
class Scanner {
 public:
  explicit Scanner(Bytes file) : file_(file) {}

  uint32_t number() {
    skip_space();
    uint32_t value = 0;
    bool has_digit = false;
    for (; at_ < file_.size() && std::isdigit(file_[at_]) != 0; ++at_) {
      value = value * 10 + (file_[at_] - uint32_t{'0'});
      if (value > 100'000'000) fail("a number that is too large");
      has_digit = true;
    }
    if (!has_digit) fail("a number is missing");
    return value;
  }
  /// A digit of a plain bitmap, where they may follow each other without space.
  bool bit() {
    skip_space();
    if (at_ >= file_.size() || (file_[at_] != '0' && file_[at_] != '1')) fail("a bit is missing");
    return file_[at_++] == '1';
  }
  /// The bytes behind the one that ends the header.
  Bytes rest() const { return at_ < file_.size() ? file_.subspan(at_ + 1) : Bytes(); }
  void skip(size_t count) { at_ += count; }

 private:
  void skip_space() {
    while (at_ < file_.size() && (std::isspace(file_[at_]) != 0 || file_[at_] == '#')) {
      if (file_[at_] == '#') {
        while (at_ < file_.size() && file_[at_] != '\n') ++at_;
      } else {
        ++at_;
      }
    }
  }

  Bytes file_;
  size_t at_ = 0;
};

uint8_t scaled(uint32_t value, uint32_t largest) {
  if (value > largest) value = largest;
  return static_cast<uint8_t>(largest == 255 ? value : (value * 255 + largest / 2) / largest);
}

}  // namespace

Pixels decode_pnm(Bytes file) {
  const int form = file[1] - '0';
  const bool is_plain = form <= 3;
  const bool is_bitmap = form == 1 || form == 4;
  const size_t channels = form == 3 || form == 6 ? 3 : 1;
  Scanner scanner(file);
  scanner.skip(2);
  const uint32_t width = scanner.number();
  const uint32_t height = scanner.number();
  const uint32_t largest = is_bitmap ? 1 : scanner.number();
  if (largest == 0 || largest > 65535) fail("a largest value that is none");
  Bytes raw = is_plain ? Bytes() : scanner.rest();
  const size_t sample_size = largest > 255 ? 2 : 1;
  const uint64_t row_size = is_bitmap ? (uint64_t{width} + 7) / 8 : uint64_t{width} * channels * sample_size;
  // A plain sample takes at least a byte too; so little data never asks for much memory.
  if ((is_plain ? file.size() : raw.size()) <
      (is_plain && !is_bitmap ? uint64_t{width} * channels : row_size) * height) {
    fail("it is cut short");
  }
  Pixels pixels = make_pixels(height, width);
  uint8_t* target = pixels.rgb.data();
  for (uint32_t row = 0; row < height; ++row) {
    for (uint32_t column = 0; column < width; ++column, target += 3) {
      for (size_t c = 0; c < channels; ++c) {
        const size_t sample = size_t{column} * channels + c;
        if (is_bitmap) {  // 1 is black
          const bool is_black = is_plain ? scanner.bit() : (raw[column / 8] >> (7 - column % 8) & 1) != 0;
          target[c] = is_black ? 0 : 255;
        } else if (is_plain) {
          target[c] = scaled(scanner.number(), largest);
        } else if (sample_size == 1) {
          target[c] = scaled(raw[sample], largest);
        } else {
          target[c] = scaled(static_cast<uint32_t>(raw[2 * sample] << 8U | raw[2 * sample + 1]), largest);
        }
      }
      if (channels == 1) target[1] = target[2] = target[0];
    }
    if (!is_plain) raw = raw.subspan(row_size);
  }
  return pixels;
}

}  // namespace exec::images
