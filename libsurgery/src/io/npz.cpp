#include <memory>

#include "io/atomic_file.h"
#include "io/mapped_file.h"
#include "io/npy.h"
#include "io/zip.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace surgery {
namespace {

constexpr std::string_view kSuffix = ".npy";

Tensor read_array(const ZipEntry& entry, const std::shared_ptr<const MappedFile>& file) {
  try {
    if (!entry.is_deflated) {
      check_crc(entry, entry.packed);
      return parse_npy(entry.packed, file);
    }
    const auto unpacked = std::make_shared<const std::string>(inflate_entry(entry));
    check_crc(entry, *unpacked);
    return parse_npy(*unpacked, unpacked);
  } catch (const Error& error) {
    throw error.within(quote(entry.name));
  }
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> load_npz(const std::filesystem::path& path) {
  try {
    const auto file = std::make_shared<const MappedFile>(path);
    std::vector<std::pair<std::string, Tensor>> arrays;
    for (const ZipEntry& entry : read_zip_directory(file->bytes())) {
      std::string name = entry.name;
      if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
      arrays.emplace_back(std::move(name), read_array(entry, file));
    }
    return arrays;
  } catch (const Error& error) {
    throw error.within(escape(path.native()));
  }
}

void save_npz(const std::vector<std::pair<std::string, Tensor>>& arrays, const std::filesystem::path& path) {
  AtomicFile file(path);
  ZipWriter zip;
  for (const auto& [name, tensor] : arrays) {
    const std::string header = npy_header(tensor);
    const std::string strings = npy_strings(tensor);
    const std::span<const std::byte> raw = tensor.bytes();
    const std::vector<std::string_view> data{header, strings,
                                             std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size())};
    const std::string entry_name = name + std::string(kSuffix);
    if (entry_name.size() > UINT16_MAX) {
      throw Error(ErrorCode::kWrite, "cannot write " + quote(path.native()) + ": the name " + quote(name) +
                                         " is too long for a ZIP archive");
    }
    file.write(zip.local_header(entry_name, data));
    for (const std::string_view piece : data) file.write(piece);
  }
  file.write(zip.directory());
  file.commit();
}

}  // namespace surgery
