#pragma once

#include <memory>
#include <string_view>

#include "io/external_data.h"
#include "io/model_file.h"
#include "io/tensor_fields.h"
#include "surgery/tensor.h"

namespace surgery {

/// Storage of tensors that come from a file.
class FileStorage : public TensorStorage {
 public:
  /// What bytes() or strings() would throw, found out without reading elements (but opening external files, and walking
  /// over packed varints); "" when nothing is wrong.
  virtual std::string fault() const = 0;
};

/// Elements in another file. Public to io/, since the writer keeps them there.
class ExternalStorage final : public FileStorage {
 public:
  ExternalStorage(std::shared_ptr<const ModelFile> file, std::string_view tensor_name, ExternalData data,
                  int64_t size_bytes)
      : file_(std::move(file)), name_(tensor_name), data_(data), size_bytes_(size_bytes) {}

  std::span<const std::byte> bytes() const override;
  void release() const override;
  std::string_view external_location() const override { return data_.location; }
  std::string fault() const override;

  const ModelFile& file() const { return *file_; }
  std::string_view tensor_name() const { return name_; }
  const ExternalData& data() const { return data_; }
  int64_t size_bytes() const { return size_bytes_; }

 private:
  std::shared_ptr<const MappedFile> map() const;

  std::shared_ptr<const ModelFile> file_;
  std::string_view name_;  // views *file_
  ExternalData data_;      // views *file_
  int64_t size_bytes_;     // what the dims need
};

/// The tensor that an encoded TensorProto describes, its elements left where they are. Never throws for what a tensor
/// says of itself: its storage does when it is used. Throws Error(kRead) for malformed protobuf.
Tensor read_tensor(std::string_view source, const std::shared_ptr<const ModelFile>& file);
Tensor read_tensor(TensorFields fields, const std::shared_ptr<const ModelFile>& file);

}  // namespace surgery
