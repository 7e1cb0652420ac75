#pragma once

#include <cstdint>

/// Field numbers of the messages of onnx.proto that the reader and the writer know.
namespace surgery {

namespace model_field {
inline constexpr uint32_t kIrVersion = 1;
inline constexpr uint32_t kProducerName = 2;
inline constexpr uint32_t kProducerVersion = 3;
inline constexpr uint32_t kDomain = 4;
inline constexpr uint32_t kModelVersion = 5;
inline constexpr uint32_t kDocString = 6;
inline constexpr uint32_t kGraph = 7;
inline constexpr uint32_t kOpsetImport = 8;
inline constexpr uint32_t kMetadataProps = 14;
inline constexpr uint32_t kTrainingInfo = 20;
inline constexpr uint32_t kFunctions = 25;
inline constexpr uint32_t kConfiguration = 26;
}  // namespace model_field

namespace graph_field {
inline constexpr uint32_t kNode = 1;
inline constexpr uint32_t kName = 2;
inline constexpr uint32_t kInitializer = 5;
inline constexpr uint32_t kDocString = 10;
inline constexpr uint32_t kInput = 11;
inline constexpr uint32_t kOutput = 12;
inline constexpr uint32_t kValueInfo = 13;
inline constexpr uint32_t kQuantizationAnnotation = 14;
inline constexpr uint32_t kSparseInitializer = 15;
inline constexpr uint32_t kMetadataProps = 16;
}  // namespace graph_field

namespace node_field {
inline constexpr uint32_t kInput = 1;
inline constexpr uint32_t kOutput = 2;
inline constexpr uint32_t kName = 3;
inline constexpr uint32_t kOpType = 4;
inline constexpr uint32_t kAttribute = 5;
inline constexpr uint32_t kDocString = 6;
inline constexpr uint32_t kDomain = 7;
inline constexpr uint32_t kOverload = 8;
inline constexpr uint32_t kMetadataProps = 9;
inline constexpr uint32_t kDeviceConfigurations = 10;
}  // namespace node_field

namespace attribute_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kFloat = 2;
inline constexpr uint32_t kInt = 3;
inline constexpr uint32_t kString = 4;
inline constexpr uint32_t kTensor = 5;
inline constexpr uint32_t kGraph = 6;
inline constexpr uint32_t kFloats = 7;
inline constexpr uint32_t kInts = 8;
inline constexpr uint32_t kStrings = 9;
inline constexpr uint32_t kTensors = 10;
inline constexpr uint32_t kGraphs = 11;
inline constexpr uint32_t kDocString = 13;
inline constexpr uint32_t kTypeProto = 14;
inline constexpr uint32_t kTypeProtos = 15;
inline constexpr uint32_t kType = 20;
inline constexpr uint32_t kRefAttrName = 21;
inline constexpr uint32_t kSparseTensor = 22;
inline constexpr uint32_t kSparseTensors = 23;
}  // namespace attribute_field

namespace function_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kInput = 4;
inline constexpr uint32_t kOutput = 5;
inline constexpr uint32_t kAttribute = 6;
inline constexpr uint32_t kNode = 7;
inline constexpr uint32_t kOpsetImport = 9;
inline constexpr uint32_t kDomain = 10;
inline constexpr uint32_t kAttributeProto = 11;
inline constexpr uint32_t kValueInfo = 12;
inline constexpr uint32_t kOverload = 13;
inline constexpr uint32_t kMetadataProps = 14;
}  // namespace function_field

namespace value_info_field {
inline constexpr uint32_t kName = 1;
inline constexpr uint32_t kType = 2;
inline constexpr uint32_t kMetadataProps = 4;
}  // namespace value_info_field

namespace sparse_tensor_field {
inline constexpr uint32_t kValues = 1;
inline constexpr uint32_t kIndices = 2;
inline constexpr uint32_t kDims = 3;
}  // namespace sparse_tensor_field

}  // namespace surgery
