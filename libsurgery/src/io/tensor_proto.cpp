#include "surgery/tensor_proto.h"

#include "io/model_file.h"
#include "io/tensor_fields.h"
#include "io/tensor_storage.h"
#include "io/wire.h"
#include "surgery/text.h"

namespace surgery {
namespace {

std::shared_ptr<const ModelFile> open(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::is_regular_file(path, none) && std::filesystem::file_size(path, none) == 0) {
    return std::make_shared<const ModelFile>(std::string_view(), path);
  }
  try {
    return std::make_shared<const ModelFile>(path);
  } catch (const Error& error) {
    throw error.within(escape(path.native()));
  }
}

}  // namespace

TensorFile::TensorFile(const std::filesystem::path& path) : file_(open(path)) {}

std::string_view TensorFile::bytes() const { return file_->bytes(); }

Tensor TensorFile::read(std::string_view message) const {
  TensorFields fields = parse_tensor_fields(message);
  std::string fault = fields_fault(fields);
  if (!fault.empty()) throw Error(ErrorCode::kRead, tensor_label(fields.name) + ": " + fault);
  Tensor tensor = read_tensor(std::move(fields), file_);
  if (const auto* storage = dynamic_cast<const FileStorage*>(tensor.storage().get())) fault = storage->fault();
  if (!fault.empty()) throw Error(ErrorCode::kRead, tensor_label({}) + ": " + fault);
  return tensor;
}

std::string encode_tensor_proto(const Tensor& tensor, std::string_view name) {
  namespace field = tensor_field;
  std::string out;
  for (const int64_t dim : tensor.dims()) wire::append_varint_field(out, field::kDims, static_cast<uint64_t>(dim));
  wire::append_varint_field(out, field::kDataType, static_cast<uint64_t>(tensor.type()));
  if (tensor.type() == DataType::kString) {
    for (const std::string& text : tensor.strings()) wire::append_bytes_field(out, field::kStringData, text);
  } else {
    const std::span<const std::byte> raw = tensor.bytes();
    wire::append_bytes_field(out, field::kRawData, {reinterpret_cast<const char*>(raw.data()), raw.size()});
  }
  if (!name.empty()) wire::append_bytes_field(out, field::kName, name);
  return out;
}

}  // namespace surgery
