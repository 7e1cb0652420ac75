#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surgery/data_type.h"

namespace surgery {

/// Field numbers of TensorProto.
namespace tensor_field {
inline constexpr uint32_t kDims = 1;
inline constexpr uint32_t kDataType = 2;
inline constexpr uint32_t kSegment = 3;
inline constexpr uint32_t kFloatData = 4;
inline constexpr uint32_t kInt32Data = 5;
inline constexpr uint32_t kStringData = 6;
inline constexpr uint32_t kInt64Data = 7;
inline constexpr uint32_t kName = 8;
inline constexpr uint32_t kRawData = 9;
inline constexpr uint32_t kDoubleData = 10;
inline constexpr uint32_t kUint64Data = 11;
inline constexpr uint32_t kDocString = 12;
inline constexpr uint32_t kExternalData = 13;
inline constexpr uint32_t kDataLocation = 14;
inline constexpr uint32_t kMetadataProps = 16;
}  // namespace tensor_field

inline constexpr int64_t kMaxRank = 1024;

/// What an encoded TensorProto says, without its elements: those are only looked for, never touched.
struct TensorFields {
  std::string_view source{};  ///< the encoded TensorProto
  std::vector<int64_t> dims{};
  int32_t data_type = 0;
  std::string_view name{};
  bool has_raw_data = false;
  std::string_view raw_data{};
  bool has_segment = false;
  bool is_external = false;
  std::vector<std::pair<std::string_view, std::string_view>> external_entries{};

  // float_data, int32_data, ...: the number of the last one that is not empty, and how many of them are not.
  uint32_t typed_field = 0;
  int num_typed_fields = 0;
  int64_t typed_count = 0;         ///< elements of typed_field outside of packed varints, whose count needs a walk
  std::string_view typed_chunk{};  ///< the packed elements, if all of them lie in one piece
  bool typed_is_one_chunk = false;

  DataType type() const { return static_cast<DataType>(data_type); }
};

/// Throws Error(kRead) for malformed protobuf.
TensorFields parse_tensor_fields(std::string_view source);

/// What is wrong with the tensor by its fields alone ("raw_data has 15 bytes, float[4] needs 16"), or "". Counts of
/// packed varints and external files are not looked at.
std::string fields_fault(const TensorFields& fields);

/// "tensor 'w'", for messages.
std::string tensor_label(std::string_view name);

/// "float[2, 3]", for messages.
std::string describe_type(const TensorFields& fields);

/// The one of float_data, int32_data, ... that holds elements of this type, by the standard; 0 for an invalid type.
uint32_t typed_field_of(DataType type);

/// How many entries of its typed field a tensor has: one per element, two for complex types, one per byte for types
/// of 2 and 4 bits (those of 6 bits are not packed in their typed field).
int64_t num_typed_entries(DataType type, int64_t num_elements);

}  // namespace surgery
