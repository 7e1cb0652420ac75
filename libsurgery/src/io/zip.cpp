#include "io/zip.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include <zlib.h>

#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

// Sizes and signatures from PKWARE's APPNOTE.TXT, section 4.3.
constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr size_t kLocalBytes = 30;
constexpr size_t kCentralBytes = 46;
constexpr size_t kEndBytes = 22;
constexpr size_t kEnd64Bytes = 56;
constexpr size_t kLocator64Bytes = 20;
constexpr uint16_t kZip64Extra = 1;
constexpr uint32_t kMax32 = std::numeric_limits<uint32_t>::max();
constexpr uint16_t kMax16 = std::numeric_limits<uint16_t>::max();
constexpr uint64_t kMaxDeflateRatio = 1032;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kRead, "ZIP archive: " + what); }

/// `size` bytes at `offset`, or an error.
std::string_view slice(std::string_view archive, uint64_t offset, uint64_t size) {
  if (offset > archive.size() || size > archive.size() - offset) fail("it is cut short");
  return archive.substr(static_cast<size_t>(offset), static_cast<size_t>(size));
}

template <typename T>
T number(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, slice(bytes, offset, sizeof value).data(), sizeof value);
  return value;
}

struct Directory {
  uint64_t num_entries = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};

Directory find_directory(std::string_view archive) {
  if (archive.size() < kEndBytes) fail("it is cut short");
  // The end record is the last thing in the file, but for a comment of up to 64 KiB.
  const size_t last = archive.size() - kEndBytes;
  const size_t first = last > kMax16 ? last - kMax16 : 0;
  size_t end = last;
  while (number<uint32_t>(archive, end) != kEndSignature) {
    if (end == first) fail("its directory is missing (truncated file?)");
    --end;
  }
  Directory directory{number<uint16_t>(archive, end + 10), number<uint32_t>(archive, end + 16),
                      number<uint32_t>(archive, end + 12)};
  const bool is_full = directory.num_entries == kMax16 || directory.offset == kMax32 || directory.size == kMax32;
  if (is_full && end >= kLocator64Bytes && number<uint32_t>(archive, end - kLocator64Bytes) == kLocator64Signature) {
    const auto end64 = number<uint64_t>(archive, end - kLocator64Bytes + 8);
    const std::string_view record = slice(archive, end64, kEnd64Bytes);
    if (number<uint32_t>(record, 0) != kEnd64Signature) fail("its ZIP64 directory is missing");
    directory = {number<uint64_t>(record, 32), number<uint64_t>(record, 48), number<uint64_t>(record, 40)};
  }
  return directory;
}

/// Takes from the ZIP64 extra field the numbers that do not fit into 32 bits, in the order of the standard.
void read_zip64(std::string_view extra, uint64_t& size, uint64_t& packed_size, uint64_t& offset) {
  while (extra.size() >= 4) {
    const auto id = number<uint16_t>(extra, 0);
    const std::string_view data = slice(extra, 4, number<uint16_t>(extra, 2));
    extra.remove_prefix(4 + data.size());
    if (id != kZip64Extra) continue;
    size_t at = 0;
    for (uint64_t* value : {&size, &packed_size, &offset}) {
      if (*value != kMax32) continue;
      *value = number<uint64_t>(data, at);
      at += sizeof(uint64_t);
    }
    return;
  }
}

ZipEntry read_entry(std::string_view archive, std::string_view central, std::string_view extra) {
  ZipEntry entry;
  const auto flags = number<uint16_t>(central, 8);
  const auto method = number<uint16_t>(central, 10);
  entry.crc32 = number<uint32_t>(central, 16);
  uint64_t packed_size = number<uint32_t>(central, 20);
  entry.size_bytes = number<uint32_t>(central, 24);
  uint64_t offset = number<uint32_t>(central, 42);
  read_zip64(extra, entry.size_bytes, packed_size, offset);
  if ((flags & 1U) != 0) fail("it is encrypted");
  if (method != 0 && method != Z_DEFLATED) fail("compression method " + std::to_string(method) + " is not known");
  entry.is_deflated = method == Z_DEFLATED;
  const std::string_view local = slice(archive, offset, kLocalBytes);
  if (number<uint32_t>(local, 0) != kLocalSignature) fail("an entry is not where the directory says");
  const uint64_t name_and_extra = uint64_t{number<uint16_t>(local, 26)} + number<uint16_t>(local, 28);
  entry.packed = slice(archive, offset + kLocalBytes + name_and_extra, packed_size);
  const bool is_plausible =
      entry.is_deflated ? entry.size_bytes / kMaxDeflateRatio <= packed_size : entry.size_bytes == packed_size;
  if (!is_plausible) fail("an entry cannot have the size that the directory says");
  return entry;
}

template <typename T>
void append(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

constexpr uint16_t kVersionZip64 = 45;
constexpr uint16_t kUtf8Flag = 1U << 11;
constexpr uint16_t kDosDate1980 = 1U << 5 | 1U;  // the same archive for the same arrays, whenever it is written

}  // namespace

std::vector<ZipEntry> read_zip_directory(std::string_view archive) {
  const Directory directory = find_directory(archive);
  std::string_view rest = slice(archive, directory.offset, directory.size);
  std::vector<ZipEntry> entries;
  uint64_t packed_total = 0;
  for (uint64_t i = 0; i < directory.num_entries; ++i) {
    if (number<uint32_t>(rest, 0) != kCentralSignature) fail("its directory does not parse");
    const std::string_view central = slice(rest, 0, kCentralBytes);
    const size_t name_bytes = number<uint16_t>(central, 28);
    const size_t extra_bytes = number<uint16_t>(central, 30);
    const size_t comment_bytes = number<uint16_t>(central, 32);
    const std::string_view name = slice(rest, kCentralBytes, name_bytes);
    const std::string_view extra = slice(rest, kCentralBytes + name_bytes, extra_bytes);
    rest.remove_prefix(slice(rest, 0, kCentralBytes + name_bytes + extra_bytes + comment_bytes).size());
    if (name.ends_with('/')) continue;
    ZipEntry entry = read_entry(archive, central, extra);
    entry.name = name;
    packed_total += entry.packed.size();
    if (packed_total > archive.size()) fail("its entries overlap");
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string inflate_entry(const ZipEntry& entry) {
  std::string unpacked;
  try {
    unpacked.resize(entry.size_bytes);
  } catch (const std::exception&) {
    fail(quote(entry.name) + " of " + std::to_string(entry.size_bytes) + " bytes does not fit into memory");
  }
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("zlib cannot be started");
  std::string_view in = entry.packed;
  size_t done = 0;
  int result = Z_OK;
  // zlib counts in 32 bits. One byte of room beyond the end tells an entry that is longer than it says.
  char beyond = 0;
  while (result == Z_OK) {
    if (stream.avail_in == 0) {
      const size_t step = std::min<size_t>(in.size(), kMax32);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // NOLINT: zlib's signature
      stream.avail_in = static_cast<uInt>(step);
      in.remove_prefix(step);
    }
    const size_t room = std::min<size_t>(unpacked.size() - done, kMax32);
    stream.next_out = reinterpret_cast<Bytef*>(room > 0 ? unpacked.data() + done : &beyond);
    stream.avail_out = static_cast<uInt>(std::max<size_t>(room, 1));
    const uInt before = stream.avail_out;
    result = inflate(&stream, Z_NO_FLUSH);
    done += before - stream.avail_out;
    if (done > unpacked.size()) break;
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END || done != unpacked.size()) {
    fail(quote(entry.name) + " does not unpack to " + std::to_string(entry.size_bytes) + " bytes");
  }
  return unpacked;
}

void check_crc(const ZipEntry& entry, std::string_view unpacked) {
  const auto* bytes = reinterpret_cast<const Bytef*>(unpacked.data());
  if (::crc32_z(0, bytes, unpacked.size()) != entry.crc32) fail(quote(entry.name) + " is damaged: wrong checksum");
}

std::string ZipWriter::local_header(std::string_view name, const std::vector<std::string_view>& data) {
  Written file{std::string(name), 0, 0, offset_};
  uLong crc = 0;
  for (const std::string_view piece : data) {
    if (piece.empty()) continue;  // zlib starts over at a null pointer
    crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
    file.size_bytes += piece.size();
  }
  file.crc32 = static_cast<uint32_t>(crc);
  std::string out;
  append(out, kLocalSignature);
  append(out, kVersionZip64);
  append(out, kUtf8Flag);
  append(out, uint16_t{0});  // stored
  append(out, uint16_t{0});  // midnight
  append(out, kDosDate1980);
  append(out, file.crc32);
  append(out, kMax32);
  append(out, kMax32);
  append(out, static_cast<uint16_t>(name.size()));
  append(out, uint16_t{20});
  out += name;
  append(out, kZip64Extra);
  append(out, uint16_t{16});
  append(out, file.size_bytes);
  append(out, file.size_bytes);
  offset_ += out.size() + file.size_bytes;
  files_.push_back(std::move(file));
  return out;
}

std::string ZipWriter::directory() const {
  std::string out;
  for (const Written& file : files_) {
    append(out, kCentralSignature);
    append(out, uint16_t{3U << 8 | kVersionZip64});  // made on Unix
    append(out, kVersionZip64);
    append(out, kUtf8Flag);
    append(out, uint16_t{0});
    append(out, uint16_t{0});
    append(out, kDosDate1980);
    append(out, file.crc32);
    append(out, kMax32);
    append(out, kMax32);
    append(out, static_cast<uint16_t>(file.name.size()));
    append(out, uint16_t{28});
    append(out, uint16_t{0});               // comment
    append(out, uint16_t{0});               // disk
    append(out, uint16_t{0});               // internal attributes
    append(out, uint32_t{0100644U << 16});  // mode of a regular file
    append(out, kMax32);
    out += file.name;
    append(out, kZip64Extra);
    append(out, uint16_t{24});
    append(out, file.size_bytes);
    append(out, file.size_bytes);
    append(out, file.offset);
  }
  const uint64_t directory_bytes = out.size();
  const uint64_t end64_offset = offset_ + directory_bytes;
  append(out, kEnd64Signature);
  append(out, uint64_t{kEnd64Bytes - 12});
  append(out, uint16_t{3U << 8 | kVersionZip64});
  append(out, kVersionZip64);
  append(out, uint32_t{0});
  append(out, uint32_t{0});
  append(out, uint64_t{files_.size()});
  append(out, uint64_t{files_.size()});
  append(out, directory_bytes);
  append(out, offset_);
  append(out, kLocator64Signature);
  append(out, uint32_t{0});
  append(out, end64_offset);
  append(out, uint32_t{1});
  append(out, kEndSignature);
  append(out, uint16_t{0});
  append(out, uint16_t{0});
  append(out, static_cast<uint16_t>(std::min<size_t>(files_.size(), kMax16)));
  append(out, static_cast<uint16_t>(std::min<size_t>(files_.size(), kMax16)));
  append(out, static_cast<uint32_t>(std::min<uint64_t>(directory_bytes, kMax32)));
  append(out, static_cast<uint32_t>(std::min<uint64_t>(offset_, kMax32)));
  append(out, uint16_t{0});
  return out;
}

}  // namespace surgery
