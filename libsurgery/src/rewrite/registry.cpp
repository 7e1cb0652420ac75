#include <array>

#include "surgery/rewrite.h"

namespace surgery {

// Every rewrite by the function that gives it, in the order in which the driver tries them at a node.
#define NODE_REWRITES(ENTRY)            \
  ENTRY(remove_identity)                \
  ENTRY(remove_dropout)                 \
  ENTRY(remove_no_op_cast)              \
  ENTRY(remove_no_op_reshape)           \
  ENTRY(remove_no_op_expand)            \
  ENTRY(remove_no_op_transpose)         \
  ENTRY(remove_no_op_slice)             \
  ENTRY(remove_no_op_pad)               \
  ENTRY(remove_no_op_clip)              \
  ENTRY(remove_single_input)            \
  ENTRY(remove_neutral_arithmetic)      \
  ENTRY(fold_shape_content)             \
  ENTRY(fold_constants)                 \
  ENTRY(simplify_reshape_target)        \
  ENTRY(simplify_expand_target)         \
  ENTRY(simplify_slice_ends)            \
  ENTRY(merge_reshapes)                 \
  ENTRY(merge_transposes)               \
  ENTRY(replace_transpose_by_reshape)   \
  ENTRY(merge_slices)                   \
  ENTRY(merge_concats)                  \
  ENTRY(merge_gather_unsqueeze)         \
  ENTRY(remove_zero_initial_state)      \
  ENTRY(fuse_conv_batch_norm)           \
  ENTRY(fuse_conv_transpose_batch_norm) \
  ENTRY(fuse_gemm_batch_norm)           \
  ENTRY(fuse_batch_norm_conv)           \
  ENTRY(fuse_batch_norm_gemm)           \
  ENTRY(fuse_conv_arithmetic)           \
  ENTRY(fuse_matmul_add)                \
  ENTRY(fuse_gemm_arithmetic)           \
  ENTRY(fuse_pad)                       \
  ENTRY(fuse_hard_swish)

// Those that look at whole graphs, in the order in which they run when no node matches any more.
#define GRAPH_REWRITES(ENTRY)            \
  ENTRY(eliminate_dead_nodes)            \
  ENTRY(eliminate_common_subexpressions) \
  ENTRY(merge_equal_shape_values)        \
  ENTRY(make_constants_initializers)     \
  ENTRY(merge_equal_initializers)        \
  ENTRY(remove_unused_initializers)

#define DECLARE(function) const Rewrite& function();
NODE_REWRITES(DECLARE)
#undef DECLARE
#define DECLARE(function) const GraphRewrite& function();
GRAPH_REWRITES(DECLARE)
#undef DECLARE

#define ADDRESS(function) &function(),

std::span<const Rewrite* const> all_rewrites() {
  static const auto kAll = std::to_array<const Rewrite*>({NODE_REWRITES(ADDRESS)});
  return kAll;
}

std::span<const GraphRewrite* const> all_graph_rewrites() {
  static const auto kAll = std::to_array<const GraphRewrite*>({GRAPH_REWRITES(ADDRESS)});
  return kAll;
}

}  // namespace surgery
