#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// Gives a Slice that runs to the end of each axis, as computed from the shape, constant ends.
/// Matches   y = Slice(x, starts, ends, axes, steps), ends not constant.
/// Requires  opset 10 or later; steps of 1; each end a known number, or proven equal to the size of its axis.
/// Produces  y = Slice(x, starts, constant, axes, steps), the largest integer for the latter.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Slice-13.
RewriteResult simplify_node(Node& node, Rewriter& rewriter) {
  if (rewriter.opset() < 10) return RewriteResult::declined("the ends are an attribute");
  if (node.input(0) == nullptr || node.input(2) == nullptr) return RewriteResult::declined("an input is omitted");
  if (rewriter.constant(node.input(2)) != nullptr) return RewriteResult::declined("the ends are constant already");
  if (node.input(4) != nullptr) {
    const auto steps = constant_ints(rewriter, node.input(4));
    if (!steps || std::any_of(steps->begin(), steps->end(), [](int64_t step) { return step != 1; })) {
      return RewriteResult::declined("a step is not known to be 1");
    }
  }
  const Shape* shape = rewriter.shape(*node.input(0));
  const auto& content = rewriter.fact(*node.input(2)).content;
  if (shape == nullptr || !content) return RewriteResult::declined("the ends' or the tensor's rank is not known");
  std::optional<std::vector<int64_t>> axes;
  if (node.input(3) != nullptr) {
    axes = constant_ints(rewriter, node.input(3));
    if (!axes || axes->size() != content->size()) return RewriteResult::declined("the axes are not constant");
  }
  const bool is_int32 = rewriter.element_type(*node.input(2)) == DataType::kInt32;
  std::vector<int64_t> ends;
  for (size_t i = 0; i < content->size(); ++i) {
    const auto axis = normalize_axis(axes ? (*axes)[i] : static_cast<int64_t>(i), static_cast<int64_t>(shape->size()));
    if (!axis) return RewriteResult::declined("an axis is out of range");
    const Dim& end = (*content)[i];
    if (end.is_known()) {
      ends.push_back(end.value());
    } else if (end == (*shape)[static_cast<size_t>(*axis)]) {
      ends.push_back(is_int32 ? INT32_MAX : INT64_MAX);
    } else {
      return RewriteResult::declined("an end is not known");
    }
  }
  Tensor tensor = Tensor::vector(ends);
  if (is_int32) {
    const std::vector<int32_t> narrow(ends.begin(), ends.end());
    tensor = Tensor::from_values<int32_t>(DataType::kInt32, {static_cast<int64_t>(narrow.size())}, narrow);
  }
  rewriter.set_input(node, 2,
                     &rewriter.add_constant(node.graph(), node.output(0)->name() + "_ends", std::move(tensor)));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Slice"};

}  // namespace

const Rewrite& simplify_slice_ends() {
  static const NodeRewrite kRewrite(
      "SimplifySliceEnds", "Gives a Slice up to a computed end of the axis a constant end.", kAnchors, simplify_node);
  return kRewrite;
}

}  // namespace surgery
