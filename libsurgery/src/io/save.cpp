#include <limits>

#include "forms/form.h"
#include "io/atomic_file.h"
#include "io/model_file.h"
#include "io/model_writer.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace surgery {
namespace {

/// protobuf's limit on a message.
constexpr size_t kMaxModelBytes = std::numeric_limits<int32_t>::max();
/// From here on a copy inside the system is cheaper than one through this process.
constexpr size_t kMinCopiedBytes = 64 * 1024;

void write_rope(const Rope& rope, const ModelFile* source, AtomicFile& out) {
  const std::string_view mapped = source != nullptr && source->descriptor() >= 0 ? source->bytes() : std::string_view();
  const std::less_equal<> not_after;
  for (const std::string_view piece : rope.pieces()) {
    const bool is_mapped =
        not_after(mapped.data(), piece.data()) && not_after(piece.data() + piece.size(), mapped.data() + mapped.size());
    if (is_mapped && piece.size() >= kMinCopiedBytes) {
      out.copy(source->descriptor(), piece.data() - mapped.data(), piece);
    } else {
      out.write(piece);
    }
  }
}

void write_data_file(const DataFile& data, AtomicFile& out) {
  int64_t written = 0;
  for (const DataFile::Part& part : data.parts) {
    out.write(std::string(static_cast<size_t>(part.offset - written), '\0'));
    const std::span<const std::byte> bytes = part.storage->bytes();
    out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    written = part.offset + static_cast<int64_t>(bytes.size());
  }
}

}  // namespace

std::vector<std::string> ModelWriter::save(const Model& model, const std::filesystem::path& path, bool fsync,
                                           size_t max_bytes) {
  std::vector<std::string> notes;
  Placements placements = place_for_output(model, path, notes);
  auto writer = std::make_unique<ModelWriter>(model, placements);
  Rope rope = writer->encode();
  std::optional<AtomicFile> data_out;
  if (rope.size() > max_bytes) {
    const DataFile data = move_to_data_file(model, path, placements);
    writer = std::make_unique<ModelWriter>(model, placements);
    rope = writer->encode();
    if (rope.size() > max_bytes) {
      throw Error(ErrorCode::kUnsupported, "cannot write " + quote(path.native()) +
                                               ": without its weights the model has " + format_bytes(rope.size()) +
                                               ", over the limit of " + format_bytes(max_bytes));
    }
    notes.push_back("the model has more than " + format_bytes(max_bytes) + "; its weights are in " +
                    quote(data.location));
    data_out.emplace(path.parent_path() / data.location, fsync);
    write_data_file(data, *data_out);
  }
  AtomicFile out(path, fsync);
  if (const Form form = form_of(path); form == Form::kBinary) {
    write_rope(rope, static_cast<const ModelFile*>(model.file_.get()), out);
  } else {
    const FormText printed = print_form(form, rope.to_string());
    out.write(printed.text);
    notes.insert(notes.end(), printed.notes.begin(), printed.notes.end());
  }
  // The data first: a model whose data is not there yet would be a broken one.
  if (data_out) data_out->commit();
  out.commit();
  return notes;
}

std::vector<std::string> save(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  return ModelWriter::save(model, path, options.fsync, kMaxModelBytes);
}

std::string save_bytes(const Model& model) {
  const Placements nothing;
  return ModelWriter(model, nothing).encode().to_string();
}

uint64_t encoded_size_bytes(const Model& model) {
  const Placements nothing;
  return ModelWriter(model, nothing).encode().size();
}

}  // namespace surgery
