#include "runtime/scope.h"

#include <algorithm>
#include <deque>
#include <new>
#include <string>
#include <utility>

#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Node;

constexpr int kMaxDepth = 100;

/// Keeps Run::depth right on every way out.
class DepthGuard {
 public:
  DepthGuard(Run& run, const std::string& place) : run_(run) {
    if (run_.depth >= kMaxDepth) {
      throw Error(ErrorCode::kRead,
                  place + ": functions and subgraphs are nested over " + std::to_string(kMaxDepth) + " deep");
    }
    ++run_.depth;
  }
  ~DepthGuard() { --run_.depth; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Run& run_;
};

/// `error`, with the node in front unless it is there already.
Error at_node(const Error& error, const Node& node) {
  const std::string place = describe(node);
  return std::string_view(error.what()).starts_with(place) ? error : error.within(place);
}

std::string types_text(std::span<const DataType> types) {
  std::string text;
  for (const DataType type : types) {
    text += (text.empty() ? "" : ", ") + (is_valid(type) ? std::string(to_string(type)) : std::string("omitted"));
  }
  return text;
}

/// The inputs with unaligned ones replaced by copies, which live as long as this does.
class AlignedInputs {
 public:
  explicit AlignedInputs(std::span<const Tensor* const> inputs) : inputs_(inputs.begin(), inputs.end()) {
    for (const Tensor*& input : inputs_) {
      if (input == nullptr || input->is_aligned()) continue;
      input = &copies_.emplace_back(input->aligned());
    }
  }
  std::span<const Tensor* const> inputs() const { return inputs_; }

 private:
  std::vector<const Tensor*> inputs_;
  std::deque<Tensor> copies_;
};

}  // namespace

std::vector<Tensor> run_kernel(const Node& node, std::span<const Tensor* const> inputs,
                               const KernelEnvironment& environment) {
  std::vector<DataType> types;
  for (const Tensor* input : inputs) types.push_back(input == nullptr ? DataType::kUndefined : input->type());
  const Kernel* kernel = find_kernel(node, environment.opset, types);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": no kernel for " + surgery::escape(node.op_type()) +
                                             " version " + std::to_string(environment.opset) + " on inputs of type (" +
                                             types_text(types) + ")");
  }
  try {
    const AlignedInputs aligned(inputs);
    KernelContext context(node, aligned.inputs(), environment);
    kernel->run(context);
    return context.take_outputs();
  } catch (const Error& error) {
    throw at_node(error, node);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": out of memory");
  }
}

Scope::Scope(Run& run, const GraphPlan& plan, Scope* outer, const CallFrame* frame)
    : run_(run), plan_(plan), outer_(outer), frame_(frame), slots_(plan.values.size()) {}

void Scope::bind(size_t input, Tensor tensor) { slots_[plan_.inputs[input]] = std::move(tensor); }

const Tensor* Scope::find(const ValueRef& ref) const {
  if (ref.is_absent()) return nullptr;
  const Scope* scope = this;
  for (uint32_t i = 0; i < ref.levels_up; ++i) scope = scope->outer_;
  const Tensor& tensor = scope->slots_[ref.slot];
  if (tensor.is_defined()) return &tensor;
  // The initializer is read where it lies, so weights take no memory of their own here.
  return scope->plan_.values[ref.slot]->initializer();
}

void Scope::step(Observer* observer) {
  const NodePlan& step = plan_.nodes[position_++];
  std::vector<const Tensor*> inputs;
  inputs.reserve(step.inputs.size());
  for (const ValueRef& ref : step.inputs) inputs.push_back(find(ref));

  std::vector<Tensor> outputs = execute(step, inputs);
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    if (step.outputs[i] == ValueRef::kAbsent) continue;
    Tensor& slot = slots_[step.outputs[i]];
    slot = run_.meter.count(std::move(outputs[i]));
    if (observer != nullptr) observer->on_value(*step.node->output(i), slot);
  }
  for (const uint32_t slot : step.release) slots_[slot] = Tensor();
}

void Scope::run_all() {
  while (!is_done()) step(nullptr);
}

Tensor Scope::output(size_t index) const {
  const Tensor* tensor = find(plan_.outputs[index]);
  return tensor == nullptr ? Tensor() : *tensor;
}

std::vector<Tensor> Scope::execute(const NodePlan& step, std::span<const Tensor* const> inputs) {
  if (step.function != nullptr) return call(step, inputs);
  return run_kernel(*step.node, inputs,
                    {.opset = step.opset,
                     .max_bytes = run_.meter.bytes_left(),
                     .frame = frame_,
                     .subgraphs = this,
                     .max_iterations = run_.max_iterations});
}

std::vector<Tensor> Scope::call(const NodePlan& step, std::span<const Tensor* const> inputs) {
  const Node& node = *step.node;
  const surgery::Function& function = *step.function;
  const DepthGuard guard(run_, describe(node));

  CallFrame frame;
  for (const surgery::Attribute& fallback : function.attribute_defaults) {
    frame.attributes[fallback.name()] = &fallback;
  }
  const KernelContext context(node, inputs, {.frame = frame_});
  for (const surgery::Attribute& attribute : node.attributes()) {
    if (const surgery::Attribute* resolved = context.attribute(attribute.name())) {
      frame.attributes[attribute.name()] = resolved;
    }
  }

  const GraphPlan& plan = run_.plans.plan(*function.body, Opsets(run_.model, &function));
  if (inputs.size() > plan.inputs.size() || step.outputs.size() > plan.outputs.size()) {
    context.fail("has " + std::to_string(inputs.size()) + " inputs and " + std::to_string(step.outputs.size()) +
                 " outputs, its function " + std::to_string(plan.inputs.size()) + " and " +
                 std::to_string(plan.outputs.size()));
  }
  Scope body(run_, plan, nullptr, &frame);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != nullptr) body.bind(i, *inputs[i]);
  }
  try {
    body.run_all();
  } catch (const Error& error) {
    throw error.within(describe(node));
  }
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    outputs.push_back(body.output(i));
    if (step.outputs[i] != ValueRef::kAbsent && !outputs.back().is_defined()) {
      context.fail("output " + std::to_string(i) + " of its function is an input that the call omits");
    }
  }
  return outputs;
}

std::vector<Tensor> Scope::run_subgraph(const surgery::Graph& graph, std::vector<Tensor> inputs) {
  const DepthGuard guard(run_, "graph " + surgery::quote(graph.name()));
  const GraphPlan& plan = run_.plans.plan(graph, plan_.opsets);
  if (inputs.size() != plan.inputs.size()) {
    throw Error(ErrorCode::kRead, "its subgraph has " + std::to_string(plan.inputs.size()) + " inputs, expected " +
                                      std::to_string(inputs.size()));
  }
  Scope inner(run_, plan, this, frame_);
  for (size_t i = 0; i < inputs.size(); ++i) inner.bind(i, std::move(inputs[i]));
  inner.run_all();
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    outputs.push_back(inner.output(i));
    if (!outputs.back().is_defined()) throw Error(ErrorCode::kRead, "a subgraph output has no value");
  }
  return outputs;
}

}  // namespace exec
