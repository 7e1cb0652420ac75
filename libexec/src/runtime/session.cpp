#include "exec/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "exec/oracle.h"
#include "runtime/expansion.h"
#include "runtime/memory.h"
#include "runtime/plan.h"
#include "runtime/scope.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Value;

/// Throws Error(kUsage) when the value is not of the declared type.
void check_input(const Value& input, const Datum& given) {
  if (fits(given, input.type())) return;
  throw Error(ErrorCode::kUsage, "input " + surgery::quote(input.name()) + ": given " + to_string(given.type()) +
                                     ", expected " + to_string(input.type()));
}

[[noreturn]] void fail_unknown_input(const surgery::Graph& graph, const std::string& name) {
  std::vector<std::string> known;
  for (const Value* input : graph.inputs()) known.push_back(input->name());
  throw Error(ErrorCode::kUsage, "the model has no input " + surgery::quote(name) + surgery::suggestion(name, known));
}

}  // namespace

struct Session::State {
  State(const surgery::Model& the_model, const RunOptions& the_options)
      : model(the_model),
        options(the_options),
        plans(the_model),
        plan(plans.plan(the_model.graph(), Opsets(the_model))),
        meter(the_options.max_bytes > 0 ? the_options.max_bytes : free_memory_bytes()),
        weights(meter),
        run{.model = the_model,
            .plans = plans,
            .meter = meter,
            .max_iterations = the_options.max_iterations,
            .weights = the_options.keep_weights ? &weights : nullptr,
            .oracle = the_options.mode == Mode::kOracle ? &oracle : nullptr} {}

  const surgery::Model& model;
  RunOptions options;
  Plans plans;
  const GraphPlan& plan;
  MemoryMeter meter;
  ResidentWeights weights;
  OracleNodes oracle;
  Run run;
  std::unique_ptr<Scope> scope;
  Observer* observer = nullptr;
};

Session::Session(const surgery::Model& model, const RunOptions& options) {
  if (const surgery::Node* node = first_unsupported(model)) {
    fail_without_kernel(*node, opsets_of(*node).version(node->domain()));
  }
  require_bounded_expansion(model);
  state_ = std::make_unique<State>(model, options);
}

Session::~Session() = default;

void Session::start(Values inputs, Observer* observer) {
  State& state = *state_;
  auto scope = std::make_unique<Scope>(state.run, state.plan, nullptr, nullptr);
  const std::span<Value* const> graph_inputs = state.model.graph().inputs();
  for (size_t i = 0; i < graph_inputs.size(); ++i) {
    const Value& input = *graph_inputs[i];
    const auto given = inputs.find(input.name());
    if (given == inputs.end()) {
      if (input.is_initializer()) continue;
      throw Error(ErrorCode::kUsage,
                  "input " + surgery::quote(input.name()) + " is not given, expected " + to_string(input.type()));
    }
    check_input(input, given->second);
    scope->bind(i, std::move(given->second));
    inputs.erase(given);
  }
  if (!inputs.empty()) fail_unknown_input(state.model.graph(), inputs.begin()->first);
  state.scope = std::move(scope);
  state.observer = observer;
}

bool Session::is_done() const { return state_->scope != nullptr && state_->scope->is_done(); }

const surgery::Node& Session::next() const {
  SURGERY_ASSERT(state_->scope != nullptr && !is_done(), "there is a next node");
  return *state_->scope->next().node;
}

void Session::step() {
  SURGERY_ASSERT(state_->scope != nullptr && !is_done(), "step() follows start() and precedes the end");
  const ThreadScope threads(state_->options.threads);
  state_->scope->step(state_->observer);
}

Values Session::take_outputs() {
  SURGERY_ASSERT(is_done(), "outputs are there at the end");
  Values outputs;
  const std::span<Value* const> values = state_->model.graph().outputs();
  for (size_t i = 0; i < values.size(); ++i) outputs[values[i]->name()] = state_->scope->output(i);
  state_->scope.reset();
  return outputs;
}

Values Session::run_values(Values inputs, Observer* observer) {
  start(std::move(inputs), observer);
  while (!is_done()) step();
  return take_outputs();
}

Tensors Session::run(Tensors inputs, Observer* observer) {
  Values given(std::make_move_iterator(inputs.begin()), std::make_move_iterator(inputs.end()));
  Tensors outputs;
  for (auto& [name, value] : run_values(std::move(given), observer)) {
    if (!value.is_tensor()) {
      throw Error(ErrorCode::kUnsupported,
                  "output " + surgery::quote(name) + " is " + to_string(value.type()) + ", expected a tensor");
    }
    outputs.emplace(name, rounded(value).tensor());
  }
  return outputs;
}

const NodeCounts& Session::nodes_in_own_type() const { return state_->oracle.in_own_type(); }

}  // namespace exec
