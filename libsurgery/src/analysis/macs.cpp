#include "analysis/macs.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "surgery/error.h"

/// Per operator: a bias and what else is added to a product do not count.
namespace surgery::analysis {
namespace {

/// The shapes around one node.
class Shapes {
 public:
  Shapes(const Node& node, const Inference& inference) : node_(node), inference_(inference) {}

  const Node& node() const { return node_; }
  /// nullptr for an omitted input, and without a rank.
  const Shape* input(size_t index) const { return shape(node_.input(index)); }
  const Shape* output(size_t index) const { return shape(node_.output(index)); }

 private:
  const Shape* shape(const Value* value) const { return value != nullptr ? inference_.shape(*value) : nullptr; }

  const Node& node_;
  const Inference& inference_;
};

Dim elements(const Shape* shape) { return shape != nullptr ? num_elements(*shape) : Dim(); }

Dim dim(const Shape* shape, size_t axis) { return shape != nullptr && axis < shape->size() ? (*shape)[axis] : Dim(); }

/// The product of all dims but the first.
Dim elements_per_row(const Shape* shape) {
  if (shape == nullptr || shape->empty()) return {};
  return num_elements(Shape(shape->begin() + 1, shape->end()));
}

/// Each element of Y [N, M, ...] is a sum over W[m] of W [M, C/group, kernel...].
Dim convolution(const Shapes& at, size_t weight) { return elements(at.output(0)) * elements_per_row(at.input(weight)); }

/// Each element of X [N, C, ...] is spread over W[c] of W [C, M/group, kernel...].
Dim transposed_convolution(const Shapes& at) { return elements(at.input(0)) * elements_per_row(at.input(1)); }

/// Each element of Y is a sum over the inner dim of A, its last one, or the other one with transA.
Dim matrix_product(const Shapes& at, bool transposed = false) {
  const Shape* a = at.input(0);
  if (a == nullptr || a->empty()) return {};
  const size_t inner = transposed && a->size() >= 2 ? a->size() - 2 : a->size() - 1;
  return elements(at.output(0)) * (*a)[inner];
}

/// X [length, batch, ...] meets W [directions, gates*hidden, input], and its results R [directions, gates*hidden,
/// hidden], in every step.
Dim recurrent(const Shapes& at) {
  return dim(at.input(0), 0) * dim(at.input(0), 1) * (elements(at.input(1)) + elements(at.input(2)));
}

/// Q K^T and its product with V, both over all keys, masked ones included. Y has the size of one value per query.
Dim attention(const Shapes& at) {
  const Shape* keys = at.input(1);
  if (keys == nullptr || keys->size() < 3) return {};
  Dim length = (*keys)[keys->size() - 2];
  if (at.node().input(4) != nullptr) length = length + dim(at.input(4), 2);
  return (elements(at.input(0)) + elements(at.output(0))) * length;
}

/// The product of the sizes of all indices of an equation with two or more operands, as one nest of loops computes it.
Dim einsum(const Shapes& at) {
  const size_t count = at.node().inputs().size();
  if (count < 2) return 0;
  const std::string equation = at.node().string_or("equation", "");
  std::map<char, Dim> sizes;
  Dim broadcast = 1;
  size_t operand = 0;
  size_t position = 0;
  const std::string_view left = std::string_view(equation).substr(0, equation.find("->"));
  for (size_t i = 0; i <= left.size() && operand < count; ++i) {
    if (i == left.size() || left[i] == ',') {
      ++operand;
      position = 0;
    } else if (left[i] == '.') {
      return {};  // dims without a name
    } else if (left[i] != ' ') {
      const Dim size = dim(at.input(operand), position++);
      Dim& known = sizes[left[i]];
      if (known.is_unknown() || known.is(1)) known = size;  // a 1 stretches
    }
  }
  for (const auto& [name, size] : sizes) broadcast = broadcast * size;
  return broadcast;
}

struct Rule {
  std::string_view op_type;
  Dim (*count)(const Shapes&);
  std::string_view domain{};
};

bool is_transposed(const Node& node) { return node.int_or("transA", 0) != 0; }

constexpr std::string_view kMicrosoft = "com.microsoft";
constexpr std::array kRules{
    Rule{"Attention", attention},
    Rule{"Conv", [](const Shapes& at) { return convolution(at, 1); }},
    Rule{"ConvInteger", [](const Shapes& at) { return convolution(at, 1); }},
    Rule{"ConvTranspose", transposed_convolution},
    Rule{"DeformConv", [](const Shapes& at) { return convolution(at, 1); }},
    Rule{"Einsum", einsum},
    Rule{"GRU", recurrent},
    Rule{"Gemm", [](const Shapes& at) { return matrix_product(at, is_transposed(at.node())); }},
    Rule{"LSTM", recurrent},
    Rule{"MatMul", [](const Shapes& at) { return matrix_product(at); }},
    Rule{"MatMulInteger", [](const Shapes& at) { return matrix_product(at); }},
    Rule{"QLinearConv", [](const Shapes& at) { return convolution(at, 3); }},
    Rule{"QLinearMatMul", [](const Shapes& at) { return matrix_product(at); }},
    Rule{"RNN", recurrent},
    Rule{"FusedConv", [](const Shapes& at) { return convolution(at, 1); }, kMicrosoft},
    Rule{"FusedGemm", [](const Shapes& at) { return matrix_product(at, is_transposed(at.node())); }, kMicrosoft},
    Rule{"FusedMatMul", [](const Shapes& at) { return matrix_product(at, is_transposed(at.node())); }, kMicrosoft},
    Rule{"QGemm", [](const Shapes& at) { return matrix_product(at, is_transposed(at.node())); }, kMicrosoft},
};

/// 0 where nothing is done in each iteration, even if nobody knows how many there are.
Dim times(const Dim& body, const Dim& iterations) { return body.is(0) ? body : body * iterations; }

}  // namespace

Dim MacCounter::of(const Graph& graph) {
  Dim sum = 0;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) sum = sum + of(*node);
  return sum;
}

Dim MacCounter::of_subgraph(const Node& node, std::string_view attribute) {
  const Attribute* found = node.attribute(attribute);
  return found == nullptr || found->graphs().empty() ? Dim() : of(*found->graphs()[0]);
}

Dim MacCounter::of_loop(const Node& node) {
  const Dim body = of_subgraph(node, "body");
  const Value* count = node.input(0);
  if (count == nullptr) return times(body, {});
  const std::optional<std::vector<Dim>>& content = inference_.fact(*count).content;
  return times(body, content && content->size() == 1 ? (*content)[0] : Dim());
}

Dim MacCounter::of_scan(const Node& node) {
  const Dim body = of_subgraph(node, "body");
  const int64_t num_scanned = node.int_or("num_scan_inputs", 0);
  const auto num_inputs = static_cast<int64_t>(node.inputs().size());
  if (num_scanned < 1 || num_scanned > num_inputs) return times(body, {});
  const Value* scanned = node.input(static_cast<size_t>(num_inputs - num_scanned));
  const Shape* shape = scanned != nullptr ? inference_.shape(*scanned) : nullptr;
  if (model_.opset().value_or(1) < 9) return times(body, dim(shape, 0) * dim(shape, 1));  // [batch, length, ...]
  const std::vector<int64_t> axes = node.ints_or("scan_input_axes", {});
  int64_t axis = axes.empty() ? 0 : axes[0];
  if (axis < 0 && shape != nullptr) axis += static_cast<int64_t>(shape->size());
  return times(body, axis < 0 ? Dim() : dim(shape, static_cast<size_t>(axis)));
}

Dim MacCounter::of_call(const Function& function) {
  // A function that calls itself finds itself here, unknown.
  const auto [entry, is_new] = functions_.try_emplace(&function);
  if (is_new) {
    Dim macs = of(*function.body);
    functions_[&function] = macs;  // the entry may have moved
    return macs;
  }
  return entry->second;
}

Dim MacCounter::of(const Node& node) {
  if (const Function* function = model_.find_function(node.domain(), node.op_type(), node.overload())) {
    return of_call(*function);
  }
  try {
    if (node.is("If")) return max(of_subgraph(node, "then_branch"), of_subgraph(node, "else_branch"));
    if (node.is("Loop")) return of_loop(node);
    if (node.is("Scan")) return of_scan(node);
    for (const Rule& rule : kRules) {
      if (node.is(rule.op_type, rule.domain)) return rule.count(Shapes(node, inference_));
    }
  } catch (const Error&) {
    return {};  // an attribute of another type than the operator wants
  }
  return 0;
}

}  // namespace surgery::analysis
