// ai.onnx.preview.training Gradient-1: the partial derivatives of one tensor of the graph with respect to others, by
// running the nodes between them again and walking back over them (reverse mode), in double. Where y has several
// elements, the derivative of their sum.

#include "kernels/cpu/gradient.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/loops.h"
#include "runtime/opsets.h"
#include "runtime/scope.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

using surgery::Node;
using surgery::Value;

/// The derivatives of an elementwise operator of one or two inputs with respect to each, where it gives y.
using Derivative = double (*)(double a, double b, double y);
struct Rule {
  std::string_view op_type;
  size_t num_inputs;
  Derivative first;
  Derivative second;
};

constexpr Rule kRules[] = {
    {"Add", 2, [](double, double, double) { return 1.0; }, [](double, double, double) { return 1.0; }},
    {"Sub", 2, [](double, double, double) { return 1.0; }, [](double, double, double) { return -1.0; }},
    {"Mul", 2, [](double, double b, double) { return b; }, [](double a, double, double) { return a; }},
    {"Div", 2, [](double, double b, double) { return 1 / b; }, [](double a, double b, double) { return -a / (b * b); }},
    {"Pow", 2, [](double a, double b, double) { return b * std::pow(a, b - 1); },
     [](double a, double, double y) { return y * std::log(a); }},
    {"Cos", 1, [](double a, double, double) { return -std::sin(a); }, nullptr},
    {"Exp", 1, [](double, double, double y) { return y; }, nullptr},
    {"Identity", 1, [](double, double, double) { return 1.0; }, nullptr},
    {"Log", 1, [](double a, double, double) { return 1 / a; }, nullptr},
    {"Neg", 1, [](double, double, double) { return -1.0; }, nullptr},
    {"Reciprocal", 1, [](double, double, double y) { return -y * y; }, nullptr},
    {"Relu", 1, [](double a, double, double) { return a > 0 ? 1.0 : 0.0; }, nullptr},
    {"Sigmoid", 1, [](double, double, double y) { return y * (1 - y); }, nullptr},
    {"Sin", 1, [](double a, double, double) { return std::cos(a); }, nullptr},
    {"Sqrt", 1, [](double, double, double y) { return 0.5 / y; }, nullptr},
    {"Tanh", 1, [](double, double, double y) { return 1 - y * y; }, nullptr},
};

class Differentiation {
 public:
  explicit Differentiation(KernelContext& context) : context_(context), graph_(context.node().graph()) {}

  void run() {
    const std::vector<std::string> xs = context_.attr_strings("xs");
    std::vector<std::string> given = xs;
    const std::vector<std::string> zs = context_.attr_strings("zs");
    given.insert(given.end(), zs.begin(), zs.end());
    if (given.size() != context_.num_inputs()) {
      context_.fail("it has " + std::to_string(context_.num_inputs()) + " inputs, xs and zs name " +
                    std::to_string(given.size()));
    }
    for (size_t i = 0; i < given.size(); ++i) forward_.emplace(&named(given[i]), context_.input(i));
    const Value& y = named(context_.attr_string("y", ""));
    evaluate(y);
    Tensor seed = Tensor::zeros(DataType::kDouble, forward_.at(&y).dims());
    for (double& value : seed.mutable_values<double>()) value = 1;
    backward_.emplace(&y, std::move(seed));
    for (auto node = order_.rbegin(); node != order_.rend(); ++node) walk_back(**node);
    for (size_t i = 0; i < xs.size(); ++i) {
      if (!context_.has_output(i)) continue;
      const Tensor& x = context_.input(i);
      const auto found = backward_.find(&named(xs[i]));
      context_.set_output(
          i, cast_tensor(context_, found == backward_.end() ? Tensor::zeros(x.type(), x.dims()) : found->second,
                         x.type()));
    }
  }

 private:
  const Value& named(const std::string& name) const {
    const Value* value = graph_.find(name);
    if (value == nullptr) context_.fail("the graph has no tensor " + surgery::quote(name));
    return *value;
  }

  /// Runs what `target` depends on, up to the given tensors; an explicit stack, since chains may be long.
  void evaluate(const Value& target) {
    std::vector<const Value*> stack{&target};
    while (!stack.empty()) {
      const Value& value = *stack.back();
      if (forward_.contains(&value)) {
        stack.pop_back();
        continue;
      }
      if (value.initializer() != nullptr) {
        forward_.emplace(&value, value.initializer()->aligned());
        continue;
      }
      const Node* node = value.producer();
      if (node == nullptr || &value.graph() != &graph_ || node == &context_.node()) {
        context_.fail(surgery::quote(target.name()) + " depends on " + surgery::quote(value.name()) +
                      ", which neither xs nor zs name");
      }
      const size_t before = stack.size();
      for (const Value* input : node->inputs()) {
        if (input != nullptr && !forward_.contains(input)) stack.push_back(input);
      }
      if (stack.size() > kMaxDepth) context_.fail("the nodes depend on each other in a circle");
      if (stack.size() == before) execute(*node);
    }
  }

  void execute(const Node& node) {
    NodeInputs inputs;
    for (const Value* input : node.inputs()) inputs.tensors.push_back(input == nullptr ? nullptr : &forward_.at(input));
    KernelEnvironment environment = context_.environment();
    const std::optional<int64_t> version = opsets_of(node).version(node.domain());
    if (!version) fail_without_kernel(node, version);
    environment.opset = *version;
    const std::vector<Datum> results = run_kernel(node, inputs, environment);
    for (size_t i = 0; i < results.size(); ++i) {
      if (node.output(i) == nullptr) continue;
      if (!results[i].is_tensor()) context_.unsupported(describe(node) + " gives what is no tensor");
      forward_.emplace(node.output(i), results[i].tensor());
    }
    order_.push_back(&node);
  }

  void walk_back(const Node& node) {
    const auto found = backward_.find(node.output(0));
    if (found == backward_.end()) return;
    const Tensor gradient = found->second;
    if (node.is("MatMul")) return matmul_back(node, gradient);
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& each) {
      return node.is(each.op_type) && each.num_inputs == node.inputs().size();
    });
    if (rule == std::end(kRules)) {
      context_.unsupported("the derivative of " + describe(node) + " is not supported");
    }
    for (size_t i = 0; i < rule->num_inputs; ++i)
      elementwise_back(node, i, i == 0 ? rule->first : rule->second, gradient);
  }

  /// The gradient with respect to one input, summed over the places that it was broadcast to.
  void elementwise_back(const Node& node, size_t input, Derivative derivative, const Tensor& gradient) {
    const Tensor y = wide(*node.output(0));
    const Tensor a = wide(*node.input(0));
    const Tensor b = wide(*node.input(node.inputs().size() - 1));
    const Tensor& wanted = input == 0 ? a : b;
    Tensor result = scratch(context_, DataType::kDouble, wanted.dims());
    double* to = result.mutable_values<double>().data();
    const Dims& dims = y.dims();
    const LoopNest nest(dims, {contiguous_strides(dims), broadcast_strides(a.dims(), dims),
                               broadcast_strides(b.dims(), dims), broadcast_strides(wanted.dims(), dims)});
    nest.for_each_run(0, nest.num_elements(), [&](const LoopNest::Offsets& offsets, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const auto at = [&](size_t operand) { return offsets[operand] + i * nest.run_stride(operand); };
        const double slope =
            derivative(a.values<double>()[static_cast<size_t>(at(1))], b.values<double>()[static_cast<size_t>(at(2))],
                       y.values<double>()[static_cast<size_t>(at(0))]);
        to[at(3)] += slope * gradient.values<double>()[static_cast<size_t>(at(0))];
      }
    });
    add(*node.input(input), std::move(result));
  }

  /// dA = dY * B^T, dB = A^T * dY, for matrices.
  void matmul_back(const Node& node, const Tensor& gradient) {
    const Tensor a = wide(*node.input(0));
    const Tensor b = wide(*node.input(1));
    if (a.rank() != 2 || b.rank() != 2) {
      context_.unsupported("the derivative of " + describe(node) + " is supported for matrices alone");
    }
    const int64_t m = a.dims()[0];
    const int64_t k = a.dims()[1];
    const int64_t n = b.dims()[1];
    Tensor a_gradient = scratch(context_, DataType::kDouble, a.dims());
    Tensor b_gradient = scratch(context_, DataType::kDouble, b.dims());
    double* da = a_gradient.mutable_values<double>().data();
    double* db = b_gradient.mutable_values<double>().data();
    const double* dy = gradient.values<double>().data();
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t p = 0; p < k; ++p) {
        for (int64_t j = 0; j < n; ++j) {
          da[i * k + p] += dy[i * n + j] * b.values<double>()[static_cast<size_t>(p * n + j)];
          db[p * n + j] += dy[i * n + j] * a.values<double>()[static_cast<size_t>(i * k + p)];
        }
      }
    }
    add(*node.input(0), std::move(a_gradient));
    add(*node.input(1), std::move(b_gradient));
  }

  Tensor wide(const Value& value) const { return cast_tensor(context_, forward_.at(&value), DataType::kDouble); }

  void add(const Value& value, Tensor gradient) {
    const auto [entry, is_new] = backward_.try_emplace(&value, gradient);
    if (is_new) return;
    Tensor sum = scratch(context_, DataType::kDouble, gradient.dims());
    const std::span<double> to = sum.mutable_values<double>();
    for (size_t i = 0; i < to.size(); ++i) {
      to[i] = entry->second.values<double>()[i] + gradient.values<double>()[i];
    }
    entry->second = std::move(sum);
  }

  static constexpr size_t kMaxDepth = 1'000'000;

  KernelContext& context_;
  const surgery::Graph& graph_;
  std::map<const Value*, Tensor> forward_;
  std::map<const Value*, Tensor> backward_;
  std::vector<const Node*> order_;  // as executed
};

}  // namespace

void gradient(KernelContext& context) { Differentiation(context).run(); }

}  // namespace exec::cpu
