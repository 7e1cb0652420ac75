#include "io/well_formed.h"

#include <array>
#include <string>

#include "io/wire.h"
#include "surgery/error.h"

namespace surgery {
namespace {

using enum Message;

constexpr int kMaxDepth = 100;

struct Inner {
  Message parent;
  uint32_t number;
  Message child;
};

constexpr Inner kInner[] = {
    {kModel, 7, kGraph},
    {kModel, 8, kFlat},
    {kModel, 14, kFlat},
    {kModel, 20, kTrainingInfo},
    {kModel, 25, kFunction},
    {kModel, 26, kFlat},
    {kGraph, 1, kNode},
    {kGraph, 5, kTensor},
    {kGraph, 11, kValueInfo},
    {kGraph, 12, kValueInfo},
    {kGraph, 13, kValueInfo},
    {kGraph, 14, kAnnotation},
    {kGraph, 15, kSparseTensor},
    {kGraph, 16, kFlat},
    {kNode, 5, kAttribute},
    {kNode, 9, kFlat},
    {kNode, 10, kNodeDevice},
    {kNodeDevice, 2, kShardingSpec},
    {kShardingSpec, 3, kDeviceList},
    {kShardingSpec, 4, kShardedDim},
    {kShardedDim, 2, kFlat},
    {kAttribute, 5, kTensor},
    {kAttribute, 6, kGraph},
    {kAttribute, 10, kTensor},
    {kAttribute, 11, kGraph},
    {kAttribute, 14, kType},
    {kAttribute, 15, kType},
    {kAttribute, 22, kSparseTensor},
    {kAttribute, 23, kSparseTensor},
    {kValueInfo, 2, kType},
    {kValueInfo, 4, kFlat},
    {kType, 1, kTensorType},
    {kType, 4, kElementType},
    {kType, 5, kMapType},
    {kType, 7, kFlat},
    {kType, 8, kTensorType},
    {kType, 9, kElementType},
    {kTensorType, 2, kShape},
    {kShape, 1, kFlat},
    {kElementType, 1, kType},
    {kMapType, 2, kType},
    {kTensor, 3, kFlat},
    {kTensor, 13, kFlat},
    {kTensor, 16, kFlat},
    {kSparseTensor, 1, kTensor},
    {kSparseTensor, 2, kTensor},
    {kTrainingInfo, 1, kGraph},
    {kTrainingInfo, 2, kGraph},
    {kTrainingInfo, 3, kFlat},
    {kTrainingInfo, 4, kFlat},
    {kAnnotation, 2, kFlat},
    {kFunction, 7, kNode},
    {kFunction, 9, kFlat},
    {kFunction, 11, kAttribute},
    {kFunction, 12, kValueInfo},
    {kFunction, 14, kFlat},
};

/// Repeated numbers that may come packed; the size of one, 0 for varints.
struct Packed {
  Message parent;
  uint32_t number;
  size_t size;
};

constexpr Packed kPacked[] = {
    {kAttribute, 7, 4},    {kAttribute, 8, 0},    {kTensor, 1, 0},     {kTensor, 4, 4},
    {kTensor, 5, 0},       {kTensor, 7, 0},       {kTensor, 10, 8},    {kTensor, 11, 0},
    {kSparseTensor, 3, 0}, {kShardingSpec, 2, 0}, {kDeviceList, 2, 0},
};

constexpr size_t kNumMessages = 20;
constexpr size_t kNumFields = 32;
constexpr uint8_t kNothing = 255;

constexpr auto kChildOf = [] {
  std::array<std::array<uint8_t, kNumFields>, kNumMessages> table{};
  for (auto& row : table) row.fill(kNothing);
  for (const Inner& inner : kInner)
    table[static_cast<size_t>(inner.parent)][inner.number] = static_cast<uint8_t>(inner.child);
  return table;
}();

void require_packed(const wire::Field& field, Message parent) {
  for (const Packed& packed : kPacked) {
    if (packed.parent != parent || packed.number != field.number()) continue;
    if (packed.size == 0) {
      wire::require_whole_varints(field.bytes);
    } else if (field.bytes.size() % packed.size != 0) {
      throw Error(ErrorCode::kRead, "malformed protobuf: packed numbers are cut short");
    }
  }
}

void require_well_formed_at(std::string_view source, Message message, int depth) {
  if (depth > kMaxDepth) {
    throw Error(ErrorCode::kRead, "malformed protobuf: messages are nested deeper than " + std::to_string(kMaxDepth));
  }
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag != wire::tag(field.number(), wire::kLength) || field.number() >= kNumFields) continue;
    const uint8_t child = kChildOf[static_cast<size_t>(message)][field.number()];
    if (child != kNothing) {
      require_well_formed_at(field.bytes, static_cast<Message>(child), depth + 1);
    } else {
      require_packed(field, message);
    }
  }
}

}  // namespace

void require_well_formed(std::string_view source, Message message) { require_well_formed_at(source, message, 0); }

}  // namespace surgery
