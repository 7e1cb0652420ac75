#include "io/npy_header.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "io/npy.h"
#include "io/tensor_fields.h"
#include "surgery/error.h"
#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kRead, "numpy array: " + what); }

struct NumpyType {
  char kind;
  size_t item_bytes;
  DataType type;
};

/// "V2" is what numpy makes of the bfloat16 that the ml_dtypes package gives it.
constexpr NumpyType kTypes[] = {
    {'b', 1, DataType::kBool},      {'i', 1, DataType::kInt8},        {'i', 2, DataType::kInt16},
    {'i', 4, DataType::kInt32},     {'i', 8, DataType::kInt64},       {'u', 1, DataType::kUint8},
    {'u', 2, DataType::kUint16},    {'u', 4, DataType::kUint32},      {'u', 8, DataType::kUint64},
    {'f', 2, DataType::kFloat16},   {'f', 4, DataType::kFloat},       {'f', 8, DataType::kDouble},
    {'c', 8, DataType::kComplex64}, {'c', 16, DataType::kComplex128}, {'V', 2, DataType::kBfloat16},
};

/// The part of Python's literal syntax that numpy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class DictParser {
 public:
  explicit DictParser(std::string_view text) : text_(text) {}

  void parse(NpyHeader& header) {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = parse_string();
      expect(':');
      if (key == "descr") {
        parse_descr(header);
      } else if (key == "fortran_order") {
        header.is_fortran_order = parse_bool();
      } else if (key == "shape") {
        parse_shape(header.dims);
      } else {
        fail("its header has the key " + quote(key));
      }
      ++num_keys_;
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (num_keys_ != 3) fail("its header does not have the three keys descr, fortran_order and shape");
  }

 private:
  void skip_space() {
    const size_t next = text_.find_first_not_of(" \t\n");
    text_.remove_prefix(next == std::string_view::npos ? text_.size() : next);
  }
  bool accept(char c) {
    skip_space();
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail("its header does not parse: expected " + quote(std::string(1, c)));
  }
  std::string_view parse_string() {
    const char delimiter = accept('"') ? '"' : '\'';
    if (delimiter == '\'') expect('\'');
    const size_t end = text_.find(delimiter);
    if (end == std::string_view::npos) fail("its header does not parse: a string does not end");
    const std::string_view value = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return value;
  }
  bool parse_bool() {
    skip_space();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    fail("its header does not parse: fortran_order is neither True nor False");
  }
  void parse_shape(std::vector<int64_t>& dims) {
    expect('(');
    dims.clear();
    while (!accept(')')) {
      skip_space();
      int64_t dim = 0;
      const auto [stop, error] = std::from_chars(text_.data(), text_.data() + text_.size(), dim);
      if (error != std::errc() || dim < 0) fail("its header does not parse: a dim is no number");
      if (dims.size() == static_cast<size_t>(kMaxRank)) fail("its rank is over the limit");
      dims.push_back(dim);
      text_.remove_prefix(static_cast<size_t>(stop - text_.data()));
      accept('L');  // Python 2 wrote long integers like this
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }
  void parse_descr(NpyHeader& header) {
    skip_space();
    if (text_.starts_with("[")) fail("structured types are not supported");
    const std::string_view descr = parse_string();
    const auto unknown = [&] { fail("its element type " + quote(descr) + " is none that ONNX has"); };
    if (descr.size() < 2) unknown();
    const char order = descr[0];
    const char kind = descr[1];
    if (kind == 'O') fail("it holds Python objects, which are not read");
    const std::string_view digits = descr.substr(2);
    size_t size = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error != std::errc() || stop != digits.data() + digits.size()) unknown();
    if (order != '<' && order != '>' && order != '|' && order != '=') unknown();
    header.is_big_endian = order == '>';
    if (kind == 'U' || kind == 'S') {
      header.type = DataType::kString;
      header.is_utf32 = kind == 'U';
      if (size > std::numeric_limits<int32_t>::max()) unknown();
      header.item_bytes = header.is_utf32 ? size * sizeof(uint32_t) : size;
      return;
    }
    for (const NumpyType& type : kTypes) {
      if (type.kind == kind && type.item_bytes == size) header.type = type.type;
    }
    if (header.type == DataType::kUndefined) unknown();
    header.item_bytes = size;
  }

  std::string_view text_;
  int num_keys_ = 0;
};

std::string descr_of(const Tensor& tensor) {
  if (tensor.type() == DataType::kString) {
    const NpyStringForm form = npy_string_form(tensor.strings());
    return form.is_utf32 ? "<U" + std::to_string(form.item_bytes / sizeof(uint32_t))
                         : "|S" + std::to_string(form.item_bytes);
  }
  for (const NumpyType& type : kTypes) {
    if (type.type == tensor.type()) {
      return (type.item_bytes == 1 ? "|" : "<") + std::string(1, type.kind) + std::to_string(type.item_bytes);
    }
  }
  throw Error(ErrorCode::kUnsupported, "numpy has no element type " + std::string(to_string(tensor.type())) +
                                           ", so such a tensor cannot be written as .npy");
}

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes) {
  constexpr size_t kVersionEnd = 8;
  if (!bytes.starts_with(kMagic) || bytes.size() < kVersionEnd) fail("not a .npy file");
  const int major = static_cast<unsigned char>(bytes[6]);
  if (major < 1 || major > 3) fail("format version " + std::to_string(major) + " is not known");
  const size_t length_bytes = major == 1 ? 2 : 4;
  if (bytes.size() < kVersionEnd + length_bytes) fail("its header is cut short");
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kVersionEnd, length_bytes);
  NpyHeader header;
  header.data_offset = kVersionEnd + length_bytes + length;
  if (header.data_offset > bytes.size()) fail("its header is cut short");
  DictParser(bytes.substr(kVersionEnd + length_bytes, length)).parse(header);
  return header;
}

NpyStringForm npy_string_form(std::span<const std::string> strings) {
  size_t num_bytes = 1;
  size_t num_characters = 1;
  bool is_valid = true;
  for (std::string_view text : strings) {
    num_bytes = std::max(num_bytes, text.size());
    size_t characters = 0;
    while (!text.empty()) {
      const CodePoint point = decode_utf8(text);
      is_valid &= point.valid;
      text.remove_prefix(point.size_bytes);
      ++characters;
    }
    num_characters = std::max(num_characters, characters);
  }
  return is_valid ? NpyStringForm{true, num_characters * sizeof(uint32_t)} : NpyStringForm{false, num_bytes};
}

std::string npy_header(const Tensor& tensor) {
  std::string dict = "{'descr': '" + descr_of(tensor) + "', 'fortran_order': False, 'shape': (";
  for (const int64_t dim : tensor.dims()) dict += std::to_string(dim) + ", ";
  if (tensor.rank() > 1) dict.resize(dict.size() - 2);
  if (tensor.rank() == 1) dict.resize(dict.size() - 1);
  dict += "), }";
  // Version 1 counts the header in 16 bits; only a shape of thousands of dims needs version 2.
  size_t prefix = kMagic.size() + 4;
  const auto padded = [&] { return (prefix + dict.size() + 1 + kAlignment - 1) / kAlignment * kAlignment; };
  const bool is_long = padded() - prefix > std::numeric_limits<uint16_t>::max();
  if (is_long) prefix += 2;
  dict.resize(padded() - prefix - 1, ' ');
  dict += '\n';
  std::string bytes(kMagic);
  bytes += is_long ? '\2' : '\1';
  bytes += '\0';
  const auto length = static_cast<uint32_t>(dict.size());
  bytes.append(reinterpret_cast<const char*>(&length), is_long ? 4 : 2);
  return bytes + dict;
}

}  // namespace surgery
