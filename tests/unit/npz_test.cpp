#include <zlib.h>

#include "io/zip.h"
#include "io_support.h"
#include "surgery/tensor.h"

namespace surgery {
namespace {

using Arrays = std::vector<std::pair<std::string, Tensor>>;

template <typename T>
std::string number(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string deflated(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib's signature
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

uint32_t crc_of(const std::string& text) {
  return static_cast<uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

/// An archive of one file, as a plain ZIP writer makes it, with numbers that can be bent.
struct PlainZip {
  std::string name = "a.npy";
  uint16_t method = 0;
  uint16_t flags = 0;
  std::string packed;
  uint32_t crc = 0;
  uint32_t size = 0;
  int copies = 1;  ///< of the directory's entry

  std::string encode() const {
    std::string out = number(uint32_t{0x04034b50}) + number(uint16_t{20}) + number(flags) + number(method) +
                      number(uint32_t{0}) + number(crc) + number(static_cast<uint32_t>(packed.size())) + number(size) +
                      number(static_cast<uint16_t>(name.size())) + number(uint16_t{0}) + name + packed;
    const auto offset = static_cast<uint32_t>(out.size());
    for (int i = 0; i < copies; ++i) {
      out += number(uint32_t{0x02014b50}) + number(uint16_t{20}) + number(uint16_t{20}) + number(flags) +
             number(method) + number(uint32_t{0}) + number(crc) + number(static_cast<uint32_t>(packed.size())) +
             number(size) + number(static_cast<uint16_t>(name.size())) + std::string(16, '\0') + name;
    }
    const auto directory = static_cast<uint32_t>(out.size()) - offset;
    return out + number(uint32_t{0x06054b50}) + number(uint32_t{0}) + number(static_cast<uint16_t>(copies)) +
           number(static_cast<uint16_t>(copies)) + number(directory) + number(offset) + number(uint16_t{7}) + "comment";
  }
};

PlainZip stored(const std::string& text) {
  PlainZip zip;
  zip.packed = text;
  zip.crc = crc_of(text);
  zip.size = static_cast<uint32_t>(text.size());
  return zip;
}
PlainZip compressed(const std::string& text) {
  PlainZip zip = stored(text);
  zip.method = Z_DEFLATED;
  zip.packed = deflated(text);
  return zip;
}

std::string npy_of(int64_t count) {
  std::vector<int64_t> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) values[static_cast<size_t>(i)] = i % 10;
  return save_npy_bytes(Tensor::vector(values));
}

Arrays load_archive(const std::string& archive) {
  const TempFolder folder;
  write_file(folder / "a.npz", archive);
  return load_npz(folder / "a.npz");
}

std::string refusal(const std::string& archive) {
  const std::string error = error_of([&] { load_archive(archive); });
  return error.substr(error.find(": ") + 2);
}

TEST_CASE("npz writes what it reads, names and order included") {
  const TempFolder folder;
  const Arrays arrays{{"b", Tensor::scalar(1.5F)},
                      {"layer/a:0", Tensor::vector(std::vector<int64_t>{1, 2})},
                      {"\xC3\xA9", Tensor::from_strings({2}, {"x", ""})},
                      {"none", Tensor::zeros(DataType::kFloat, {0})}};
  save_npz(arrays, folder / "a.npz");
  const Arrays again = load_npz(folder / "a.npz");
  REQUIRE(again.size() == arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    CHECK(again[i].first == arrays[i].first);
    CHECK(identical(again[i].second, arrays[i].second));
  }
  save_npz(again, folder / "b.npz");
  CHECK(read_file(folder / "b.npz") == read_file(folder / "a.npz"));
  save_npz({}, folder / "empty.npz");
  CHECK(load_npz(folder / "empty.npz").empty());
}

TEST_CASE("npz reads stored and deflated arrays, misaligned ones too") {
  for (const PlainZip& zip : {stored(npy_of(1000)), compressed(npy_of(1000))}) {
    const Arrays arrays = load_archive(zip.encode());
    REQUIRE(arrays.size() == 1);
    CHECK(arrays[0].first == "a");
    CHECK(arrays[0].second.is_aligned());
    CHECK(arrays[0].second.values<int64_t>()[999] == 9);
  }
}

TEST_CASE("npz reads the image set of testdata") {
  const Arrays arrays = load_npz(std::string(TESTDATA_DIR) + "/digits/digits_test.npz");
  REQUIRE(arrays.size() >= 2);
  for (const auto& [key, tensor] : arrays) {
    const std::string& name = key;  // clang 14 captures no binding
    CAPTURE(name);
    CHECK(tensor.dims()[0] == 360);
  }
}

TEST_CASE("archives that are not right are refused") {
  const std::string text = npy_of(1000);
  CHECK(refusal("PK") == "ZIP archive: it is cut short");
  CHECK(refusal(std::string(100, 'x')) == "ZIP archive: its directory is missing (truncated file?)");
  const std::string good = stored(text).encode();
  CHECK(refusal(good.substr(0, good.size() - 40)) == "ZIP archive: its directory is missing (truncated file?)");
  CHECK(refusal(good.substr(1)) == "ZIP archive: its directory does not parse");

  PlainZip zip = stored(text);
  zip.crc ^= 1;
  CHECK(refusal(zip.encode()) == "'a.npy': ZIP archive: 'a.npy' is damaged: wrong checksum");
  zip = stored(text);
  zip.flags = 1;
  CHECK(refusal(zip.encode()) == "ZIP archive: it is encrypted");
  zip = stored(text);
  zip.method = 12;
  CHECK(refusal(zip.encode()) == "ZIP archive: compression method 12 is not known");
  zip = stored(text);
  zip.size += 1;
  CHECK(refusal(zip.encode()) == "ZIP archive: an entry cannot have the size that the directory says");
  zip = stored(text);
  zip.copies = 3;
  CHECK(refusal(zip.encode()) == "ZIP archive: its entries overlap");

  for (const int difference : {-1, 1}) {
    zip = compressed(text);
    zip.size = static_cast<uint32_t>(static_cast<int>(text.size()) + difference);
    CHECK(refusal(zip.encode()) ==
          "'a.npy': ZIP archive: 'a.npy' does not unpack to " + std::to_string(zip.size) + " bytes");
  }
  zip = compressed(text);
  zip.size = 0x7FFFFFFF;
  CHECK(refusal(zip.encode()) == "ZIP archive: an entry cannot have the size that the directory says");
  zip = compressed(text);
  zip.packed.resize(zip.packed.size() / 2);
  CHECK(refusal(zip.encode()) == "'a.npy': ZIP archive: 'a.npy' does not unpack to 8128 bytes");
  zip = compressed(text);
  for (char& c : zip.packed) c = '\xFF';
  CHECK(refusal(zip.encode()) == "'a.npy': ZIP archive: 'a.npy' does not unpack to 8128 bytes");
  CHECK(refusal(stored("not numpy").encode()) == "'a.npy': numpy array: not a .npy file");
}

}  // namespace
}  // namespace surgery
