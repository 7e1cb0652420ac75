#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surgery {

/// One file of a ZIP archive.
struct ZipEntry {
  std::string name{};
  bool is_deflated = false;
  uint32_t crc32 = 0;
  uint64_t size_bytes = 0;    ///< unpacked
  std::string_view packed{};  ///< views the archive
};

/// The entries by the archive's central directory, in its order; folders are left out. ZIP64 is understood, encryption
/// and methods other than storing and deflating are refused. Sizes are plausible: no entry claims more than deflate can
/// give, and together they take no more packed bytes than the archive has. Throws Error(kRead).
std::vector<ZipEntry> read_zip_directory(std::string_view archive);

/// Unpacks a deflated entry. Throws Error(kRead) when it does not unpack to exactly its size.
std::string inflate_entry(const ZipEntry& entry);

/// Throws Error(kRead) when the unpacked bytes do not have the entry's checksum.
void check_crc(const ZipEntry& entry, std::string_view unpacked);

/// Builds an archive of stored files piece by piece: put the bytes of headers where they belong between the data.
class ZipWriter {
 public:
  /// What goes in front of a file's data. `data` is what will follow: only its size and checksum matter.
  std::string local_header(std::string_view name, const std::vector<std::string_view>& data);
  /// What goes at the end.
  std::string directory() const;

 private:
  struct Written {
    std::string name;
    uint32_t crc32;
    uint64_t size_bytes;
    uint64_t offset;
  };
  std::vector<Written> files_;
  uint64_t offset_ = 0;
};

}  // namespace surgery
