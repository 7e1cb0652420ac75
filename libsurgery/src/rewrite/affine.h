#pragma once

#include <string_view>
#include <vector>

#include "surgery/rewrite.h"

namespace surgery {

/// y = scale[c] * x + shift[c], one pair per channel c, in double.
struct ChannelAffine {
  std::vector<double> scale;
  std::vector<double> shift;
};

/// What a rewrite found: the value, or why there is none (static text).
template <typename T>
struct Found {
  T value{};
  std::string_view reason;  ///< empty: found

  explicit operator bool() const { return reason.empty(); }
  static Found none(std::string_view why) { return {{}, why}; }
};

/// The affine map per channel (axis 1) that a BatchNormalization in inference form with constant parameters computes:
/// scale = s / sqrt(var + epsilon), shift = B - mean * scale.
Found<ChannelAffine> affine_of_batch_norm(const Node& node, const Rewriter& rewriter);

/// The affine map per channel (axis 1) that an Add, Sub, Mul or Div of input `data_index` and a constant computes on a
/// tensor of this rank and number of channels. The constant must be one number, or one per channel, and must not make
/// the result larger than the data.
Found<ChannelAffine> affine_of_arithmetic(const Node& node, size_t data_index, int64_t rank, int64_t num_channels,
                                          const Rewriter& rewriter);

/// One factor per element of the index that runs over [outer, channel, inner].
struct ChannelLayout {
  int64_t outer = 1;
  int64_t channels = 1;
  int64_t inner = 1;
};

/// weight[o, c, i] * factor[c] in double, rounded to the weight's type (float, double, float16, bfloat16). An
/// undefined Tensor when the type is another one, or a finite weight overflows its type.
Tensor scaled(const Tensor& weight, const ChannelLayout& layout, const std::vector<double>& factors);

/// A tensor of real numbers of this type, each rounded; undefined when one overflows.
Tensor rounded(DataType type, std::vector<int64_t> dims, const std::vector<double>& values);

}  // namespace surgery
