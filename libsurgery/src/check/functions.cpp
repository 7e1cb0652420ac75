#include <algorithm>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

using Calls = std::vector<std::vector<size_t>>;  // by function: the functions it calls, each once

std::string name_of(const Function& function) { return quote(function.domain + "." + function.name); }

Calls collect_calls(const Context& context, const std::vector<Function>& functions) {
  Calls calls(functions.size());
  for (size_t caller = 0; caller < functions.size(); ++caller) {
    for_each_graph(*functions[caller].body, [&](const Graph& graph) {
      for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
        const Function* callee = context.functions().called_by(*node);
        if (callee != nullptr) calls[caller].push_back(static_cast<size_t>(callee - functions.data()));
      }
    });
    std::sort(calls[caller].begin(), calls[caller].end());
    calls[caller].erase(std::unique(calls[caller].begin(), calls[caller].end()), calls[caller].end());
  }
  return calls;
}

/// Walks the calls depth first, without recursion, and reports every call that closes a circle. Gives for each function
/// the length of the longest chain of calls that starts with it (1: it calls none).
std::vector<int64_t> walk_calls(Context& context, const std::vector<Function>& functions, const Calls& calls) {
  enum class State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> state(functions.size(), State::kNew);
  std::vector<int64_t> depth(functions.size(), 1);
  struct Frame {
    size_t function;
    size_t next_call;
  };
  std::vector<Frame> stack;
  for (size_t start = 0; start < functions.size(); ++start) {
    if (state[start] != State::kNew) continue;
    state[start] = State::kOpen;
    stack.push_back({start, 0});
    while (!stack.empty()) {
      const size_t caller = stack.back().function;
      if (stack.back().next_call == calls[caller].size()) {
        state[caller] = State::kDone;
        stack.pop_back();
        if (!stack.empty()) {
          int64_t& outer = depth[stack.back().function];
          outer = std::max(outer, depth[caller] + 1);
        }
        continue;
      }
      const size_t callee = calls[caller][stack.back().next_call++];
      if (state[callee] == State::kNew) {
        state[callee] = State::kOpen;
        stack.push_back({callee, 0});
      } else if (state[callee] == State::kDone) {
        depth[caller] = std::max(depth[caller], depth[callee] + 1);
      } else {
        context.add(kFunctionRecursion, "function " + name_of(functions[caller]),
                    callee == caller ? "it calls itself"
                                     : "it calls " + name_of(functions[callee]) + ", which leads back to it");
      }
    }
  }
  return depth;
}

}  // namespace

void check_functions(Context& context) {
  const std::vector<Function>& functions = context.model().functions();
  if (functions.empty()) return;
  const std::vector<int64_t> depth = walk_calls(context, functions, collect_calls(context, functions));

  for (size_t i = 0; i < functions.size(); ++i) {
    const Function& function = functions[i];
    const std::string place = "function " + name_of(function);
    if (function.name.empty() || function.domain.empty()) {
      context.add(kFunctionName, "function[" + std::to_string(i) + "]",
                  std::string(function.name.empty() ? "name" : "domain") + " is empty");
    }
    if (context.functions().find(function.domain, function.name, function.overload) != &function) {
      context.add(kFunctionRepeated, place, "another function has this domain, name and overload");
    }
    if (depth[i] == kMaxCallDepth + 1) {
      context.add(kCallDepth, place,
                  "calls go deeper than the limit of " + std::to_string(kMaxCallDepth) + " functions");
    }
    if (function.opset_imports.empty()) context.add(kOpsetMissing, place, "it imports no opset");
    check_opsets(context, function.opset_imports, place);
    const Opsets opsets(function.opset_imports, schema::kOpsetIrVersion);
    check_graph(context, Scope{*function.body, opsets, &function});
  }
}

}  // namespace surgery::checking
