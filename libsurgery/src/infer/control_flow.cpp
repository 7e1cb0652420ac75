#include <algorithm>
#include <utility>

#include "infer/families.h"
#include "infer/merge.h"
#include "infer/shapes.h"

/// If, Loop, Scan.
namespace surgery::infer {
namespace {

/// Passes over a loop body before what still changes is widened to "any shape".
constexpr int kMaxPasses = 4;

const Graph* required_graph(InferContext& c, std::string_view name) {
  const Graph* graph = c.graph(name);
  if (graph == nullptr) c.fail("attribute '" + std::string(name) + "' is missing");
  return graph;
}

void infer_if(InferContext& c) {
  const Graph* yes = required_graph(c, "then_branch");
  const Graph* no = required_graph(c, "else_branch");
  if (yes == nullptr || no == nullptr) return;
  const Dim condition = c.scalar(0);
  // A branch that is never taken may be as impossible as it likes.
  const std::vector<Fact> then_facts = c.infer_subgraph(*yes, {}, condition.is(0));
  const std::vector<Fact> else_facts = c.infer_subgraph(*no, {}, condition.is(1));
  const size_t count = c.num_outputs();
  if (then_facts.size() != count || else_facts.size() != count) {
    return c.fail("has " + std::to_string(count) + " outputs, its branches " + std::to_string(then_facts.size()) +
                  " and " + std::to_string(else_facts.size()));
  }
  for (size_t i = 0; i < count; ++i) {
    if (condition.is_known()) {
      c.outputs()[i] = condition.is(0) ? else_facts[i] : then_facts[i];
    } else {
      c.outputs()[i] = join(then_facts[i], else_facts[i]);
    }
  }
}

Type any_shape(Type type) {
  type.shape.reset();
  if (type.inner != nullptr) type.inner = std::make_shared<const Type>(any_shape(*type.inner));
  return type;
}

Fact any_shape(const Fact& fact) { return {any_shape(fact.type), std::nullopt}; }

/// A state of a Scan has the same shape in every iteration: the dims of before and after say it together.
Fact same_in_all(InferContext& c, Fact state, const Fact& after) {
  state.content.reset();
  if (!state.type.is_tensor() || !after.type.is_tensor() || !after.type.shape) return state;
  if (!state.type.shape) {
    state.type.shape = after.type.shape;
    return state;
  }
  Shape& shape = *state.type.shape;
  if (shape.size() != after.type.shape->size()) {
    c.fail("a state changes its rank from " + std::to_string(shape.size()) + " to " +
           std::to_string(after.type.shape->size()));
    return state;
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    shape[i] = require_equal(c, shape[i], (*after.type.shape)[i], "sizes of a state before and after");
  }
  return state;
}

/// What holds of the values that a Loop carries in every iteration, and the facts that the body gives for its outputs
/// then.
struct Fixpoint {
  std::vector<Fact> carried;
  std::vector<Fact> outputs;
};

/// The body takes the iteration and the carried values; it returns the carried ones and others.
Fixpoint iterate(InferContext& c, const Graph& body, std::vector<Fact> carried) {
  Fixpoint result;
  int pass = c.has_budget() ? 0 : kMaxPasses;
  if (pass == kMaxPasses) {
    for (Fact& fact : carried) fact = any_shape(fact);
  }
  while (true) {
    std::vector<Fact> inputs{{Type::tensor(DataType::kInt64, Shape{}), std::nullopt}};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    result.outputs = c.infer_subgraph(body, std::move(inputs));
    bool stable = true;
    for (size_t i = 0; i < carried.size(); ++i) {
      Fact joined = join(carried[i], result.outputs[i]);
      if (same(joined, carried[i])) continue;
      stable = false;
      carried[i] = pass + 1 >= kMaxPasses ? any_shape(joined) : std::move(joined);
    }
    if (stable || pass > kMaxPasses) break;
    ++pass;
  }
  result.carried = std::move(carried);
  return result;
}

/// Loop(M, cond, v...) with body(iteration, cond, v...) -> (cond, v..., scan...).
void infer_loop(InferContext& c) {
  const Graph* body = required_graph(c, "body");
  if (body == nullptr) return;
  const size_t num_carried = c.num_inputs() > 2 ? c.num_inputs() - 2 : 0;
  if (body->inputs().size() != num_carried + 2 || body->outputs().size() < num_carried + 1) {
    return c.fail("the body has " + std::to_string(body->inputs().size()) + " inputs and " +
                  std::to_string(body->outputs().size()) + " outputs, " + std::to_string(num_carried) +
                  " values are carried");
  }
  // The condition is carried like a value, so that one that stays true is known to.
  std::vector<Fact> carried{{Type::tensor(DataType::kBool, Shape{}), std::vector<Dim>{1}}};
  if (c.has_input(1)) carried.front() = c.fact(1);
  for (size_t i = 0; i < num_carried; ++i) carried.push_back(c.fact(i + 2));
  const Fixpoint loop = iterate(c, *body, std::move(carried));

  for (size_t i = 0; i < num_carried; ++i) {
    if (i < c.num_outputs()) c.outputs()[i] = loop.carried[i + 1];
  }
  const std::optional<std::vector<Dim>>& condition = loop.carried.front().content;
  const bool runs_all = condition && condition->size() == 1 && condition->front().is(1);
  Dim trips = c.has_input(0) && runs_all ? c.scalar(0) : Dim();
  if (trips.is_known() && trips.value() < 0) trips = 0;
  if (!trips.is_non_negative()) trips = Dim();
  for (size_t i = num_carried; i < c.num_outputs() && i + 1 < loop.outputs.size(); ++i) {
    const Type& each = loop.outputs[i + 1].type;
    if (!each.is_tensor()) continue;
    if (!each.shape) {
      c.set(i, each.element_type);
      continue;
    }
    Shape shape = *each.shape;
    // All scan outputs are as long as each other.
    shape.insert(shape.begin(), trips.is_unknown() ? c.fresh_for(*body->outputs()[0], 0) : trips);
    c.set(i, each.element_type, std::move(shape));
  }
}

std::vector<int64_t> list_or_zeros(const InferContext& c, std::string_view name, size_t count) {
  const std::vector<int64_t>* values = c.ints(name);
  return values != nullptr && values->size() == count ? *values : std::vector<int64_t>(count, 0);
}

/// Scan-9 and later: (states..., sequences...) -> (states..., scan...). In Scan-8 input 0 is sequence_lens, states have
/// a batch axis in front, and sequences a batch axis and the scanned one.
void infer_scan(InferContext& c) {
  const Graph* body = required_graph(c, "body");
  if (body == nullptr) return;
  const bool batched = c.opset() < 9;
  const size_t offset = batched ? 1 : 0;
  const int64_t num_scanned = c.int_or("num_scan_inputs", 0);
  if (num_scanned < 1 || c.num_inputs() < static_cast<size_t>(num_scanned) + offset) {
    return c.fail("num_scan_inputs is " + std::to_string(num_scanned) + " of " + std::to_string(c.num_inputs()) +
                  " inputs");
  }
  const size_t num_states = c.num_inputs() - offset - static_cast<size_t>(num_scanned);
  if (body->inputs().size() != c.num_inputs() - offset || body->outputs().size() < num_states) {
    return c.fail("the body has " + std::to_string(body->inputs().size()) + " inputs, expected " +
                  std::to_string(c.num_inputs() - offset));
  }
  Dim batch;
  const auto without_batch = [&](const Fact& fact) {
    Fact inner{fact.type, std::nullopt};
    if (!batched || !inner.type.shape || inner.type.shape->empty()) return inner;
    if (batch.is_unknown()) batch = inner.type.shape->front();
    inner.type.shape->erase(inner.type.shape->begin());
    return inner;
  };
  std::vector<Fact> states;
  for (size_t i = 0; i < num_states; ++i) {
    states.push_back(batched ? without_batch(c.fact(offset + i)) : c.fact(i));
  }
  Dim length;
  const std::vector<int64_t> axes = list_or_zeros(c, "scan_input_axes", static_cast<size_t>(num_scanned));
  std::vector<Fact> elements;
  for (size_t i = 0; i < static_cast<size_t>(num_scanned); ++i) {
    Fact element = without_batch(c.fact(offset + num_states + i));
    element.content.reset();
    if (element.type.shape) {
      Shape& shape = *element.type.shape;
      if (shape.empty()) return c.fail("scan input " + std::to_string(i) + " is a scalar");
      const std::optional<int64_t> axis = c.normalize_axis(axes[i], static_cast<int64_t>(shape.size()));
      if (!axis) return;
      length = require_equal(c, length, shape[static_cast<size_t>(*axis)], "lengths of the scan inputs");
      shape.erase(shape.begin() + *axis);
    }
    elements.push_back(std::move(element));
  }
  if (c.failed()) return;
  std::vector<Fact> inputs = states;
  for (Fact& fact : inputs) fact.content.reset();  // known before the first iteration alone
  inputs.insert(inputs.end(), elements.begin(), elements.end());
  const std::vector<Fact> outputs = c.infer_subgraph(*body, std::move(inputs));
  for (size_t i = 0; i < num_states; ++i) states[i] = same_in_all(c, std::move(states[i]), outputs[i]);
  if (c.failed()) return;
  const size_t num_scan_outputs = body->outputs().size() - num_states;
  const std::vector<int64_t> output_axes = list_or_zeros(c, "scan_output_axes", num_scan_outputs);
  for (size_t i = 0; i < c.num_outputs() && i < outputs.size(); ++i) {
    Fact fact = i < num_states ? states[i] : Fact{outputs[i].type, std::nullopt};
    if (fact.type.is_tensor() && fact.type.shape) {
      Shape& shape = *fact.type.shape;
      if (i >= num_states) {
        const std::optional<int64_t> axis =
            c.normalize_axis(output_axes[i - num_states], static_cast<int64_t>(shape.size()) + 1);
        if (!axis) return;
        shape.insert(shape.begin() + *axis, length);
      }
      if (batched) shape.insert(shape.begin(), batch);
    }
    c.outputs()[i] = std::move(fact);
  }
}

constexpr Operator kOperators[] = {
    {"If", infer_if},
    {"Loop", infer_loop},
    {"Scan", infer_scan},
};

}  // namespace

std::span<const Operator> control_flow_operators() { return kOperators; }

}  // namespace surgery::infer
