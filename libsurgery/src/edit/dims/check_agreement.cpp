#include <algorithm>
#include <numeric>

#include "edit/dims/companions.h"
#include "edit/dims/counting.h"
#include "edit/dims/mender.h"

/// Operators whose inputs must agree in an axis. Where one of them holds a freed dimension there, and another the
/// number that it was, that number was the dimension too: what made it is mended.
namespace surgery::dims {
namespace {

std::string shapes_of(const Node& node, const Mender& mender) {
  std::string text;
  for (const Value* input : node.inputs()) {
    if (const Shape* shape = mender.shape(input))
      text += (text.empty() ? "" : " and ") + to_string(mender.before(*shape));
  }
  return text;
}

/// Inputs that broadcast against each other; the last `skipped` axes take no part.
void agree_broadcasting(Node& node, Mender& mender, const std::vector<size_t>& inputs, size_t skipped) {
  size_t rank = 0;
  for (const size_t input : inputs) {
    if (const Shape* shape = mender.shape(node.input(input))) rank = std::max(rank, shape->size());
  }
  for (size_t behind = skipped; behind < rank; ++behind) {  // axes counted from the end
    std::vector<Operand> operands;
    for (const size_t input : inputs) {
      const Shape* shape = mender.shape(node.input(input));
      if (shape != nullptr && behind < shape->size()) operands.push_back({input, shape->size() - 1 - behind});
    }
    agree(node, mender, operands, true);
  }
}

/// The axis that is summed over must not hold the batch.
void require_no_batch(const Node& node, Mender& mender, size_t input, size_t axis) {
  const Shape* shape = mender.shape(node.input(input));
  if (shape == nullptr || axis >= shape->size() || !mender.is_freed((*shape)[axis])) return;
  mender.note_mixing();
  if (!mender.is_per_sample()) return;
  throw no_other_size(mender, node,
                      "sums over axis " + std::to_string(axis) + " of its input " + to_string(mender.before(*shape)) +
                          ", which holds the batch");
}

bool is_zero(const Value& value) {
  const std::shared_ptr<const Tensor> tensor = constant_of(value);
  if (tensor == nullptr || tensor->type() == DataType::kString) return false;
  const std::span<const std::byte> bytes = tensor->bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

/// [batch, heads] and [heads, batch] are of one size, and nothing that is taken together place by place.
void require_same_order(const Node& node, const Mender& mender, const Operand& a, const Operand& b) {
  const Factors* left = mender.known_factors(node.input(a.input), a.axis);
  const Factors* right = mender.known_factors(node.input(b.input), b.axis);
  if (!mender.is_per_sample() || left == nullptr || right == nullptr) return;
  if (std::equal(left->begin(), left->end(), right->begin(), right->end())) return;
  throw no_other_size(mender, node, "puts together " + shapes_of(node, mender) + ", where samples are in other orders");
}

void agree(Node& node, Mender& mender, const std::vector<Operand>& operands, bool may_broadcast) {
  const auto dim_of = [&](const Operand& operand) { return (*mender.shape(node.input(operand.input)))[operand.axis]; };
  const auto holder = std::find_if(operands.begin(), operands.end(),
                                   [&](const Operand& operand) { return mender.is_freed(dim_of(operand)); });
  if (holder == operands.end()) return;
  Wanted wanted = mender.wanted(node.input(holder->input), holder->axis, may_broadcast);
  const bool makes_index = node.output(0) != nullptr && is_index_only(*node.output(0));
  const bool takes_index = is_any_of(node, {"GatherND", "ScatterND"});
  const Dim before = mender.before(wanted.size);
  for (const Operand& operand : operands) {
    const Dim dim = dim_of(operand);  // a demand may have moved it
    if (dim == wanted.size) require_same_order(node, mender, operand, *holder);
    if (dim == wanted.size || (may_broadcast && dim.is(1)) || dim.is_unknown()) continue;
    if (dim.is_known() && dim == before) {
      wanted.counts = makes_index || (takes_index && operand.input == 1);
      mender.demand(node, operand.input, operand.axis, wanted);
    } else if (dim.is_known() || proven_different(dim, wanted.size)) {
      throw no_other_size(mender, node, "puts together " + shapes_of(node, mender));
    }
  }
}

void check_broadcast(Node& node, Mender& mender) {
  std::vector<size_t> inputs(node.inputs().size());
  std::iota(inputs.begin(), inputs.end(), size_t{0});
  agree_broadcasting(node, mender, inputs, 0);
}

/// com.microsoft.QLinearAdd, QLinearMul: each operand is followed by its scale and zero point.
void check_quantized_broadcast(Node& node, Mender& mender) { agree_broadcasting(node, mender, {0, 3}, 0); }

void check_matmul(Node& node, Mender& mender) {
  const size_t second = node.is("QLinearMatMul") ? 3 : 1;
  const Shape* a = mender.shape(node.input(0));
  const Shape* b = mender.shape(node.input(second));
  if (a == nullptr || b == nullptr || a->empty() || b->empty()) return;
  if (!node.is("Gemm")) {
    const size_t behind = b->size() < 2 ? 0 : b->size() - 2;
    require_no_batch(node, mender, 0, a->size() - 1);
    require_no_batch(node, mender, second, behind);
    agree(node, mender, {{0, a->size() - 1}, {second, behind}}, false);
    agree_broadcasting(node, mender, {0, second}, 2);
    return;
  }
  if (a->size() != 2 || b->size() != 2) return;
  const size_t rows = node.int_or("transA", 0) != 0 ? 1 : 0;
  const size_t behind = node.int_or("transB", 0) != 0 ? 1 : 0;
  require_no_batch(node, mender, 0, 1 - rows);
  require_no_batch(node, mender, 1, behind);
  agree(node, mender, {{0, 1 - rows}, {1, behind}}, false);
  const Shape* c = mender.shape(node.input(2));
  if (c == nullptr || c->size() != 2) return;
  // What is added broadcasts to the product, and not the other way round.
  agree(node, mender, {{0, rows}, {2, 0}}, mender.is_freed((*mender.shape(node.input(0)))[rows]));
}

/// What is joined to a batch must be a batch too.
void join_batches(Node& node, Mender& mender, const std::vector<Operand>& operands) {
  const auto dim_of = [&](const Operand& operand) { return (*mender.shape(node.input(operand.input)))[operand.axis]; };
  const auto holder = std::find_if(operands.begin(), operands.end(),
                                   [&](const Operand& operand) { return mender.is_freed(dim_of(operand)); });
  if (holder == operands.end()) return;
  const Wanted wanted = mender.wanted(node.input(holder->input), holder->axis, false);
  const Dim before = mender.before(wanted.size);
  for (const Operand& operand : operands) {
    const Dim dim = dim_of(operand);
    if (mender.is_freed(dim)) continue;
    if (!(dim == before) || before.is(1)) {
      throw no_other_size(mender, node, "puts together " + shapes_of(node, mender) + " along the batch");
    }
    mender.demand(node, operand.input, operand.axis, wanted);
  }
  const Dim each = dim_of(*holder);
  const auto is_whole = [&](const Operand& operand) { return dim_of(operand) == each && each.is_plain_symbol(); };
  if (node.output(0) == nullptr || !std::all_of(operands.begin(), operands.end(), is_whole)) return;
  mender.set_factors(*node.output(0), operands.front().axis, {static_cast<int64_t>(operands.size()), each});
}

void check_concat(Node& node, Mender& mender) {
  const Shape* first = nullptr;
  for (const Value* input : node.inputs()) {
    if (first == nullptr) first = mender.shape(input);
  }
  if (first == nullptr) return;
  const auto rank = static_cast<int64_t>(first->size());
  const int64_t given = node.int_or("axis", 1);
  const auto joined = static_cast<size_t>(given < 0 ? given + rank : given);
  for (size_t axis = 0; axis < static_cast<size_t>(rank); ++axis) {
    std::vector<Operand> operands;
    bool all_alike = true;  // one core each, all the same
    for (size_t i = 0; i < node.inputs().size(); ++i) {
      const Shape* shape = mender.shape(node.input(i));
      if (shape == nullptr || axis >= shape->size()) continue;
      operands.push_back({i, axis});
      const Dim& dim = (*shape)[axis];
      all_alike = all_alike && mender.is_freed(dim) && dim == (*mender.shape(node.input(operands[0].input)))[axis] &&
                  mender.factors(node.input(i), axis).size() == 1;
    }
    if (axis != joined) {
      agree(node, mender, operands, false);
    } else if (!all_alike && mender.is_per_sample()) {
      join_batches(node, mender, operands);
    } else if (all_alike && operands.size() > 1 && node.output(0) != nullptr) {
      const Dim each = (*mender.shape(node.input(operands[0].input)))[axis];
      mender.set_factors(*node.output(0), axis, {static_cast<int64_t>(operands.size()), each});
    }
  }
}

void check_recurrent(Node& node, Mender& mender) {
  const size_t batch_axis = node.int_or("layout", 0) != 0 ? 0 : 1;
  const std::vector<size_t> axes = mender.freed_axes(node.input(0));
  if (axes.empty()) {  // then perhaps a state has the batch, and a constant input not
    std::vector<Operand> operands;
    for (const Operand& operand :
         {Operand{0, batch_axis}, Operand{4, 0}, Operand{5, batch_axis}, Operand{6, batch_axis}}) {
      const Shape* shape = mender.shape(node.input(operand.input));
      if (shape != nullptr && operand.axis < shape->size()) operands.push_back(operand);
    }
    return agree(node, mender, operands, false);
  }
  if (axes != std::vector<size_t>{batch_axis}) mender.note_mixing();
  if (axes != std::vector<size_t>{batch_axis} && mender.is_per_sample()) {
    throw no_other_size(mender, node,
                        "takes axis " + std::to_string(axes[0]) + " of its input " +
                            to_string(mender.before(*mender.shape(node.input(0)))) + ", which holds the batch, for " +
                            "time steps or features");
  }
  if (std::find(axes.begin(), axes.end(), batch_axis) == axes.end()) return;
  const Wanted wanted = mender.wanted(node.input(0), batch_axis, false);
  constexpr size_t kLengths = 4;
  constexpr size_t kFirstState = 5;
  constexpr size_t kCellState = 6;
  for (const size_t input : {kLengths, kFirstState, kCellState}) {
    const Shape* shape = mender.shape(node.input(input));
    const size_t axis = input == kLengths ? 0 : batch_axis;
    if (shape == nullptr || axis >= shape->size() || !((*shape)[axis] == mender.before(wanted.size))) continue;
    if (input != kLengths && is_zero(*node.input(input))) {
      mender.note(node, "the initial state of shape " + to_string(*shape) + " removed: it was zero, as an absent one");
      mender.remove_input(node, input);
      continue;
    }
    mender.demand(node, input, axis, wanted);
  }
}

}  // namespace surgery::dims
