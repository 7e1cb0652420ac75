#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/data_type.h"

namespace surgery {

/// The header of a .npy file (numpy.lib.format, versions 1.0 to 3.0).
struct NpyHeader {
  DataType type = DataType::kUndefined;
  size_t item_bytes = 0;  ///< of one element in the file
  bool is_big_endian = false;
  bool is_utf32 = false;  ///< of strings: UTF-32 ("U"), otherwise bytes ("S")
  bool is_fortran_order = false;
  std::vector<int64_t> dims{};
  size_t data_offset = 0;
};

/// Throws Error(kRead): not a .npy file, a version or type that is not known, a header that does not parse.
NpyHeader parse_npy_header(std::string_view bytes);

/// How strings are written: as UTF-32, or as bytes when one is not valid UTF-8; all of the width of the longest.
struct NpyStringForm {
  bool is_utf32 = true;
  size_t item_bytes = 0;
};
NpyStringForm npy_string_form(std::span<const std::string> strings);

}  // namespace surgery
