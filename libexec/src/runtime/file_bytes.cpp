#include "runtime/file_bytes.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "exec/inputs.h"
#include "surgery/text.h"

namespace exec {

using surgery::Error;
using surgery::ErrorCode;

std::vector<uint8_t> read_file_bytes(const std::filesystem::path& path) {
  const std::string place = surgery::escape(path.string()) + ": ";
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    const bool exists = std::filesystem::exists(path, error);
    throw Error(ErrorCode::kRead, place + (exists ? "not a regular file" : "no such file"));
  }
  std::ifstream stream(path, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) throw Error(ErrorCode::kRead, place + "cannot be read");
  return bytes;
}

Tensor load_raw(const std::filesystem::path& path, surgery::DataType type, std::vector<int64_t> dims) {
  const std::string place = surgery::escape(path.string()) + ": ";
  if (type == surgery::DataType::kString) throw Error(ErrorCode::kUsage, place + "strings have no raw form");
  const std::vector<uint8_t> bytes = read_file_bytes(path);
  const std::optional<int64_t> count = surgery::checked_product(dims);
  const int64_t size =
      count ? surgery::packed_size_bytes(type, *count).value_or(-1) : -1;  // -1: more than there can be
  if (size < 0 || static_cast<size_t>(size) != bytes.size()) {
    const std::string declared = to_string(surgery::Type::tensor(type, surgery::Shape(dims.begin(), dims.end())));
    throw Error(ErrorCode::kRead, place + "has " + std::to_string(bytes.size()) + " bytes, " + declared + " needs " +
                                      (size < 0 ? "more than there can be" : std::to_string(size)));
  }
  Tensor tensor = Tensor::zeros(type, std::move(dims));
  const std::span<std::byte> target = tensor.mutable_bytes();
  std::ranges::copy(std::as_bytes(std::span(bytes)), target.begin());
  return tensor;
}

}  // namespace exec
