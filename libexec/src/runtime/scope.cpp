#include "runtime/scope.h"

#include <algorithm>
#include <string>
#include <utility>

#include "exec/oracle.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Node;
using surgery::Value;

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

}  // namespace

Scope::Scope(Run& run, const GraphPlan& plan, Scope* outer, const CallFrame* frame)
    : run_(run), plan_(plan), outer_(outer), frame_(frame), slots_(plan.values.size()) {}

void Scope::bind(size_t input, Datum value) {
  const uint32_t slot = plan_.inputs[input];
  slots_[slot] = kept(std::move(value), plan_.values[slot]->name());
}

Datum Scope::kept(Datum value, std::string_view what) const {
  if (run_.oracle == nullptr || !is_widened(kept_type(value))) return value;
  const int64_t bytes = widened_bytes(value);
  if (bytes > run_.meter.bytes_left()) {
    throw Error(ErrorCode::kUnsupported,
                surgery::quote(what) + " as double would take " + over_limit(bytes, run_.meter.bytes_left()));
  }
  return run_.meter.count(widened(std::move(value)));
}

void Scope::keep_initializer(const ValueRef& ref) {
  if (ref.is_absent()) return;
  Scope* scope = this;
  for (uint32_t i = 0; i < ref.levels_up; ++i) scope = scope->outer_;
  Datum& datum = scope->slots_[ref.slot];
  const Value& value = *scope->plan_.values[ref.slot];
  if (datum.is_defined() || value.initializer() == nullptr || !is_widened(value.initializer()->type())) return;
  datum = kept(*value.initializer(), value.name());
  if (scope->outer_ == nullptr && run_.weights == nullptr) value.initializer()->storage()->release();
}

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
    if (run_.oracle != nullptr) {
      keep_initializer(ref);
      inputs.model_types.push_back(ref.is_absent() ? DataType::kUndefined : find(ref).model_type());
    }
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
  if (ref.is_absent()) return {};
  const Datum& value = find(ref);
  if (value.is_defined()) return value;
  const Tensor* tensor = find_tensor(ref);
  return tensor == nullptr ? Datum() : kept(*tensor, "a graph output");
}

std::vector<Datum> Scope::execute(const NodePlan& step, NodeInputs& inputs) {
  if (step.function != nullptr) return call(step, inputs);
  const KernelEnvironment environment{.opset = step.opset,
                                      .max_bytes = run_.meter.bytes_left(),
                                      .frame = frame_,
                                      .subgraphs = this,
                                      .max_iterations = run_.max_iterations};
  if (run_.oracle != nullptr) return run_.oracle->run(*step.node, inputs, environment);
  return run_kernel(*step.node, inputs, environment);
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
  for (size_t i = 0; i < inputs.tensors.size(); ++i) body.bind(i, inputs.value(i));
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
