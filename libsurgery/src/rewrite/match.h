#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "surgery/rewrite.h"

namespace surgery {

/// What rewrites ask again and again. Nothing here changes a graph.

/// False when an attribute takes its value from the call of a function, so that it is not known here.
bool has_known_attributes(const Node& node);

/// The node that makes the value if it is such an operator of the default domain with known attributes; else nullptr.
Node* producer(const Value* value, std::string_view op_type);

/// The only reader of a value that is no graph output, if it is such an operator with known attributes; else nullptr.
Node* only_reader(const Value& value, std::string_view op_type);

/// Whether all outputs but the first are omitted or unused.
bool only_first_output_used(const Node& node);

/// The elements of a constant integer tensor in order, whatever its shape; nothing when it is none or over 4096 long.
std::optional<std::vector<int64_t>> constant_ints(const Rewriter& rewriter, const Value* value);

/// The number that every element of a constant real tensor is; nothing when they differ, are NaN or there are none.
std::optional<double> uniform_constant(const Rewriter& rewriter, const Value* value);

/// Rank of a value; nothing when it is not known.
std::optional<int64_t> rank(const Rewriter& rewriter, const Value* value);

/// Whether both have known shapes of the same rank with dims proven equal in every run.
bool proven_same_shape(const Rewriter& rewriter, const Value& a, const Value& b);

/// `axis` counted from the front; nothing when it is out of range.
std::optional<int64_t> normalize_axis(int64_t axis, int64_t rank);

/// Whether these are 0, 1, 2, ...
bool is_identity_permutation(const std::vector<int64_t>& perm);

/// Bytes of a tensor of this type when type and all dims are known.
std::optional<int64_t> static_size_bytes(const Rewriter& rewriter, const Value& value);

}  // namespace surgery
