#include "io/tensor_storage.h"

#include <mutex>

#include "io/payload.h"
#include "io/typed_data.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

std::span<const std::byte> as_bytes(std::string_view view) {
  return {reinterpret_cast<const std::byte*>(view.data()), view.size()};
}

/// A tensor that says something about itself that cannot be.
class FaultyStorage final : public FileStorage {
 public:
  explicit FaultyStorage(std::string fault) : fault_(std::move(fault)) {}

  std::span<const std::byte> bytes() const override { throw Error(ErrorCode::kRead, fault_); }
  std::span<const std::string> strings() const override { throw Error(ErrorCode::kRead, fault_); }
  std::string fault() const override { return fault_; }

 private:
  std::string fault_;
};

/// Elements as they lie in the model's file: raw_data, or a typed field whose wire form is the same.
class ViewStorage final : public FileStorage {
 public:
  ViewStorage(std::shared_ptr<const ModelFile> file, std::string_view view) : file_(std::move(file)), view_(view) {}

  std::span<const std::byte> bytes() const override { return as_bytes(view_); }
  void release() const override { file_->release(view_); }
  std::string fault() const override { return {}; }

 private:
  std::shared_ptr<const ModelFile> file_;
  std::string_view view_;
};

/// Elements in float_data, int32_data, ..., decoded when they are first asked for.
class TypedStorage final : public FileStorage {
 public:
  TypedStorage(std::shared_ptr<const ModelFile> file, const TensorFields& fields, int64_t num_elements)
      : file_(std::move(file)),
        source_(fields.source),
        name_(fields.name),
        type_(fields.type()),
        num_elements_(num_elements) {}

  std::span<const std::byte> bytes() const override {
    std::call_once(once_, [this] { decoded_ = decode_typed_data(source_, type_, num_elements_); });
    return decoded_;
  }

  std::string fault() const override { return typed_data_fault(source_, type_, num_elements_); }

 private:
  std::shared_ptr<const ModelFile> file_;
  std::string_view source_;
  std::string_view name_;
  DataType type_;
  int64_t num_elements_;
  mutable std::once_flag once_;
  mutable std::vector<std::byte> decoded_;
};

class StringStorage final : public FileStorage {
 public:
  StringStorage(std::shared_ptr<const ModelFile> file, std::string_view source)
      : file_(std::move(file)), source_(source) {}

  std::span<const std::byte> bytes() const override { return {}; }
  std::span<const std::string> strings() const override {
    std::call_once(once_, [this] { decoded_ = decode_string_data(source_); });
    return decoded_;
  }
  std::string fault() const override { return {}; }

 private:
  std::shared_ptr<const ModelFile> file_;
  std::string_view source_;
  mutable std::once_flag once_;
  mutable std::vector<std::string> decoded_;
};

std::shared_ptr<const TensorStorage> make_storage(const TensorFields& fields,
                                                  const std::shared_ptr<const ModelFile>& file) {
  const auto faulty = [&](const std::string& fault) {
    return std::make_shared<FaultyStorage>(tensor_label(fields.name) + ": " + fault);
  };
  if (const std::string fault = fields_fault(fields); !fault.empty()) return faulty(fault);
  const DataType type = fields.type();
  const int64_t num_elements = checked_product(fields.dims).value_or(0);
  if (fields.is_external) {
    const int64_t size_bytes = packed_size_bytes(type, num_elements).value_or(0);
    try {
      const ExternalData data = parse_external_data(fields.external_entries);
      require_allowed_location(data.location);
      return std::make_shared<ExternalStorage>(file, fields.name, data, size_bytes);
    } catch (const Error& error) {
      return faulty(error.what());
    }
  }
  if (type == DataType::kString) return std::make_shared<StringStorage>(file, fields.source);
  if (fields.num_typed_fields == 0) return std::make_shared<ViewStorage>(file, fields.raw_data);
  // Packed floating-point numbers are little-endian and side by side, just as in raw_data.
  const bool is_fixed =
      fields.typed_field == tensor_field::kFloatData || fields.typed_field == tensor_field::kDoubleData;
  if (is_fixed && fields.typed_is_one_chunk) return std::make_shared<ViewStorage>(file, fields.typed_chunk);
  return std::make_shared<TypedStorage>(file, fields, num_elements);
}

}  // namespace

std::shared_ptr<const MappedFile> ExternalStorage::map() const {
  try {
    std::shared_ptr<const MappedFile> data_file = file_->data_file(data_.location);
    if (data_.length && *data_.length != size_bytes_) {
      throw Error(ErrorCode::kRead, "external data: length " + std::to_string(*data_.length) + ", expected " +
                                        std::to_string(size_bytes_) + " by its dims");
    }
    const auto file_size = static_cast<int64_t>(data_file->bytes().size());
    if (data_.offset > file_size || size_bytes_ > file_size - data_.offset) {
      throw Error(ErrorCode::kRead, "external data: bytes " + std::to_string(data_.offset) + " to " +
                                        std::to_string(data_.offset) + " + " + std::to_string(size_bytes_) + " of " +
                                        quote(data_.location) + ", which has " + std::to_string(file_size));
    }
    return data_file;
  } catch (const Error& error) {
    throw error.within(tensor_label(name_));
  }
}

std::span<const std::byte> ExternalStorage::bytes() const {
  if (size_bytes_ == 0) return {};
  // The model's file keeps every data file that was mapped.
  const std::shared_ptr<const MappedFile> data_file = map();
  return as_bytes(data_file->bytes().substr(static_cast<size_t>(data_.offset), static_cast<size_t>(size_bytes_)));
}

void ExternalStorage::release() const {
  if (size_bytes_ == 0 || !fault().empty()) return;
  const std::span<const std::byte> held = bytes();
  map()->release({reinterpret_cast<const char*>(held.data()), held.size()});
}

std::string ExternalStorage::fault() const {
  if (size_bytes_ == 0) return {};
  try {
    map();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

Tensor read_tensor(TensorFields fields, const std::shared_ptr<const ModelFile>& file) {
  std::shared_ptr<const TensorStorage> storage = make_storage(fields, file);
  file->release(fields.has_raw_data ? fields.raw_data : fields.typed_chunk);
  return {fields.type(), std::move(fields.dims), std::move(storage)};
}

Tensor read_tensor(std::string_view source, const std::shared_ptr<const ModelFile>& file) {
  return read_tensor(parse_tensor_fields(source), file);
}

std::optional<std::string> payload_fault(const Tensor& tensor) {
  const auto* storage = dynamic_cast<const FileStorage*>(tensor.storage().get());
  if (storage == nullptr) return std::nullopt;
  std::string fault = storage->fault();
  return fault.empty() ? std::nullopt : std::optional(std::move(fault));
}

std::optional<std::string> payload_warning(const Tensor& tensor) {
  const auto* storage = dynamic_cast<const ExternalStorage*>(tensor.storage().get());
  if (storage == nullptr) return std::nullopt;
  try {
    if (!storage->file().data_file(storage->data().location)->has_several_links()) return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // a fault, and told as one
  }
  return "the data file " + quote(storage->data().location) +
         " has several hard links: it may also lie outside the model's folder";
}

}  // namespace surgery
