#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "surgery/tensor.h"

namespace surgery {

class ModelFile;

/// A file with one protobuf message that holds tensors (TensorProto, SequenceProto, ...), mapped. Tensors that are read
/// of it keep it; external data is looked up beside it.
class TensorFile {
 public:
  /// Throws Error(kRead) naming the path. An empty file is an empty message.
  explicit TensorFile(const std::filesystem::path& path);

  std::string_view bytes() const;
  /// The tensor that a TensorProto inside of bytes() describes; all of it is checked, so that using it cannot fail.
  /// Throws Error(kRead).
  Tensor read(std::string_view message) const;

 private:
  std::shared_ptr<const ModelFile> file_;
};

/// The tensor as an encoded TensorProto, its elements in raw_data (strings in string_data).
std::string encode_tensor_proto(const Tensor& tensor, std::string_view name);

}  // namespace surgery
