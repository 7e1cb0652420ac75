#include <algorithm>

#include "edit/dims/companions.h"
#include "edit/dims/mender.h"

namespace surgery::dims {
namespace {

struct Entry {
  std::string_view op_type;
  Rule rule;
};

// By name, for the search.
constexpr Entry kRules[] = {
    {"Add", &check_broadcast},
    {"AffineGrid", &mend_affine_grid},
    {"And", &check_broadcast},
    {"ArgMax", &check_mixing},
    {"ArgMin", &check_mixing},
    {"Attention", &check_mixing},
    {"AveragePool", &check_mixing},
    {"BatchNormalization", &check_mixing},
    {"BitShift", &check_broadcast},
    {"BitwiseAnd", &check_broadcast},
    {"BitwiseOr", &check_broadcast},
    {"BitwiseXor", &check_broadcast},
    {"CausalConvWithState", &check_mixing},
    {"CenterCropPad", &check_mixing},
    {"Col2Im", &check_mixing},
    {"Compress", &check_mixing},
    {"Concat", &check_concat},
    {"Conv", &check_mixing},
    {"ConvInteger", &check_mixing},
    {"ConvTranspose", &check_mixing},
    {"CumProd", &check_mixing},
    {"CumSum", &check_mixing},
    {"DFT", &check_mixing},
    {"DeformConv", &check_mixing},
    {"DepthToSpace", &check_mixing},
    {"DequantizeLinear", &check_mixing},
    {"Det", &check_mixing},
    {"Div", &check_broadcast},
    {"DynamicQuantizeLinear", &check_mixing},
    {"Einsum", &check_einsum},
    {"Equal", &check_broadcast},
    {"Expand", &mend_expand},
    {"EyeLike", &check_mixing},
    {"Flatten", &mend_reshape},
    {"FlexAttention", &check_mixing},
    {"GRU", &check_recurrent},
    {"Gather", &check_mixing},
    {"GatherElements", &check_mixing},
    {"GatherND", &check_mixing},
    {"Gemm", &check_matmul},
    {"GlobalAveragePool", &check_mixing},
    {"GlobalLpPool", &check_mixing},
    {"GlobalMaxPool", &check_mixing},
    {"Greater", &check_broadcast},
    {"GreaterOrEqual", &check_broadcast},
    {"GridSample", &check_mixing},
    {"GroupNormalization", &check_mixing},
    {"Hardmax", &check_mixing},
    {"If", &check_if},
    {"InstanceNormalization", &check_mixing},
    {"LRN", &check_mixing},
    {"LSTM", &check_recurrent},
    {"LayerNormalization", &check_mixing},
    {"Less", &check_broadcast},
    {"LessOrEqual", &check_broadcast},
    {"LinearAttention", &check_mixing},
    {"LogSoftmax", &check_mixing},
    {"Loop", &check_loop},
    {"LpNormalization", &check_mixing},
    {"LpPool", &check_mixing},
    {"MatMul", &check_matmul},
    {"MatMulInteger", &check_matmul},
    {"Max", &check_broadcast},
    {"MaxPool", &check_mixing},
    {"MaxRoiPool", &check_mixing},
    {"MaxUnpool", &check_mixing},
    {"Mean", &check_broadcast},
    {"MeanVarianceNormalization", &check_mixing},
    {"Min", &check_broadcast},
    {"Mod", &check_broadcast},
    {"Mul", &check_broadcast},
    {"NegativeLogLikelihoodLoss", &check_mixing},
    {"NonMaxSuppression", &check_mixing},
    {"NonZero", &check_mixing},
    {"Or", &check_broadcast},
    {"PRelu", &check_broadcast},
    {"Pad", &check_mixing},
    {"Pow", &check_broadcast},
    {"QLinearConv", &check_mixing},
    {"QLinearMatMul", &check_matmul},
    {"QuantizeLinear", &check_mixing},
    {"RMSNormalization", &check_mixing},
    {"RNN", &check_recurrent},
    {"ReduceL1", &check_mixing},
    {"ReduceL2", &check_mixing},
    {"ReduceLogSum", &check_mixing},
    {"ReduceLogSumExp", &check_mixing},
    {"ReduceMax", &check_mixing},
    {"ReduceMean", &check_mixing},
    {"ReduceMin", &check_mixing},
    {"ReduceProd", &check_mixing},
    {"ReduceSum", &check_mixing},
    {"ReduceSumSquare", &check_mixing},
    {"Reshape", &mend_reshape},
    {"Resize", &mend_resize},
    {"ReverseSequence", &check_mixing},
    {"RoiAlign", &check_mixing},
    {"RotaryEmbedding", &check_mixing},
    {"STFT", &check_mixing},
    {"Scan", &check_loop},
    {"Scatter", &check_mixing},
    {"ScatterElements", &check_mixing},
    {"ScatterND", &check_mixing},
    {"Slice", &mend_slice},
    {"Softmax", &check_mixing},
    {"SoftmaxCrossEntropyLoss", &check_mixing},
    {"SpaceToDepth", &check_mixing},
    {"Split", &mend_split},
    {"SplitToSequence", &check_mixing},
    {"Squeeze", &mend_squeeze},
    {"StringNormalizer", &check_mixing},
    {"Sub", &check_broadcast},
    {"Sum", &check_broadcast},
    {"TensorScatter", &check_mixing},
    {"TfIdfVectorizer", &check_mixing},
    {"Tile", &carry_tile},
    {"TopK", &check_mixing},
    {"Trilu", &check_mixing},
    {"Unique", &check_mixing},
    {"Upsample", &check_mixing},
    {"Where", &check_broadcast},
    {"Xor", &check_broadcast},
};

}  // namespace

Rule find_rule(const Node& node) {
  if (node.domain() == "ai.onnx.ml") return &check_mixing;
  if (node.domain() == "com.microsoft") {
    const bool is_pair = node.op_type() == "QLinearAdd" || node.op_type() == "QLinearMul";
    return is_pair ? &check_quantized_broadcast : &check_companions;
  }
  const auto found = std::lower_bound(std::begin(kRules), std::end(kRules), node.op_type(),
                                      [](const Entry& entry, const std::string& type) { return entry.op_type < type; });
  return found != std::end(kRules) && node.is(found->op_type) ? found->rule : nullptr;
}

}  // namespace surgery::dims
