#include "io/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "io/atomic_file.h"
#include "io/mapped_file.h"
#include "io/npy_header.h"
#include "io/tensor_fields.h"
#include "surgery/io.h"
#include "surgery/text.h"
#include "text/utf8.h"

namespace surgery {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kRead, "numpy array: " + what); }

class ViewOfOwner final : public TensorStorage {
 public:
  ViewOfOwner(std::string_view bytes, std::shared_ptr<const void> owner) : bytes_(bytes), owner_(std::move(owner)) {}
  std::span<const std::byte> bytes() const override {
    return {reinterpret_cast<const std::byte*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::string_view bytes_;
  std::shared_ptr<const void> owner_;
};

/// Calls `visit(c_index, file_index)` for each element of an array that lies in Fortran order (first axis fastest).
template <typename Visit>
void for_each_fortran(const std::vector<int64_t>& dims, int64_t num_elements, Visit&& visit) {
  std::vector<int64_t> stride(dims.size());
  int64_t step = 1;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    stride[axis] = step;
    step *= dims[axis];
  }
  std::vector<int64_t> index(dims.size());
  int64_t from = 0;
  for (int64_t to = 0; to < num_elements; ++to) {
    visit(to, from);
    for (size_t axis = dims.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < dims[axis]) break;
      from -= index[axis] * stride[axis];
      index[axis] = 0;
    }
  }
}

template <typename Visit>
void for_each_element(const NpyHeader& header, int64_t num_elements, Visit&& visit) {
  if (header.is_fortran_order && header.dims.size() > 1) {
    for_each_fortran(header.dims, num_elements, visit);
  } else {
    for (int64_t i = 0; i < num_elements; ++i) visit(i, i);
  }
}

uint32_t load_code_unit(const char* at, bool is_big_endian) {
  uint32_t unit = 0;
  std::memcpy(&unit, at, sizeof unit);
  return is_big_endian ? __builtin_bswap32(unit) : unit;
}

/// One fixed-width element as UTF-8; the zeros that fill it up are no part of it.
std::string read_string(const NpyHeader& header, std::string_view element) {
  if (!header.is_utf32) {
    const size_t last = element.find_last_not_of('\0');
    return std::string(element.substr(0, last == std::string_view::npos ? 0 : last + 1));
  }
  std::string text;
  size_t used = 0;  // up to the last character that is no zero
  for (size_t at = 0; at + sizeof(uint32_t) <= element.size(); at += sizeof(uint32_t)) {
    const uint32_t code_point = load_code_unit(element.data() + at, header.is_big_endian);
    if (!append_utf8(text, code_point)) fail("a string has the code point " + std::to_string(code_point));
    if (code_point != 0) used = text.size();
  }
  text.resize(used);
  return text;
}

Tensor read_strings(NpyHeader& header, std::string_view data, int64_t num_elements) {
  if (header.item_bytes == 0 && num_elements > 0) fail("strings of width 0");
  std::vector<std::string> values(static_cast<size_t>(num_elements));
  for_each_element(header, num_elements, [&](int64_t to, int64_t from) {
    values[static_cast<size_t>(to)] =
        read_string(header, data.substr(static_cast<size_t>(from) * header.item_bytes, header.item_bytes));
  });
  return Tensor::from_strings(std::move(header.dims), std::move(values));
}

/// Elements in another order, or with their bytes in another order, than a tensor has.
Tensor read_rearranged(NpyHeader& header, std::string_view data, int64_t num_elements) {
  Tensor tensor = Tensor::zeros(header.type, header.dims);
  char* const out = reinterpret_cast<char*>(tensor.mutable_bytes().data());
  const size_t size = header.item_bytes;
  const bool is_complex = header.type == DataType::kComplex64 || header.type == DataType::kComplex128;
  const size_t part = is_complex ? size / 2 : size;
  for_each_element(header, num_elements, [&](int64_t to, int64_t from) {
    char* const element = out + static_cast<size_t>(to) * size;
    std::memcpy(element, data.data() + static_cast<size_t>(from) * size, size);
    if (!header.is_big_endian) return;
    for (size_t at = 0; at < size; at += part) std::reverse(element + at, element + at + part);
  });
  return tensor;
}

}  // namespace

Tensor parse_npy(std::string_view bytes, std::shared_ptr<const void> owner) {
  NpyHeader header = parse_npy_header(bytes);
  const std::optional<int64_t> num_elements = checked_product(header.dims);
  int64_t size = 0;
  if (!num_elements || __builtin_mul_overflow(*num_elements, static_cast<int64_t>(header.item_bytes), &size)) {
    fail("the product of its dims overflows");
  }
  std::string_view data = bytes.substr(header.data_offset);
  if (static_cast<size_t>(size) > data.size()) {
    fail("its header promises " + std::to_string(size) + " bytes of data, there are " + std::to_string(data.size()));
  }
  data = data.substr(0, static_cast<size_t>(size));
  if (header.type == DataType::kString) return read_strings(header, data, *num_elements);
  const bool is_reordered = header.is_fortran_order && header.dims.size() > 1;
  const bool is_swapped = header.is_big_endian && header.item_bytes > 1;
  if (is_reordered || is_swapped) return read_rearranged(header, data, *num_elements);
  auto storage = std::make_shared<ViewOfOwner>(data, std::move(owner));
  return Tensor(header.type, std::move(header.dims), std::move(storage)).aligned();
}

std::string npy_strings(const Tensor& tensor) {
  if (tensor.type() != DataType::kString) return {};
  const NpyStringForm form = npy_string_form(tensor.strings());
  std::string data;
  data.reserve(tensor.strings().size() * form.item_bytes);
  for (std::string_view text : tensor.strings()) {
    const size_t end = data.size() + form.item_bytes;
    if (form.is_utf32) {
      while (!text.empty()) {
        const CodePoint point = decode_utf8(text);
        const auto unit = static_cast<uint32_t>(point.value);
        data.append(reinterpret_cast<const char*>(&unit), sizeof unit);
        text.remove_prefix(point.size_bytes);
      }
    } else {
      data += text;
    }
    data.resize(end, '\0');
  }
  return data;
}

Tensor load_npy(const std::filesystem::path& path) {
  try {
    auto file = std::make_shared<const MappedFile>(path);
    return parse_npy(file->bytes(), file);
  } catch (const Error& error) {
    throw error.within(escape(path.native()));
  }
}

std::string save_npy_bytes(const Tensor& tensor) {
  std::string bytes = npy_header(tensor);
  bytes += npy_strings(tensor);
  const std::span<const std::byte> raw = tensor.bytes();
  bytes.append(reinterpret_cast<const char*>(raw.data()), raw.size());
  return bytes;
}

void save_npy(const Tensor& tensor, const std::filesystem::path& path) {
  const std::string header = npy_header(tensor);
  const std::string strings = npy_strings(tensor);
  const std::span<const std::byte> raw = tensor.bytes();
  AtomicFile file(path);
  file.write(header);
  file.write(strings);
  file.write({reinterpret_cast<const char*>(raw.data()), raw.size()});
  file.commit();
}

}  // namespace surgery
