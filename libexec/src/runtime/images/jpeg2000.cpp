#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/images/image_codecs.h"

namespace exec::images {
namespace {

/// A file in memory, as openjpeg reads one.
struct Memory {
  Bytes bytes;
  size_t position = 0;
};

OPJ_SIZE_T read(void* target, OPJ_SIZE_T size, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const size_t count = std::min<size_t>(size, memory.bytes.size() - memory.position);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(target, memory.bytes.data() + memory.position, count);
  memory.position += count;
  return count;
}

OPJ_OFF_T skip(OPJ_OFF_T size, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const auto left = static_cast<OPJ_OFF_T>(memory.bytes.size() - memory.position);
  const OPJ_OFF_T count = std::clamp<OPJ_OFF_T>(size, -static_cast<OPJ_OFF_T>(memory.position), left);
  memory.position = static_cast<size_t>(static_cast<OPJ_OFF_T>(memory.position) + count);
  return count;
}

OPJ_BOOL seek(OPJ_OFF_T position, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  if (position < 0 || static_cast<size_t>(position) > memory.bytes.size()) return OPJ_FALSE;
  memory.position = static_cast<size_t>(position);
  return OPJ_TRUE;
}

/// A sample of `precision` bits as 8 bits.
uint8_t to_byte(const opj_image_comp_t& component, size_t at) {
  int64_t value = component.data[at];
  if (component.sgnd != 0) value += int64_t{1} << (component.prec - 1);
  if (component.prec > 8) value >>= component.prec - 8;
  if (component.prec < 8) value = value * 255 / ((int64_t{1} << component.prec) - 1);
  return static_cast<uint8_t>(std::clamp<int64_t>(value, 0, 255));
}

using Codec = std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)>;
using Stream = std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)>;
using Image = std::unique_ptr<opj_image_t, void (*)(opj_image_t*)>;

Image read_image(Bytes file, Memory& memory) {
  const bool is_raw = file[0] == 0xFF;
  const Codec codec(opj_create_decompress(is_raw ? OPJ_CODEC_J2K : OPJ_CODEC_JP2), opj_destroy_codec);
  const Stream stream(opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &memory, nullptr);
  opj_stream_set_user_data_length(stream.get(), file.size());
  opj_stream_set_read_function(stream.get(), read);
  opj_stream_set_skip_function(stream.get(), skip);
  opj_stream_set_seek_function(stream.get(), seek);
  opj_dparameters_t parameters{};
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* raw = nullptr;
  const bool has_header =
      opj_setup_decoder(codec.get(), &parameters) != 0 && opj_read_header(stream.get(), codec.get(), &raw) != 0;
  Image image(raw, opj_image_destroy);
  if (!has_header) fail_image("JPEG 2000", "a damaged header");
  const uint64_t width = uint64_t{image->x1} - image->x0;
  const uint64_t height = uint64_t{image->y1} - image->y0;
  if (image->x1 <= image->x0 || image->y1 <= image->y0 || height > kMaxPixels / width) {
    fail_image("JPEG 2000", "too many pixels");
  }
  if (opj_decode(codec.get(), stream.get(), image.get()) == 0) fail_image("JPEG 2000", "damaged data");
  return image;
}

}  // namespace

Pixels decode_jpeg2000(Bytes file) {
  Memory memory{file};
  const Image image = read_image(file, memory);
  const opj_image_comp_t* components = image->comps;
  if (image->numcomps == 0 || components == nullptr) fail_image("JPEG 2000", "no components");
  const bool is_grey = image->numcomps < 3;
  for (OPJ_UINT32 i = 0; i < (is_grey ? 1U : 3U); ++i) {
    const opj_image_comp_t& each = components[i];
    if (each.w != components[0].w || each.h != components[0].h || each.data == nullptr || each.prec < 1 ||
        each.prec > 31) {
      fail_image("JPEG 2000", "components of different sizes");
    }
  }
  if (image->color_space == OPJ_CLRSPC_SYCC || image->color_space == OPJ_CLRSPC_EYCC ||
      image->color_space == OPJ_CLRSPC_CMYK) {
    fail_image("JPEG 2000", "a colour space other than RGB and grey");
  }
  Pixels pixels = make_pixels(components[0].h, components[0].w);
  for (size_t i = 0; i < pixels.rgb.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) pixels.rgb[3 * i + c] = to_byte(components[is_grey ? 0 : c], i);
  }
  return pixels;
}

}  // namespace exec::images
