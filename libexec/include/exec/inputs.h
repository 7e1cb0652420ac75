#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/session.h"
#include "surgery/dim.h"

namespace exec {

/// How graph inputs are made when nothing is given for them.
struct InputSpec {
  uint64_t seed = 0;
  surgery::Dim::Bindings dims{};  ///< values for symbols ("N" -> 2), those the user gave
  int64_t default_batch = 2;      ///< for a symbol or unknown dim at axis 0
  int64_t default_dim = 0;        ///< for other symbols and unknown dims; 0: chosen by rank (64 for image height/width)
  /// Bounds of an input's values by its name, "" for all others: floats are then uniform in [low, high), integers
  /// uniform in [low, high].
  std::map<std::string, std::pair<double, double>, std::less<>> ranges{};
};

/// How a picture becomes numbers: (value * scale - mean) / std for each channel, values from 0 to 255.
struct ImageOptions {
  enum class Layout { kDeclared, kChannelsFirst, kChannelsLast };

  double scale = 1.0 / 255;
  std::vector<double> mean{};  ///< one, or one for each channel; empty: 0
  std::vector<double> std{};   ///< likewise; empty: 1
  Layout layout = Layout::kDeclared;
  bool is_bgr = false;
  bool resizes = false;  ///< to the height and width below, where 0 to those that the input declares; bilinear
  int64_t height = 0;
  int64_t width = 0;
};

/// Seeded values for every graph input without an initializer that `given` lacks, plus `given` itself. Floats are
/// standard normal, booleans and integers small and non-negative; the same seed, name, type and shape give the same
/// values on every machine. Symbols are bound once for all inputs: by `given`, by `spec.dims`, then by the defaults.
/// Throws Error(kUsage) where a given tensor does not fit the declared type or binds one symbol to two values.
Values make_inputs(const surgery::Model& model, const Values& given, const InputSpec& spec);

/// The graph input of that name. Throws Error(kUsage) naming the nearest where there is none.
const surgery::Value& find_input(const surgery::Model& model, std::string_view name);

/// Loads the value of an input from "FILE.npy", "FILE.npz" (array named `name`, else the only one), "FILE.npz:key",
/// "FILE.pb" (TensorProto, SequenceProto, MapProto or OptionalProto, as the input is declared), "FILE:float[1,3]" (the
/// elements as they lie in memory, little-endian) or an image (BMP, JPEG, JPEG 2000, PNG, PNM, TIFF, WebP) fitted to
/// the input's declared channels, grey or colours. Throws Error(kRead) or Error(kUsage).
Datum load_input(const surgery::Model& model, std::string_view input_name, std::string_view file,
                 const ImageOptions& images = {});

/// A tensor file: FILE.npy, FILE.npz (the array named `preferred`, else its only one), FILE.npz:KEY. Throws
/// Error(kRead) for a file that cannot be read, Error(kUsage) for a key that is not there (listing the keys) or another
/// kind of file.
Tensor load_tensor(std::string_view file, std::string_view preferred = {});

/// An image as float [1, channels, height, width], or with the channels last; channels 1 (grey) or 3. Throws
/// Error(kRead), and Error(kUsage) for options that do not fit.
Tensor load_image(const std::filesystem::path& path, int channels, const ImageOptions& options = {});

/// Elements of a file without a header, little-endian and row-major, packed types low bits first. Throws Error(kRead)
/// where the file has another size than the shape needs.
Tensor load_raw(const std::filesystem::path& path, surgery::DataType type, std::vector<int64_t> dims);

}  // namespace exec
