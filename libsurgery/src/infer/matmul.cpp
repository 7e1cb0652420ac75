#include <algorithm>
#include <utility>

#include "infer/einsum_equation.h"
#include "infer/families.h"
#include "infer/shapes.h"
#include "surgery/text.h"

/// Matrix products, Einsum and Det.
namespace surgery::infer {
namespace {

/// numpy.matmul of two shapes.
std::optional<Shape> multiplied(InferContext& c, Shape left, Shape right) {
  if (left.empty() || right.empty()) {
    c.fail("a scalar cannot be multiplied as a matrix");
    return std::nullopt;
  }
  const bool left_is_vector = left.size() == 1;
  const bool right_is_vector = right.size() == 1;
  if (left_is_vector) left.insert(left.begin(), Dim(1));
  if (right_is_vector) right.emplace_back(1);
  require_equal(c, left.back(), right[right.size() - 2], "inner dims");
  if (c.failed()) return std::nullopt;
  Shape shape = broadcast(c, Shape(left.begin(), left.end() - 2), Shape(right.begin(), right.end() - 2));
  if (!left_is_vector) shape.push_back(left[left.size() - 2]);
  if (!right_is_vector) shape.push_back(right.back());
  return shape;
}

/// The same of inputs a and b.
std::optional<Shape> multiplied(InferContext& c, size_t a, size_t b) {
  if (c.shape(a) == nullptr || c.shape(b) == nullptr) return std::nullopt;
  return multiplied(c, *c.shape(a), *c.shape(b));
}

void infer_matmul(InferContext& c) { c.set(0, c.element_type(0), multiplied(c, 0, 1)); }
void infer_matmul_integer(InferContext& c) { c.set(0, DataType::kInt32, multiplied(c, 0, 1)); }
void infer_qlinear_matmul(InferContext& c) { c.set(0, c.element_type(7), multiplied(c, 0, 3)); }

/// FusedMatMul: transBatchA moves the axis before the last one to the front, then transA swaps the last two.
Shape fused_operand(const Shape& shape, bool batch_moves, bool is_transposed) {
  Shape moved = shape;
  if (batch_moves && moved.size() > 2) std::rotate(moved.begin(), moved.end() - 2, moved.end() - 1);
  if (is_transposed && moved.size() > 1) std::swap(moved[moved.size() - 1], moved[moved.size() - 2]);
  return moved;
}

void infer_fused_matmul(InferContext& c) {
  c.set(0, c.element_type(0));
  if (c.shape(0) == nullptr || c.shape(1) == nullptr) return;
  const auto operand = [&](size_t input, const char* batch, const char* transposes) {
    return fused_operand(*c.shape(input), c.int_or(batch, 0) != 0, c.int_or(transposes, 0) != 0);
  };
  c.set(0, c.element_type(0), multiplied(c, operand(0, "transBatchA", "transA"), operand(1, "transBatchB", "transB")));
}

void infer_matmul_to_float(InferContext& c) { c.set(0, DataType::kFloat, multiplied(c, 0, 1)); }

/// A [..., K] times a matrix of attributes K and N, a few bits each.
void infer_matmul_nbits(InferContext& c) {
  c.set(0, c.element_type(0));
  if (!require_min_rank(c, 0, 1, "A")) return;
  Shape shape = *c.shape(0);
  require_equal(c, shape.back(), Dim(c.int_or("K", 0)), "last axis of A and K");
  shape.back() = Dim(c.int_or("N", 0));
  c.set(0, c.element_type(0), std::move(shape));
}

void infer_gemm(InferContext& c) {
  const DataType type = c.element_type(0) != DataType::kUndefined ? c.element_type(0) : c.element_type(1);
  c.set(0, type, unknown_dims(2));
  const bool a = require_rank(c, 0, 2, "A");
  const bool b = require_rank(c, 1, 2, "B");
  if (c.failed()) return;
  const size_t rows = c.int_or("transA", 0) != 0 ? 1 : 0;
  const size_t columns = c.int_or("transB", 0) != 0 ? 0 : 1;
  if (a && b) require_equal(c, c.dim(0, 1 - rows), c.dim(1, 1 - columns), "inner dims");
  c.set(0, type, Shape{c.dim(0, rows), c.dim(1, columns)});
  if (c.failed() || c.opset() < 7 || c.shape(2) == nullptr) return;
  const Shape target{c.dim(0, rows), c.dim(1, columns)};
  if (c.shape(2)->size() > 2) return c.fail("input C has rank " + std::to_string(*c.rank(2)) + ", expected at most 2");
  const Shape result = broadcast(c, target, *c.shape(2));
  for (size_t i = 0; i < 2 && !c.failed(); ++i) {
    if (proven_different(result[i], target[i])) {
      c.fail("input C " + escape(to_string(*c.shape(2))) + " does not broadcast to " + escape(to_string(target)));
    }
  }
}

void infer_einsum(InferContext& c) {
  c.set(0, c.element_type(0));
  const std::string equation = c.string_or("equation", "");
  const std::optional<EinsumEquation> einsum = parse_einsum(equation);
  if (!einsum) return c.fail("equation " + quote(equation) + " is malformed");
  if (einsum->operands.size() != c.num_inputs()) {
    return c.fail("equation " + quote(equation) + " has " + std::to_string(einsum->operands.size()) +
                  " operands, the node " + std::to_string(c.num_inputs()));
  }
  std::map<char, Dim> sizes;
  std::map<char, int> counts;
  Shape ellipsis;
  bool complete = true;
  bool has_ellipsis = false;
  for (size_t i = 0; i < einsum->operands.size(); ++i) {
    const std::string& operand = einsum->operands[i];
    const size_t dots = operand.find("...");
    const size_t letters = dots == std::string::npos ? operand.size() : operand.size() - 3;
    for (const char letter : operand) {
      if (letter != '.') ++counts[letter];
    }
    has_ellipsis |= dots != std::string::npos;
    const Shape* shape = c.shape(i);
    if (shape == nullptr) {
      complete = false;
      for (const char letter : operand) {
        if (letter != '.') sizes.try_emplace(letter);
      }
      continue;
    }
    if (shape->size() < letters || (dots == std::string::npos && shape->size() != letters)) {
      return c.fail("operand " + quote(operand) + " of the equation does not fit rank " +
                    std::to_string(shape->size()));
    }
    const size_t covered = shape->size() - letters;
    std::map<char, Dim> own;  // a diagonal has one size, without broadcasting
    for (size_t k = 0, axis = 0; k < operand.size();) {
      if (operand[k] == '.') {
        const auto first = shape->begin() + static_cast<std::ptrdiff_t>(axis);
        ellipsis = broadcast(c, ellipsis, Shape(first, first + static_cast<std::ptrdiff_t>(covered)));
        axis += covered;
        k += 3;
        continue;
      }
      bool clash = false;
      Dim& size = own.try_emplace(operand[k], (*shape)[axis]).first->second;
      size = require_equal(c, size, (*shape)[axis], "sizes of a diagonal");
      if (c.failed()) return;
      const auto [entry, is_new] = sizes.try_emplace(operand[k], size);
      if (!is_new) {
        const Dim merged = entry->second.is_unknown() ? size : broadcast(entry->second, size, clash);
        if (clash) return c.fail("index '" + std::string(1, operand[k]) + "' of the equation has different sizes");
        entry->second = merged;
      }
      ++axis;
      ++k;
    }
  }
  std::string output = einsum->output;
  if (!einsum->has_output) {
    // Implicit: the ellipsis, then the letters that occur once, in the order of the alphabet.
    if (has_ellipsis) output = "...";
    for (const auto& [letter, count] : counts) {
      if (count == 1) output += letter;
    }
  }
  const bool shows_ellipsis = output.find("...") != std::string::npos;
  if (shows_ellipsis && !complete) return;
  Shape shape;
  for (size_t k = 0; k < output.size(); ++k) {
    if (output[k] == '.') {
      shape.insert(shape.end(), ellipsis.begin(), ellipsis.end());
      k += 2;
      continue;
    }
    const auto found = sizes.find(output[k]);
    if (found == sizes.end()) return c.fail("index '" + std::string(1, output[k]) + "' is in no operand");
    shape.push_back(found->second);
  }
  c.set(0, c.element_type(0), std::move(shape));
}

void infer_det(InferContext& c) {
  c.set(0, c.element_type(0));
  if (!require_min_rank(c, 0, 2, "X")) return;
  const Shape& matrices = *c.shape(0);
  require_equal(c, matrices[matrices.size() - 1], matrices[matrices.size() - 2], "sides of the matrices");
  c.set(0, c.element_type(0), Shape(matrices.begin(), matrices.end() - 2));
}

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr Operator kOperators[] = {
    {"DynamicQuantizeMatMul", infer_matmul_to_float, kMicrosoft},
    {"FusedGemm", infer_gemm, kMicrosoft},
    {"FusedMatMul", infer_fused_matmul, kMicrosoft},
    {"MatMulIntegerToFloat", infer_matmul_to_float, kMicrosoft},
    {"MatMulNBits", infer_matmul_nbits, kMicrosoft},
    {"Det", infer_det},
    {"Einsum", infer_einsum},
    {"Gemm", infer_gemm},
    {"MatMul", infer_matmul},
    {"MatMulInteger", infer_matmul_integer},
    {"QLinearMatMul", infer_qlinear_matmul},
};

}  // namespace

std::span<const Operator> matmul_operators() { return kOperators; }

}  // namespace surgery::infer
