#pragma once

#include <span>

#include "exec/kernel.h"

/// The operator families: each file of this folder defines one of these, the list of what it implements. Within a
/// family the first entry that takes a node is the one that runs it, so faster variants come first and the reference
/// last. To add a family: declare it here and list it in runtime/kernel_registry.cpp.
namespace exec::cpu {

std::span<const Kernel> activation_kernels();
std::span<const Kernel> arg_extreme_kernels();
std::span<const Kernel> arithmetic_kernels();
std::span<const Kernel> attention_kernels();
std::span<const Kernel> batch_norm_kernels();
std::span<const Kernel> bit_cast_kernels();
std::span<const Kernel> cast_kernels();
std::span<const Kernel> center_crop_pad_kernels();
std::span<const Kernel> clip_kernels();
std::span<const Kernel> comparison_kernels();
std::span<const Kernel> concat_kernels();
std::span<const Kernel> constant_kernels();
std::span<const Kernel> contrib_activation_kernels();
std::span<const Kernel> contrib_attention_kernels();
std::span<const Kernel> contrib_group_query_kernels();
std::span<const Kernel> contrib_norm_kernels();
std::span<const Kernel> contrib_product_kernels();
std::span<const Kernel> contrib_quantized_kernels();
std::span<const Kernel> contrib_tokenizer_kernels();
std::span<const Kernel> control_flow_kernels();
std::span<const Kernel> conv_integer_kernels();
std::span<const Kernel> conv_kernels();
std::span<const Kernel> conv_transpose_kernels();
std::span<const Kernel> cumulative_kernels();
std::span<const Kernel> deform_conv_kernels();
std::span<const Kernel> depth_space_kernels();
std::span<const Kernel> determinant_kernels();
std::span<const Kernel> dropout_kernels();
std::span<const Kernel> einsum_kernels();
std::span<const Kernel> expand_kernels();
std::span<const Kernel> flex_attention_kernels();
std::span<const Kernel> gather_kernels();
std::span<const Kernel> gemm_kernels();
std::span<const Kernel> global_pooling_kernels();
std::span<const Kernel> grid_sample_kernels();
std::span<const Kernel> image_decoder_kernels();
std::span<const Kernel> instance_norm_kernels();
std::span<const Kernel> layer_norm_kernels();
std::span<const Kernel> linear_attention_kernels();
std::span<const Kernel> loss_kernels();
std::span<const Kernel> lstm_kernels();
std::span<const Kernel> matmul_integer_kernels();
std::span<const Kernel> matmul_kernels();
std::span<const Kernel> ml_encoder_kernels();
std::span<const Kernel> ml_feature_kernels();
std::span<const Kernel> ml_linear_kernels();
std::span<const Kernel> ml_map_kernels();
std::span<const Kernel> ml_svm_kernels();
std::span<const Kernel> ml_tree_kernels();
std::span<const Kernel> non_max_suppression_kernels();
std::span<const Kernel> one_hot_kernels();
std::span<const Kernel> optional_kernels();
std::span<const Kernel> pad_kernels();
std::span<const Kernel> pooling_kernels();
std::span<const Kernel> pow_kernels();
std::span<const Kernel> quantize_kernels();
std::span<const Kernel> random_kernels();
std::span<const Kernel> reduce_kernels();
std::span<const Kernel> reshape_kernels();
std::span<const Kernel> resize_kernels();
std::span<const Kernel> rnn_kernels();
std::span<const Kernel> roi_pooling_kernels();
std::span<const Kernel> rotary_embedding_kernels();
std::span<const Kernel> scan_kernels();
std::span<const Kernel> scatter_kernels();
std::span<const Kernel> select_kernels();
std::span<const Kernel> sequence_kernels();
std::span<const Kernel> shape_kernels();
std::span<const Kernel> simple_norm_kernels();
std::span<const Kernel> slice_kernels();
std::span<const Kernel> softmax_kernels();
std::span<const Kernel> spectral_kernels();
std::span<const Kernel> string_kernels();
std::span<const Kernel> tfidf_vectorizer_kernels();
std::span<const Kernel> top_k_kernels();
std::span<const Kernel> training_kernels();
std::span<const Kernel> transpose_kernels();
std::span<const Kernel> trilu_kernels();
std::span<const Kernel> unary_kernels();
std::span<const Kernel> unique_kernels();
std::span<const Kernel> unpooling_kernels();
std::span<const Kernel> variadic_kernels();
std::span<const Kernel> where_kernels();
std::span<const Kernel> window_function_kernels();

}  // namespace exec::cpu
