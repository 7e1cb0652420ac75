#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/model.h"

namespace surgery {

/// Maps a .onnx file and reads its graph; weights stay where they are. Other forms go by their suffix: .textproto,
/// .txtpb, .prototxt, .pbtxt and .onnxtxt (protobuf's text format), .json and .onnxjson (its JSON format), .onnx.txt
/// and .onnxtext (ONNX's textual syntax, recognised under the other suffixes of text too); of those everything is read.
/// What the wire format allows is read, whatever it says (see check.h for whether it is valid). Throws Error(kRead): no
/// such file, not a regular file, not ONNX (naming the format where it is recognised), malformed or truncated protobuf,
/// nesting over the limits.
std::unique_ptr<Model> load(const std::filesystem::path& path);

/// The same from memory; `bytes` must outlive the model. External data is looked up beside `path`.
std::unique_ptr<Model> load_bytes(std::string_view bytes, const std::filesystem::path& path = {});

/// Where save() leaves the elements of tensors.
enum class WeightPlace : uint8_t {
  kAsTheyAre,  ///< in the model or outside, as they were read
  kInline,     ///< in the model
  kExternal,   ///< in one data file, where they have `min_external_bytes`; the others in the model
  kReused,     ///< as they are, and no external data may need to be copied
};

struct SaveOptions {
  bool fsync = false;  ///< wait for the disk also where nothing is replaced
  WeightPlace weights = WeightPlace::kAsTheyAre;
  /// The data file, if one is written: relative to the model's folder; "": the model's name with ".data" behind.
  std::string data_file{};
  int64_t min_external_bytes = 1024;
};

/// Writes the model, in the form that the suffix names (see load()): unchanged parts byte for byte as they were read,
/// nodes of a changed model in topological order. External data stays external; where the model moves to another
/// folder, its locations are adjusted if the data lies below that folder, otherwise it is taken into the model. Weights
/// of a model over 2 GiB go to a file beside it. The file appears whole or not at all; an old one stays as it was on
/// failure. Returns sentences worth telling the user ("external data of 'w.bin' ... was taken along"). Throws
/// Error(kWrite) when it cannot be written.
std::vector<std::string> save(const Model& model, const std::filesystem::path& path, const SaveOptions& options = {});

/// The encoded model in one string: for tests and small models.
std::string save_bytes(const Model& model);

/// How many bytes save_bytes() would give; copies no weights.
uint64_t encoded_size_bytes(const Model& model);

/// Reads a .npy file (C or Fortran order, version 1 to 3, every numpy type that ONNX has). Throws Error(kRead).
Tensor load_npy(const std::filesystem::path& path);
std::string save_npy_bytes(const Tensor& tensor);
void save_npy(const Tensor& tensor, const std::filesystem::path& path);

/// The arrays of a .npz archive in file order (stored or deflated). Throws Error(kRead).
std::vector<std::pair<std::string, Tensor>> load_npz(const std::filesystem::path& path);
void save_npz(const std::vector<std::pair<std::string, Tensor>>& arrays, const std::filesystem::path& path);

/// Writes `bytes` to `path` whole or not at all, as save() does. Throws Error(kWrite).
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// For applications, once, at their start. A file that shrinks while it is mapped raises SIGBUS: the handler removes
/// unfinished output files, prints one line and ends the process with exit code 3. SIGINT, SIGTERM and SIGHUP remove
/// unfinished output files too before they take their course, and SIGXFSZ is ignored: a file over the size limit of the
/// process is an Error(kWrite).
void install_mapping_fault_handler();

}  // namespace surgery
