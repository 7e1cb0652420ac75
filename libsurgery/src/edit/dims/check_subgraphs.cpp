#include <algorithm>

#include "edit/dims/mender.h"

/// Values that stand for each other: the results of the two branches of an If, and what a Loop or Scan carries before
/// and after an iteration. Where one has a freed dimension, and the other the number that it was, that is mended too.
namespace surgery::dims {
namespace {

Graph* subgraph_of(const Node& node, std::string_view name) {
  const Attribute* attribute = node.attribute(name);
  return attribute != nullptr && attribute->graphs().size() == 1 ? attribute->graphs()[0].get() : nullptr;
}

/// The axis in which `holder` has a freed size and `other` the number that it was; nothing where there is none.
std::optional<size_t> clash(const Value* holder, const Value* other, const Mender& mender) {
  const Shape* held = mender.shape(holder);
  const Shape* fixed = mender.shape(other);
  if (held == nullptr || fixed == nullptr || held->size() != fixed->size()) return std::nullopt;
  for (size_t axis = 0; axis < held->size(); ++axis) {
    if (mender.is_freed((*held)[axis]) && (*fixed)[axis].is_known() && (*fixed)[axis] == mender.before((*held)[axis])) {
      return axis;
    }
  }
  return std::nullopt;
}

bool equal(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Dim& x, const Dim& y) { return x == y; });
}

/// A value that is carried in one shape stays so: where something in the body clashes with the freed dimension,
/// inference takes the shape for one that changes.
void keep_carried(const Node& node, const Value& operand, const Value& carried, Mender& mender) {
  const Shape* now = mender.shape(&operand);
  const Shape* inside = mender.shape(&carried);
  const Shape* before = mender.original_shape(carried);
  if (now == nullptr || before == nullptr || !equal(mender.before(*now), *before)) return;
  if (inside != nullptr && equal(*inside, *now)) return;
  mender.assume_shape(carried, mender.element_type(operand), *now);
  mender.infer_again(node);
}

}  // namespace

Node& reader_of_result(Graph& branch, size_t index, Mender& mender) {
  Value* result = branch.outputs()[index];
  const std::string name = mender.model().unique_name(result->name() + "_freed");
  Node& reader =
      branch.insert_before(nullptr, {.op_type = "Identity", .inputs = {result}, .output_names = {name}, .name = name});
  branch.set_type(*reader.output(0), result->type());
  branch.replace_output(index, *reader.output(0));
  mender.infer_again(reader);
  return reader;
}

std::vector<Graph*> branches_of(const Node& node) {
  std::vector<Graph*> branches;
  for (const std::string_view name : {"then_branch", "else_branch"}) {
    if (Graph* branch = subgraph_of(node, name)) branches.push_back(branch);
  }
  return branches;
}

void check_if(Node& node, Mender& mender) {
  const std::vector<Graph*> branches = branches_of(node);
  if (branches.size() != 2) return;
  for (size_t i = 0; i < std::min(branches[0]->outputs().size(), branches[1]->outputs().size()); ++i) {
    for (const size_t side : {size_t{0}, size_t{1}}) {
      const Value* holder = branches[side]->outputs()[i];
      Value* other = branches[1 - side]->outputs()[i];
      const auto axis = clash(holder, other, mender);
      if (!axis || &other->graph() != branches[1 - side]) continue;
      Node& reader = reader_of_result(*branches[1 - side], i, mender);
      mender.demand(reader, 0, *axis, mender.wanted(holder, *axis, false));
    }
  }
}

void check_loop(Node& node, Mender& mender) {
  const Graph* body = subgraph_of(node, "body");
  if (body == nullptr || (node.is("Scan") && mender.opset() < 9)) return;
  const size_t operands_before = node.is("Loop") ? 2 : 0;  // trip count and condition
  const size_t outputs_before = node.is("Loop") ? 1 : 0;
  const auto scanned = static_cast<size_t>(std::max<int64_t>(node.int_or("num_scan_inputs", 0), 0));
  if (node.inputs().size() < operands_before + scanned) return;
  const size_t carried = node.inputs().size() - operands_before - scanned;
  for (size_t i = 0; i < carried && i + operands_before < body->inputs().size(); ++i) {
    const Value* operand = node.input(operands_before + i);
    if (operand == nullptr) continue;
    keep_carried(node, *operand, *body->inputs()[i + operands_before], mender);
  }
  for (size_t i = 0; i < carried && i + outputs_before < body->outputs().size(); ++i) {
    const Value* result = body->outputs()[i + outputs_before];
    const auto axis = clash(result, node.input(operands_before + i), mender);
    if (axis) mender.demand(node, operands_before + i, *axis, mender.wanted(result, *axis, false));
  }
}

}  // namespace surgery::dims
