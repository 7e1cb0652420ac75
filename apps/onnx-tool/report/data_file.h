#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "surgery/tensor.h"

namespace app {

/// Whether `inspect` takes the file for tensors, by its suffix: .npy, .npz, .pb.
bool is_data_file(const std::filesystem::path& path);

/// The tensors of a data file with their names: one TensorProto of a .pb file, as ONNX's test data has them, the array
/// of a .npy file (under the file's name), the arrays of a .npz file. Throws Error(kRead).
std::vector<std::pair<std::string, surgery::Tensor>> load_data_file(const std::filesystem::path& path);

}  // namespace app
