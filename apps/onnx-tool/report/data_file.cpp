#include "report/data_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Tensor;

/// Appends a field of wire type 2: key, length, bytes.
void append_field(std::string& message, char key, std::string_view bytes) {
  message += key;
  for (size_t length = bytes.size(); true; length >>= 7U) {
    const bool is_last = length < 0x80;
    message += static_cast<char>((length & 0x7FU) | (is_last ? 0U : 0x80U));
    if (is_last) break;
  }
  message.append(bytes);
}

/// A tensor that owns its elements.
Tensor owned(const Tensor& tensor) {
  if (tensor.type() == surgery::DataType::kString) {
    return Tensor::from_strings(tensor.dims(), {tensor.strings().begin(), tensor.strings().end()});
  }
  const std::span<const std::byte> bytes = tensor.bytes();
  Tensor copy = Tensor::zeros(tensor.type(), tensor.dims());
  if (!bytes.empty()) std::memcpy(copy.mutable_bytes().data(), bytes.data(), bytes.size());
  return copy;
}

/// The reader of models reads the tensor, as the only initializer of an otherwise empty one.
std::pair<std::string, Tensor> load_tensor_proto(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& message) -> surgery::Error {
    return {surgery::ErrorCode::kRead, surgery::escape(path.native()) + ": " + message};
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) throw fail("not a regular file that can be read");
  std::ifstream file(path, std::ios::binary);
  const std::string proto{std::istreambuf_iterator<char>(file), {}};
  if (!file || proto.empty()) throw fail(proto.empty() ? "the file is empty" : "cannot be read");
  std::string graph;
  append_field(graph, '\x2a', proto);  // GraphProto.initializer, number 5
  std::string model_bytes;
  append_field(model_bytes, '\x3a', graph);  // ModelProto.graph, number 7
  try {
    const std::unique_ptr<surgery::Model> model = surgery::load_bytes(model_bytes);
    const auto weights = model->graph().initializers();
    if (weights.size() != 1 || !surgery::is_valid(weights[0]->initializer()->type())) {
      throw surgery::Error(surgery::ErrorCode::kRead, "no element type is given");
    }
    const auto& storage = weights[0]->initializer()->storage();
    if (storage != nullptr && !storage->external_location().empty()) {
      throw surgery::Error(surgery::ErrorCode::kRead, "its elements lie in another file");
    }
    return {weights[0]->name(), owned(*weights[0]->initializer())};
  } catch (const surgery::Error& bad) {
    throw fail(std::string("no tensor (TensorProto) as ONNX's test data has them: ") + bad.what());
  }
}

}  // namespace

bool is_data_file(const std::filesystem::path& path) {
  const std::filesystem::path suffix = path.extension();
  return suffix == ".npy" || suffix == ".npz" || suffix == ".pb";
}

std::vector<std::pair<std::string, Tensor>> load_data_file(const std::filesystem::path& path) {
  if (path.extension() == ".npz") return surgery::load_npz(path);
  if (path.extension() == ".npy") return {{path.filename().native(), surgery::load_npy(path)}};
  return {load_tensor_proto(path)};
}

}  // namespace app
