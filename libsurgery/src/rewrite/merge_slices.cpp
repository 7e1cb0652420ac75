#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// What a Slice takes, one entry per axis, axes counted from the front.
struct Range {
  std::vector<int64_t> starts;
  std::vector<int64_t> ends;
  std::vector<int64_t> axes;
  std::vector<int64_t> steps;
};

std::optional<Range> range_of(const Node& slice, int64_t rank, const Rewriter& rewriter) {
  const auto starts = constant_ints(rewriter, slice.input(1));
  const auto ends = constant_ints(rewriter, slice.input(2));
  if (!starts || !ends || starts->size() != ends->size()) return std::nullopt;
  Range range{*starts, *ends, {}, std::vector<int64_t>(starts->size(), 1)};
  for (size_t i = 0; i < starts->size(); ++i) range.axes.push_back(static_cast<int64_t>(i));
  if (slice.input(3) != nullptr) {
    auto axes = constant_ints(rewriter, slice.input(3));
    if (!axes) return std::nullopt;
    range.axes = std::move(*axes);
  }
  if (slice.input(4) != nullptr) {
    auto steps = constant_ints(rewriter, slice.input(4));
    if (!steps) return std::nullopt;
    range.steps = std::move(*steps);
  }
  if (range.axes.size() != starts->size() || range.steps.size() != starts->size()) return std::nullopt;
  for (int64_t& axis : range.axes) {
    const auto normalized = normalize_axis(axis, rank);
    if (!normalized) return std::nullopt;
    axis = *normalized;
  }
  return range;
}

/// Whether the tensor goes into Slices of its graph alone, so that it will not be needed any more.
bool is_only_sliced(const Value& value, const Graph& graph) {
  const auto uses = value.uses();
  return !value.is_graph_output() && std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
    return use.node->is("Slice") && use.index == 0 && &use.node->graph() == &graph;
  });
}

void append(std::vector<int64_t>& list, const std::vector<int64_t>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

/// Makes one Slice of two in a row along different axes.
/// Matches   y = Slice(Slice(x)).
/// Requires  opset 10 or later; starts, ends, axes and steps of both constant; no axis in both; a known rank; the
///           tensor in between is no graph output and read by Slices alone.
/// Produces  y = Slice(x) along the axes of both.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Slice-13.
RewriteResult simplify_node(Node& second, Rewriter& rewriter) {
  if (rewriter.opset() < 10) return RewriteResult::declined("the ends are an attribute");
  const Node* first = producer(second.input(0), "Slice");
  if (first == nullptr) return RewriteResult::declined("no Slice comes before");
  if (!is_only_sliced(*first->output(0), second.graph())) {
    return RewriteResult::declined("the tensor in between is used elsewhere");
  }
  const auto data_rank = rank(rewriter, first->input(0));
  if (!data_rank) return RewriteResult::declined("the rank is not known");
  auto range = range_of(*first, *data_rank, rewriter);
  const auto more = range_of(second, *data_rank, rewriter);
  if (!range || !more) return RewriteResult::declined("the range is not constant");
  for (const int64_t axis : more->axes) {
    if (std::find(range->axes.begin(), range->axes.end(), axis) != range->axes.end()) {
      return RewriteResult::declined("both slice the same axis");
    }
  }
  append(range->starts, more->starts);
  append(range->ends, more->ends);
  append(range->axes, more->axes);
  append(range->steps, more->steps);
  Graph& graph = second.graph();
  const std::string name = second.output(0)->name();
  NodeSpec spec{.op_type = "Slice", .inputs = {first->input(0)}};
  spec.inputs.push_back(&rewriter.add_constant(graph, name + "_starts", Tensor::vector(range->starts)));
  spec.inputs.push_back(&rewriter.add_constant(graph, name + "_ends", Tensor::vector(range->ends)));
  spec.inputs.push_back(&rewriter.add_constant(graph, name + "_axes", Tensor::vector(range->axes)));
  spec.inputs.push_back(&rewriter.add_constant(graph, name + "_steps", Tensor::vector(range->steps)));
  rewriter.become(second, std::move(spec));
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 1> kAnchors{"Slice"};

}  // namespace

const Rewrite& merge_slices() {
  static const NodeRewrite kRewrite("MergeSlices", "Makes one Slice of two in a row along different axes.", kAnchors,
                                    simplify_node);
  return kRewrite;
}

}  // namespace surgery
