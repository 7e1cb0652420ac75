#pragma once

#include <cstdint>
#include <string_view>

namespace surgery {

/// The messages of onnx.proto, as far as one contains others or packed numbers.
enum class Message : uint8_t {
  kFlat,  ///< strings and numbers only
  kModel,
  kGraph,
  kNode,
  kNodeDevice,
  kShardingSpec,
  kShardedDim,
  kAttribute,
  kValueInfo,
  kType,
  kTensorType,
  kShape,
  kElementType,  ///< Sequence, Optional
  kMapType,
  kTensor,
  kSparseTensor,
  kTrainingInfo,
  kAnnotation,
  kFunction,
  kDeviceList,  ///< IntIntListEntryProto
};

/// Throws Error(kRead) where protobuf would not parse the message: for the parts of a model that the reader keeps but
/// does not look into. Messages inside may be 100 deep, as with protobuf.
void require_well_formed(std::string_view source, Message message);

}  // namespace surgery
