#include "io/foreign_format.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace surgery {
namespace {

using namespace std::string_view_literals;

struct Signature {
  size_t offset;
  std::string_view magic;
  std::string_view description;
};

constexpr std::array kSignatures{
    Signature{0, "version https://git-lfs"sv, "a git-lfs pointer, not the file itself; fetch it with 'git lfs pull'"sv},
    Signature{0, "PK\x03\x04"sv, "a ZIP archive, perhaps a PyTorch checkpoint (.pt, .pth) or numpy's .npz"sv},
    Signature{0, "GGUF"sv, "a GGUF file (llama.cpp)"sv},
    Signature{0, "\x93NUMPY"sv, "a numpy array (.npy)"sv},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file (Keras .h5)"sv},
    Signature{4, "TFL3"sv, "a TensorFlow Lite model"sv},
    Signature{4, "ORTM"sv, "a model in ONNX Runtime's own .ort format"sv},
    Signature{0, "\x80\x02}"sv, "a Python pickle, perhaps an old PyTorch checkpoint"sv},
    Signature{0, "\x80\x02\x8a\x0al\xfc\x9c"sv, "an old PyTorch checkpoint"sv},
    Signature{0, "ftrt"sv, "a TensorRT engine"sv},
    Signature{0, "7767517\n"sv, "an ncnn parameter file"sv},
    Signature{0, "\x1f\x8b"sv, "a gzip archive; unpack it first"sv},
    Signature{0, "BZh"sv, "a bzip2 archive; unpack it first"sv},
    Signature{0,
              "\xfd"
              "7zXZ"sv,
              "an xz archive; unpack it first"sv},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "a zstd archive; unpack it first"sv},
    Signature{0, "\x89PNG"sv, "a PNG image"sv},
    Signature{0, "\xff\xd8\xff"sv, "a JPEG image"sv},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a program (ELF)"sv},
    Signature{0, "%PDF"sv, "a PDF document"sv},
    Signature{0, "<?xml"sv, "an XML file, perhaps an OpenVINO model"sv},
};

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool is_safetensors(std::string_view bytes) {
  uint64_t header_size = 0;
  if (bytes.size() < sizeof header_size + 2) return false;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  return header_size <= bytes.size() - sizeof header_size && bytes.substr(sizeof header_size, 2) == "{\"";
}

}  // namespace

std::string_view recognise_foreign_format(std::string_view bytes) {
  for (const Signature& signature : kSignatures) {
    if (bytes.size() > signature.offset && bytes.substr(signature.offset).starts_with(signature.magic)) {
      return signature.description;
    }
  }
  if (is_safetensors(bytes)) return "a safetensors file: weights without a graph";
  const size_t text_start = bytes.find_first_not_of(" \t\r\n");
  if (text_start == std::string_view::npos) return {};
  const std::string_view text = bytes.substr(text_start);
  if (starts_with_ignoring_case(text, "<!doctype html") || starts_with_ignoring_case(text, "<html")) {
    return "an HTML page, perhaps of a failed download";
  }
  if (text.starts_with("{") || text.starts_with("[")) return "a JSON file";
  if (text.starts_with("ir_version:")) return "a model in protobuf's text format; convert it to binary first";
  return {};
}

}  // namespace surgery
