#include <limits>

#include "forms/form.h"
#include "io/atomic_file.h"
#include "io/model_file.h"
#include "io/model_writer.h"
#include "io/tensor_storage.h"
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

/// Writes elements; those of the model's own file are copied inside the system, those of a data file piece by piece, so
/// that not all of it is in memory.
void write_elements(const TensorStorage& storage, const ModelFile* source, AtomicFile& out) {
  constexpr size_t kPieceBytes = size_t{32} << 20;
  const std::span<const std::byte> raw = storage.bytes();
  std::string_view bytes(reinterpret_cast<const char*>(raw.data()), raw.size());
  const auto* const external = dynamic_cast<const ExternalStorage*>(&storage);
  if (external == nullptr) {
    Rope rope;
    rope.append(bytes);
    write_rope(rope, source, out);
    return;
  }
  const std::shared_ptr<const MappedFile> data_file = external->file().data_file(external->data().location);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    out.write(piece);
    data_file->release(piece);
    bytes.remove_prefix(piece.size());
  }
}

void write_data_file(const DataFile& data, const ModelFile* source, AtomicFile& out) {
  int64_t written = 0;
  for (const DataFile::Part& part : data.parts) {
    out.write(std::string(static_cast<size_t>(part.offset - written), '\0'));
    write_elements(*part.storage, source, out);
    written = part.offset + static_cast<int64_t>(part.storage->bytes().size());
  }
}

}  // namespace

std::vector<std::string> ModelWriter::save(const Model& model, const std::filesystem::path& path,
                                           const SaveOptions& options, size_t max_bytes) {
  std::vector<std::string> notes;
  PlacementPlan plan = place_for_output(model, path, options, notes);
  auto writer = std::make_unique<ModelWriter>(model, plan.placements);
  Rope rope = writer->encode();
  if (rope.size() > max_bytes) {
    const auto refuse = [&](const std::string& what) {
      throw Error(ErrorCode::kUnsupported, "cannot write " + quote(path.native()) + ": " + what + " the model has " +
                                               format_bytes(rope.size()) + ", over the limit of " +
                                               format_bytes(max_bytes));
    };
    if (options.weights == WeightPlace::kInline) refuse("with its weights inside");
    move_to_data_file(model, plan);
    writer = std::make_unique<ModelWriter>(model, plan.placements);
    rope = writer->encode();
    if (rope.size() > max_bytes) refuse("without its weights");
    notes.push_back("the model has more than " + format_bytes(max_bytes) + "; its weights are in " +
                    quote(plan.data.location));
  }
  const auto* const source = static_cast<const ModelFile*>(model.file_.get());
  std::optional<AtomicFile> data_out;
  if (!plan.data.parts.empty()) {
    data_out.emplace(path.parent_path() / plan.data.location, options.fsync);
    write_data_file(plan.data, source, *data_out);
  }
  AtomicFile out(path, options.fsync);
  if (const Form form = form_of(path); form == Form::kBinary) {
    write_rope(rope, source, out);
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
  return ModelWriter::save(model, path, options, kMaxModelBytes);
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
