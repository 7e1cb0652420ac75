// ImageDecoder-20: an encoded image [bytes] as [H, W, C]. What cannot be decoded gives an empty one, as the
// specification asks for.

#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/families.h"
#include "runtime/images/image_codecs.h"
#include "surgery/error.h"

namespace exec::cpu {
namespace {

images::Pixels decode(const Tensor& encoded) {
  try {
    return images::decode_image(encoded.values<uint8_t>());
  } catch (const surgery::Error&) {
    return {};
  }
}

void image_decoder(KernelContext& context) {
  const std::string format = context.attr_string("pixel_format", "RGB");
  if (format != "RGB" && format != "BGR" && format != "Grayscale") {
    context.fail("attribute 'pixel_format' is '" + format + "', expected RGB, BGR or Grayscale");
  }
  require_rank(context, 0, 1);
  const images::Pixels pixels = decode(context.input(0));
  const int64_t channels = format == "Grayscale" ? 1 : 3;
  Tensor& output = context.output(0, DataType::kUint8, {pixels.height, pixels.width, channels});
  uint8_t* target = output.mutable_values<uint8_t>().data();
  for (size_t i = 0; i + 2 < pixels.rgb.size(); i += 3) {
    const uint8_t red = pixels.rgb[i];
    const uint8_t green = pixels.rgb[i + 1];
    const uint8_t blue = pixels.rgb[i + 2];
    if (channels == 1) {
      *target++ = images::luma(red, green, blue);
      continue;
    }
    *target++ = format == "RGB" ? red : blue;
    *target++ = green;
    *target++ = format == "RGB" ? blue : red;
  }
}

constexpr Kernel kKernels[] = {
    {"ImageDecoder", "", 20, kLatest, type_bit(DataType::kUint8), 0, image_decoder},
};

}  // namespace

std::span<const Kernel> image_decoder_kernels() { return kKernels; }

}  // namespace exec::cpu
