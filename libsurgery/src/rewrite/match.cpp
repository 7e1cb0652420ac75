#include "rewrite/match.h"

#include <algorithm>

namespace surgery {

bool has_known_attributes(const Node& node) {
  return std::all_of(node.attributes().begin(), node.attributes().end(),
                     [](const Attribute& attribute) { return attribute.ref_attr_name().empty(); });
}

Node* producer(const Value* value, std::string_view op_type) {
  if (value == nullptr || value->producer() == nullptr) return nullptr;
  Node* node = value->producer();
  return node->is(op_type) && has_known_attributes(*node) ? node : nullptr;
}

Node* only_reader(const Value& value, std::string_view op_type) {
  if (!value.has_one_use()) return nullptr;
  Node* node = value.uses()[0].node;
  return node->is(op_type) && has_known_attributes(*node) ? node : nullptr;
}

bool only_first_output_used(const Node& node) {
  for (size_t i = 1; i < node.outputs().size(); ++i) {
    if (node.output(i) != nullptr && !node.output(i)->is_unused()) return false;
  }
  return node.output(0) != nullptr;
}

std::optional<std::vector<int64_t>> constant_ints(const Rewriter& rewriter, const Value* value) {
  const auto tensor = rewriter.constant(value);
  if (tensor == nullptr || !is_integer(tensor->type())) return std::nullopt;
  return tensor->to_int64s();
}

std::optional<double> uniform_constant(const Rewriter& rewriter, const Value* value) {
  const auto tensor = rewriter.constant(value);
  if (tensor == nullptr || tensor->num_elements() == 0) return std::nullopt;
  std::optional<double> number;
  const auto all_equal = [&](const auto& elements) {
    const bool equal = std::all_of(elements.begin(), elements.end(), [&](auto x) { return x == elements[0]; });
    if (equal) number = static_cast<double>(elements[0]);
  };
  if (is_float(tensor->type())) {
    if (const auto reals = tensor->to_doubles(1 << 16)) all_equal(*reals);
  } else if (const auto integers = tensor->to_int64s(1 << 16)) {
    all_equal(*integers);
  }
  return number;
}

std::optional<int64_t> rank(const Rewriter& rewriter, const Value* value) {
  const Shape* shape = value != nullptr ? rewriter.shape(*value) : nullptr;
  if (shape == nullptr) return std::nullopt;
  return static_cast<int64_t>(shape->size());
}

bool proven_same_shape(const Rewriter& rewriter, const Value& a, const Value& b) {
  const Shape* left = rewriter.shape(a);
  const Shape* right = rewriter.shape(b);
  return left != nullptr && right != nullptr && std::equal(left->begin(), left->end(), right->begin(), right->end());
}

std::optional<int64_t> normalize_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

bool is_identity_permutation(const std::vector<int64_t>& perm) {
  for (size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

std::optional<int64_t> static_size_bytes(const Rewriter& rewriter, const Value& value) {
  const Shape* shape = rewriter.shape(value);
  const auto dims = shape != nullptr ? static_dims(*shape) : std::nullopt;
  const auto count = dims ? checked_product(*dims) : std::nullopt;
  return count ? packed_size_bytes(rewriter.element_type(value), *count) : std::nullopt;
}

}  // namespace surgery
