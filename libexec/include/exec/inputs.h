#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
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
};

/// Seeded values for every graph input without an initializer that `given` lacks, plus `given` itself. Floats are
/// standard normal, booleans and integers small and non-negative; the same seed, name, type and shape give the same
/// values on every machine. Symbols are bound once for all inputs: by `given`, by `spec.dims`, then by the defaults.
/// Throws Error(kUsage) where a given tensor does not fit the declared type or binds one symbol to two values.
Values make_inputs(const surgery::Model& model, const Values& given, const InputSpec& spec);

/// Loads tensors for inputs from "FILE.npy", "FILE.npz" (array named `name`, else the only one), "FILE.npz:key" or an
/// image (PNG, JPEG) fitted to the input's declared channels: grey or RGB, values in 0..1, shape [1, C, H, W].
/// Throws Error(kRead) or Error(kUsage).
Tensor load_input(const surgery::Model& model, std::string_view input_name, std::string_view file);

/// A tensor file: FILE.npy, FILE.npz (the array named `preferred`, else its only one), FILE.npz:KEY. Throws
/// Error(kRead) for a file that cannot be read, Error(kUsage) for a key that is not there (listing the keys) or another
/// kind of file.
Tensor load_tensor(std::string_view file, std::string_view preferred = {});

/// A PNG or JPEG as float [1, channels, height, width] in 0..1; channels 1 (grey) or 3 (RGB). Throws Error(kRead).
Tensor load_image(const std::filesystem::path& path, int channels);

}  // namespace exec
