#pragma once

#include "rewrite/affine.h"
#include "surgery/rewrite.h"

namespace surgery {

/// Folding an affine map per channel into the linear operator before or behind it. All of these require that the
/// linear operator's weight is constant and read by nothing else (a copy would make the model larger), its bias absent
/// or constant, and that both nodes sit in one graph. They change nothing when they decline.

/// `tail` computes scale[c] * y + shift[c] of y, the result of `conv` (Conv or ConvTranspose), which nothing else
/// reads. `tail` becomes the Conv with weight W * scale and bias b * scale + shift.
RewriteResult fold_into_conv(Node& tail, Node& conv, const ChannelAffine& affine, Rewriter& rewriter);

/// The same for a Gemm, or a MatMul of two matrices (which becomes a Gemm where a bias arises). Channels are columns.
RewriteResult fold_into_gemm(Node& tail, Node& gemm, const ChannelAffine& affine, Rewriter& rewriter);

/// Number of channels that a Conv or ConvTranspose with a constant weight makes, or nothing.
std::optional<int64_t> num_conv_channels(const Node& conv, const Rewriter& rewriter);
/// Number of columns that a Gemm or MatMul with a constant matrix on the right makes, or nothing.
std::optional<int64_t> num_gemm_columns(const Node& gemm, const Rewriter& rewriter);

/// The attributes of a node, for another one.
std::vector<Attribute> copy_attributes(const Node& node);

}  // namespace surgery
