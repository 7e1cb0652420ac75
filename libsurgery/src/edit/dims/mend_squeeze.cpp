#include "edit/dims/mend_squeeze.h"

#include <algorithm>

#include "edit/dims/mender.h"
#include "surgery/text.h"

namespace surgery::dims {
namespace {

constexpr int64_t kAxesAreInput = 13;  // Squeeze-13

constexpr const char* kReason = "the axes of size 1 are named now, or one that becomes 1 would be dropped too";

std::string dropped(const Mender& mender) {
  return std::string("drops the ") + (mender.is_per_sample() ? "batch" : "freed") + " dimension, which is 1";
}

}  // namespace

bool squeezes_implicitly(const Node& node) {
  return node.is("Squeeze") && node.input(1) == nullptr && node.attribute("axes") == nullptr;
}

void name_squeezed_axes(Node& node, const Shape& shape) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].is(1)) axes.push_back(static_cast<int64_t>(i));
  }
  Graph& graph = node.graph();
  if (axes.empty()) {  // and an empty list would mean all
    graph.set_op_type(node, "Identity", "");
    return;
  }
  Model& model = graph.model();
  if (model.opset().value_or(1) < kAxesAreInput) {
    graph.set_attribute(node, Attribute("axes", std::move(axes)));
    return;
  }
  std::vector<Attribute> attributes;
  attributes.emplace_back("value", Tensor::vector(axes));
  const std::string name = model.unique_name(node.output(0)->name() + "_axes");
  Node& constant = graph.insert_before(
      &node, {.op_type = "Constant", .output_names = {name}, .attributes = std::move(attributes), .name = name});
  graph.set_input(node, 1, constant.output(0));
}

std::vector<std::string> name_squeezed_axes(Model& model, const Inference& inference, std::string_view symbol) {
  std::vector<std::string> notes;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (!squeezes_implicitly(*node) || node->input(0) == nullptr || node->output(0) == nullptr) continue;
      const Shape* shape = inference.shape(*node->input(0));
      if (shape == nullptr) continue;
      const bool carries = std::any_of(shape->begin(), shape->end(), [&](const Dim& dim) {
        return dim.is_symbolic() && dim.symbols().contains(std::string(symbol));
      });
      if (!carries) continue;
      notes.push_back(describe(*node) + ": " + kReason);
      name_squeezed_axes(*node, *shape);
    }
  });
  return notes;
}

/// Whether all that a Squeeze of a leading batch of 1 does is to let a row be broadcast, against what has the batch in
/// that place: then its readers read what was squeezed.
bool read_without_squeeze(Node& node, Mender& mender, int64_t axis) {
  Value& input = *node.input(0);
  const Value& output = *node.output(0);
  const Shape& shape = *mender.shape(&input);
  const auto rank = static_cast<int64_t>(shape.size());
  const bool is_leading = axis == 0 || axis == -rank;
  if (!mender.is_per_sample() || !is_leading || !mender.is_freed(shape.front())) return false;
  if (output.is_graph_output() || !mender.before(shape.front()).is(1)) return false;
  const std::vector<Use> uses(output.uses().begin(), output.uses().end());
  const auto broadcasts = [&](const Use& use) {
    const bool is_pair = is_any_of(*use.node, {"Add", "Sub", "Mul", "Div"});
    const bool is_sum = use.node->is("Gemm") && use.index == 2;  // whose result has a shape without it
    if ((!is_pair && !is_sum) || &use.node->graph() != &node.graph()) return false;
    const Shape* other = mender.shape(is_pair ? use.node->input(1 - use.index) : use.node->output(0));
    return other != nullptr && other->size() == shape.size() && other->front() == shape.front();
  };
  if (!std::all_of(uses.begin(), uses.end(), broadcasts)) return false;
  for (const Use& use : uses) {
    mender.replace_input(*use.node, use.index, input);
    mender.note(*use.node, "reads " + quote(input.name()) + " as it is; " + describe(node) + " dropped the batch of 1");
    mender.infer_again(*use.node);
  }
  return true;
}

/// Whether the size is 1 whatever its symbols are: what a Slice takes of the end of an axis, min(T, 1).
bool is_always_one(const Dim& size) {
  for (const int64_t number : {int64_t{1}, int64_t{1} << 20}) {
    std::map<std::string, Dim, std::less<>> values;
    for (const std::string& symbol : size.symbols()) values.emplace(symbol, number);
    if (!size.substitute(values).is(1)) return false;
  }
  return true;
}

void mend_squeeze(Node& node, Mender& mender) {
  const std::vector<size_t> freed_axes = mender.freed_axes(node.input(0));
  const Shape* shape = mender.shape(node.input(0));
  if (freed_axes.empty() || node.output(0) == nullptr) return;
  if (squeezes_implicitly(node)) {
    const auto any_axis = [&](const auto& is_meant) {
      return std::any_of(freed_axes.begin(), freed_axes.end(), [&](size_t axis) { return is_meant((*shape)[axis]); });
    };
    if (any_axis([&](const Dim& size) { return mender.before(size).is(1); })) {
      const Shape old = mender.before(*shape);
      const auto ones = std::count_if(old.begin(), old.end(), [](const Dim& dim) { return dim.is(1); });
      if (ones == 1 && read_without_squeeze(node, mender, 0)) return;
      throw no_other_size(mender, node, dropped(mender));
    }
    const auto may_be_one = [&](const Dim& size) { return mender.after(size).is(1) || !mender.after(size).is_known(); };
    if (!any_axis(may_be_one)) {
      Shape kept = *shape;
      std::erase_if(kept, [&](const Dim& size) { return mender.before(size).is(1); });
      if (static_dims(mender.before(*shape))) mender.settle(node, *node.output(0), std::move(kept));
      return;
    }
    mender.note(node, kReason);
    name_squeezed_axes(node, *shape);
    mender.infer_again(node);
    return;
  }
  std::vector<int64_t> axes = node.ints_or("axes", {});
  if (const auto content = mender.content(node.input(1))) {
    for (const Dim& axis : *content) {
      if (axis.is_known()) axes.push_back(axis.value());
    }
  }
  if (axes.size() == 1 && read_without_squeeze(node, mender, axes.front())) return;
  for (const int64_t axis : axes) {
    const auto index = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(shape->size()) : axis);
    if (std::find(freed_axes.begin(), freed_axes.end(), index) == freed_axes.end()) continue;
    if (is_always_one((*shape)[index])) continue;
    throw no_other_size(
        mender, node,
        "drops axis " + std::to_string(index) + ", which is the " + (mender.is_per_sample() ? "batch" : "freed one"));
  }
}

}  // namespace surgery::dims
