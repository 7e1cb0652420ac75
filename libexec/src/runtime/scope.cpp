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

std::string types_text(std::span<const DataType> types, std::span<const Datum> others) {
  std::string text;
  for (size_t i = 0; i < types.size(); ++i) {
    text += i == 0 ? "" : ", ";
    if (is_valid(types[i])) {
      text += to_string(types[i]);
    } else {
      text += i < others.size() && others[i].is_defined() ? to_string(others[i].type()) : "omitted";
    }
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

std::vector<Datum> run_kernel(const Node& node, NodeInputs& inputs, const KernelEnvironment& environment) {
  std::vector<DataType> types;
  for (const Tensor* input : inputs.tensors) types.push_back(input == nullptr ? DataType::kUndefined : input->type());
  const Kernel* kernel = find_kernel(node, environment.opset, types);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": no kernel for " + surgery::escape(node.op_type()) +
                                             " version " + std::to_string(environment.opset) + " on inputs of type (" +
                                             types_text(types, inputs.others) + ")");
  }
  try {
    const AlignedInputs aligned(inputs.tensors);
    KernelContext context(node, aligned.inputs(), environment, inputs.others);
    kernel->run(context);
    return context.take_values();
  } catch (const Error& error) {
    throw at_node(error, node);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": out of memory");
  }
}

Scope::Scope(Run& run, const GraphPlan& plan, Scope* outer, const CallFrame* frame)
    : run_(run), plan_(plan), outer_(outer), frame_(frame), slots_(plan.values.size()) {}

void Scope::bind(size_t input, Datum value) { slots_[plan_.inputs[input]] = std::move(value); }

const Datum& Scope::find(const ValueRef& ref) const {
  const Scope* scope = this;
  for (uint32_t i = 0; i < ref.levels_up; ++i) scope = scope->outer_;
  return scope->slots_[ref.slot];
}

const Tensor* Scope::find_tensor(const ValueRef& ref) const {
  if (ref.is_absent()) return nullptr;
  const Scope* scope = this;
  for (uint32_t i = 0; i < ref.levels_up; ++i) scope = scope->outer_;
  const Datum& datum = scope->slots_[ref.slot];
  if (datum.is_defined()) return datum.is_tensor() ? &datum.tensor() : nullptr;
  // The initializer is read where it lies, so weights take no memory of their own here.
  const Tensor* initializer = scope->plan_.values[ref.slot]->initializer();
  return initializer != nullptr && run_.weights != nullptr ? run_.weights->resident(*initializer) : initializer;
}

NodeInputs Scope::collect_inputs(const NodePlan& step) {
  NodeInputs inputs;
  inputs.tensors.reserve(step.inputs.size());
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const ValueRef& ref = step.inputs[i];
    inputs.tensors.push_back(find_tensor(ref));
    if (inputs.tensors.back() != nullptr || ref.is_absent() || !find(ref).is_defined()) continue;
    inputs.others.resize(step.inputs.size());
    inputs.others[i] = find(ref);
    // The last reader gets the value for good, so that a sequence that grows in a loop is not copied each time.
    const auto is_same = [&](const ValueRef& other) { return other.levels_up == 0 && other.slot == ref.slot; };
    const bool is_last = ref.levels_up == 0 && !step.node->has_subgraphs() &&
                         std::find(step.release.begin(), step.release.end(), ref.slot) != step.release.end() &&
                         std::count_if(step.inputs.begin(), step.inputs.end(), is_same) == 1;
    if (is_last) slots_[ref.slot] = Datum();
  }
  return inputs;
}

void Scope::step(Observer* observer) {
  const NodePlan& step = plan_.nodes[position_++];
  NodeInputs inputs = collect_inputs(step);
  std::vector<Datum> outputs = execute(step, inputs);
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    if (step.outputs[i] == ValueRef::kAbsent) continue;
    Datum& slot = slots_[step.outputs[i]];
    slot = run_.meter.count(std::move(outputs[i]));
    if (observer != nullptr) observer->on_value(*step.node->output(i), slot);
  }
  for (const uint32_t slot : step.release) let_go(slot);
}

void Scope::let_go(uint32_t slot) {
  if (slots_[slot].is_defined()) {
    slots_[slot] = Datum();
  } else if (outer_ == nullptr && run_.weights == nullptr) {
    // A body of a loop would only have to read its weights again.
    if (const Tensor* initializer = plan_.values[slot]->initializer()) initializer->storage()->release();
  }
}

void Scope::run_all() {
  while (!is_done()) step(nullptr);
}

Datum Scope::output(size_t index) const {
  const ValueRef& ref = plan_.outputs[index];
  const Tensor* tensor = find_tensor(ref);
  if (tensor != nullptr) return *tensor;
  return ref.is_absent() ? Datum() : find(ref);
}

std::vector<Datum> Scope::execute(const NodePlan& step, NodeInputs& inputs) {
  if (step.function != nullptr) return call(step, inputs);
  return run_kernel(*step.node, inputs,
                    {.opset = step.opset,
                     .max_bytes = run_.meter.bytes_left(),
                     .frame = frame_,
                     .subgraphs = this,
                     .max_iterations = run_.max_iterations});
}

std::vector<Datum> Scope::call(const NodePlan& step, const NodeInputs& inputs) {
  const Node& node = *step.node;
  const surgery::Function& function = *step.function;
  const DepthGuard guard(run_, describe(node));

  CallFrame frame;
  for (const surgery::Attribute& fallback : function.attribute_defaults) {
    frame.attributes[fallback.name()] = &fallback;
  }
  const KernelContext context(node, inputs.tensors, {.frame = frame_});
  for (const surgery::Attribute& attribute : node.attributes()) {
    if (const surgery::Attribute* resolved = context.attribute(attribute.name())) {
      frame.attributes[attribute.name()] = resolved;
    }
  }

  const GraphPlan& plan = run_.plans.plan(*function.body, Opsets(run_.model, &function));
  if (inputs.tensors.size() > plan.inputs.size() || step.outputs.size() > plan.outputs.size()) {
    context.fail("has " + std::to_string(inputs.tensors.size()) + " inputs and " + std::to_string(step.outputs.size()) +
                 " outputs, its function " + std::to_string(plan.inputs.size()) + " and " +
                 std::to_string(plan.outputs.size()));
  }
  Scope body(run_, plan, nullptr, &frame);
  for (size_t i = 0; i < inputs.tensors.size(); ++i) {
    if (inputs.tensors[i] != nullptr) {
      body.bind(i, *inputs.tensors[i]);
    } else if (i < inputs.others.size()) {
      body.bind(i, inputs.others[i]);
    }
  }
  try {
    body.run_all();
  } catch (const Error& error) {
    throw error.within(describe(node));
  }
  std::vector<Datum> outputs;
  for (size_t i = 0; i < step.outputs.size(); ++i) {
    outputs.push_back(body.output(i));
    if (step.outputs[i] != ValueRef::kAbsent && !outputs.back().is_defined()) {
      context.fail("output " + std::to_string(i) + " of its function is an input that the call omits");
    }
  }
  return outputs;
}

std::vector<Datum> Scope::run_subgraph(const surgery::Graph& graph, std::vector<Datum> inputs) {
  const DepthGuard guard(run_, "graph " + surgery::quote(graph.name()));
  const GraphPlan& plan = run_.plans.plan(graph, plan_.opsets);
  if (inputs.size() != plan.inputs.size()) {
    throw Error(ErrorCode::kRead, "its subgraph has " + std::to_string(plan.inputs.size()) + " inputs, expected " +
                                      std::to_string(inputs.size()));
  }
  Scope inner(run_, plan, this, frame_);
  for (size_t i = 0; i < inputs.size(); ++i) inner.bind(i, std::move(inputs[i]));
  inner.run_all();
  std::vector<Datum> outputs;
  for (size_t i = 0; i < plan.outputs.size(); ++i) {
    outputs.push_back(inner.output(i));
    if (!outputs.back().is_defined()) throw Error(ErrorCode::kRead, "a subgraph output has no value");
  }
  return outputs;
}

}  // namespace exec
