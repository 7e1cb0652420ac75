#include <algorithm>
#include <tuple>

#include "exec/kernel.h"
#include "kernels/cpu/families.h"
#include "surgery/schema.h"

namespace exec {
namespace {

using Family = std::span<const Kernel> (*)();

/// The one list of families.
constexpr Family kFamilies[] = {
    // clang-format off
    cpu::activation_kernels,
    cpu::arg_extreme_kernels,
    cpu::arithmetic_kernels,
    cpu::attention_kernels,
    cpu::batch_norm_kernels,
    cpu::bit_cast_kernels,
    cpu::cast_kernels,
    cpu::center_crop_pad_kernels,
    cpu::clip_kernels,
    cpu::comparison_kernels,
    cpu::concat_kernels,
    cpu::constant_kernels,
    cpu::contrib_activation_kernels,
    cpu::contrib_attention_kernels,
    cpu::contrib_group_query_kernels,
    cpu::contrib_norm_kernels,
    cpu::contrib_product_kernels,
    cpu::contrib_quantized_kernels,
    cpu::contrib_tokenizer_kernels,
    cpu::control_flow_kernels,
    cpu::conv_integer_kernels,
    cpu::conv_kernels,
    cpu::conv_transpose_kernels,
    cpu::cumulative_kernels,
    cpu::deform_conv_kernels,
    cpu::depth_space_kernels,
    cpu::determinant_kernels,
    cpu::dropout_kernels,
    cpu::einsum_kernels,
    cpu::expand_kernels,
    cpu::flex_attention_kernels,
    cpu::gather_kernels,
    cpu::gemm_kernels,
    cpu::global_pooling_kernels,
    cpu::grid_sample_kernels,
    cpu::image_decoder_kernels,
    cpu::instance_norm_kernels,
    cpu::layer_norm_kernels,
    cpu::linear_attention_kernels,
    cpu::loss_kernels,
    cpu::lstm_kernels,
    cpu::matmul_integer_kernels,
    cpu::matmul_kernels,
    cpu::ml_encoder_kernels,
    cpu::ml_feature_kernels,
    cpu::ml_linear_kernels,
    cpu::ml_map_kernels,
    cpu::ml_svm_kernels,
    cpu::ml_tree_kernels,
    cpu::non_max_suppression_kernels,
    cpu::one_hot_kernels,
    cpu::pad_kernels,
    cpu::pooling_kernels,
    cpu::pow_kernels,
    cpu::quantize_kernels,
    cpu::random_kernels,
    cpu::reduce_kernels,
    cpu::reshape_kernels,
    cpu::optional_kernels,  // after reshape: its Identity takes what is no tensor
    cpu::resize_kernels,
    cpu::rnn_kernels,
    cpu::roi_pooling_kernels,
    cpu::rotary_embedding_kernels,
    cpu::scan_kernels,
    cpu::scatter_kernels,
    cpu::select_kernels,
    cpu::sequence_kernels,
    cpu::shape_kernels,
    cpu::simple_norm_kernels,
    cpu::slice_kernels,
    cpu::softmax_kernels,
    cpu::spectral_kernels,
    cpu::string_kernels,
    cpu::tfidf_vectorizer_kernels,
    cpu::top_k_kernels,
    cpu::training_kernels,
    cpu::transpose_kernels,
    cpu::trilu_kernels,
    cpu::unary_kernels,
    cpu::unique_kernels,
    cpu::unpooling_kernels,
    cpu::variadic_kernels,
    cpu::where_kernels,
    cpu::window_function_kernels,
    // clang-format on
};

std::vector<Kernel> collect() {
  std::vector<Kernel> kernels;
  for (const Family family : kFamilies) {
    const std::span<const Kernel> entries = family();
    kernels.insert(kernels.end(), entries.begin(), entries.end());
  }
  // Stable: the entries of one operator keep the order of their family, the preferred one first.
  std::stable_sort(kernels.begin(), kernels.end(), [](const Kernel& a, const Kernel& b) {
    return std::tie(a.domain, a.op_type) < std::tie(b.domain, b.op_type);
  });
  return kernels;
}

/// The kernels of one operator, all versions.
std::span<const Kernel> kernels_of(std::string_view domain, std::string_view op_type) {
  const std::span<const Kernel> kernels = all_kernels();
  const auto key = std::pair(surgery::schema::normalize_domain(domain), op_type);
  const auto first = std::lower_bound(
      kernels.begin(), kernels.end(), key,
      [](const Kernel& kernel, const auto& wanted) { return std::pair(kernel.domain, kernel.op_type) < wanted; });
  const auto last = std::upper_bound(first, kernels.end(), key, [](const auto& wanted, const Kernel& kernel) {
    return wanted < std::pair(kernel.domain, kernel.op_type);
  });
  return {first, last};
}

bool takes_version(const Kernel& kernel, int64_t opset) {
  return kernel.since_version <= opset && opset <= kernel.until_version;
}

}  // namespace

std::span<const Kernel> all_kernels() {
  static const std::vector<Kernel> kAll = collect();
  return kAll;
}

const Kernel* find_kernel(const surgery::Node& node, int64_t opset, std::span<const DataType> types) {
  for (const Kernel& kernel : kernels_of(node.domain(), node.op_type())) {
    if (!takes_version(kernel, opset)) continue;
    if (kernel.type_input < 0) return &kernel;
    const auto index = static_cast<size_t>(kernel.type_input);
    const DataType type = index < types.size() ? types[index] : DataType::kUndefined;
    if (is_valid(type) && (kernel.types & type_bit(type)) != 0) return &kernel;
  }
  return nullptr;
}

bool has_kernel(std::string_view domain, std::string_view op_type, int64_t opset) {
  const std::span<const Kernel> kernels = kernels_of(domain, op_type);
  return std::any_of(kernels.begin(), kernels.end(),
                     [&](const Kernel& kernel) { return takes_version(kernel, opset); });
}

}  // namespace exec
