#pragma once

#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "io/wire.h"
#include "surgery/error.h"
#include "surgery/io.h"

#ifdef HAVE_ONNX_PROTO
#include <google/protobuf/text_format.h>

#include "onnx.pb.h"
#endif

namespace surgery {

/// A folder of its own for one test, removed at its end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "onnx-tool-test-XXXXXX").native();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  size_t num_files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What `action` throws as an Error: its message; "" when it does not throw.
template <typename Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// Encoded fields, for messages that are put together by hand.
inline std::string varint(uint32_t number, uint64_t value) {
  std::string out;
  wire::append_varint_field(out, number, value);
  return out;
}
inline std::string bytes(uint32_t number, std::string_view value) {
  std::string out;
  wire::append_bytes_field(out, number, value);
  return out;
}

/// A model together with the bytes that it views.
struct LoadedModel {
  std::unique_ptr<const std::string> owner;  // on the heap: a short string would move with this object
  std::string_view source;
  std::unique_ptr<Model> model;

  Graph& graph() const { return model->graph(); }
};

inline LoadedModel load_source(std::string source, const std::filesystem::path& path = {}) {
  LoadedModel loaded{std::make_unique<const std::string>(std::move(source)), {}, nullptr};
  loaded.source = *loaded.owner;
  loaded.model = load_bytes(loaded.source, path);
  loaded.model->validate();
  return loaded;
}

#ifdef HAVE_ONNX_PROTO
inline onnx::ModelProto proto_of_text(const std::string& text) {
  onnx::ModelProto proto;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &proto));
  return proto;
}
inline onnx::ModelProto proto_of_bytes(const std::string& encoded) {
  onnx::ModelProto proto;
  REQUIRE(proto.ParseFromString(encoded));
  return proto;
}
/// The model that protobuf's text format describes, encoded by protobuf.
inline std::string encode_text(const std::string& text) { return proto_of_text(text).SerializePartialAsString(); }
inline LoadedModel load_text(const std::string& text) { return load_source(encode_text(text)); }
#endif

}  // namespace surgery
