#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/images/image_codecs.h"

namespace exec::images {
namespace {

/// A file in memory, as libtiff reads one.
struct Memory {
  Bytes bytes;
  uint64_t position = 0;
};

tmsize_t read(thandle_t handle, void* target, tmsize_t size) {
  auto& memory = *static_cast<Memory*>(handle);
  if (memory.position >= memory.bytes.size() || size <= 0) return 0;
  const size_t count = std::min<size_t>(static_cast<size_t>(size), memory.bytes.size() - memory.position);
  std::memcpy(target, memory.bytes.data() + memory.position, count);
  memory.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write(thandle_t /*handle*/, void* /*source*/, tmsize_t /*size*/) { return -1; }

toff_t seek(thandle_t handle, toff_t offset, int from) {
  auto& memory = *static_cast<Memory*>(handle);
  if (from == SEEK_SET) memory.position = offset;
  if (from == SEEK_CUR) memory.position += offset;
  if (from == SEEK_END) memory.position = memory.bytes.size() + offset;
  return memory.position;
}

int close(thandle_t /*handle*/) { return 0; }

toff_t size_of(thandle_t handle) { return static_cast<Memory*>(handle)->bytes.size(); }

/// Warnings and errors are not for stderr. Once for the process.
void silence() {
  static const bool kDone = [] {
    TIFFSetErrorHandler(nullptr);
    TIFFSetWarningHandler(nullptr);
    return true;
  }();
  static_cast<void>(kDone);
}

}  // namespace

Pixels decode_tiff(Bytes file) {
  silence();
  Memory memory{file};
  const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(
      TIFFClientOpen("image", "rm", &memory, read, write, seek, close, size_of, nullptr, nullptr), TIFFClose);
  uint32_t width = 0;
  uint32_t height = 0;
  if (tiff == nullptr || TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width) == 0 ||
      TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height) == 0) {
    fail_image("TIFF", "a damaged header");
  }
  Pixels pixels = make_pixels(height, width);
  std::vector<uint32_t> packed(pixels.rgb.size() / 3);
  if (TIFFReadRGBAImageOriented(tiff.get(), width, height, packed.data(), ORIENTATION_TOPLEFT, 1) == 0) {
    fail_image("TIFF", "damaged data, or a form that is not supported");
  }
  for (size_t i = 0; i < packed.size(); ++i) {
    pixels.rgb[3 * i] = static_cast<uint8_t>(TIFFGetR(packed[i]));
    pixels.rgb[3 * i + 1] = static_cast<uint8_t>(TIFFGetG(packed[i]));
    pixels.rgb[3 * i + 2] = static_cast<uint8_t>(TIFFGetB(packed[i]));
  }
  return pixels;
}

}  // namespace exec::images
