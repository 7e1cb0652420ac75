#include <limits>

#include "forms/form.h"
#include "io/foreign_format.h"
#include "io/model_reader.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace surgery {
namespace {

/// protobuf's limit on a message, which other readers of the file have.
constexpr size_t kMaxModelBytes = std::numeric_limits<int32_t>::max();

std::unique_ptr<Model> read_model(const std::shared_ptr<ModelFile>& file) {
  const std::string_view foreign = recognise_foreign_format(file->bytes());
  try {
    if (file->bytes().size() > kMaxModelBytes) {
      throw Error(ErrorCode::kRead, "it has " + std::to_string(file->bytes().size()) +
                                        " bytes, over the limit of 2 GiB (2147483647 bytes) that protobuf has; weights "
                                        "of larger models belong into external data files");
    }
    return ModelReader(file).read();
  } catch (const Error& error) {
    if (foreign.empty()) throw;
    throw Error(ErrorCode::kRead, "not an ONNX model: this is " + std::string(foreign));
  }
}

}  // namespace

std::unique_ptr<Model> load(const std::filesystem::path& path) {
  try {
    auto file = std::make_shared<ModelFile>(path);
    const Form form = recognise_text(form_of(path), file->bytes());
    if (form == Form::kBinary) return read_model(file);
    return read_model(ModelFile::of_text(encode_form(form, file->bytes()), path));
  } catch (const Error& error) {
    throw error.within(escape(path.native()));
  }
}

std::unique_ptr<Model> load_bytes(std::string_view bytes, const std::filesystem::path& path) {
  try {
    return read_model(std::make_shared<ModelFile>(bytes, path));
  } catch (const Error& error) {
    if (path.empty()) throw;
    throw error.within(escape(path.native()));
  }
}

}  // namespace surgery
