#include <algorithm>
#include <array>

#include "rewrite/match.h"
#include "rewrite/node_rewrite.h"

namespace surgery {
namespace {

/// What a Pad adds: [begin of each axis, end of each axis], or why that is not a known number of zeros.
struct Padding {
  std::vector<int64_t> pads;
  std::string_view reason;
};

/// Whether the value put in is 0: an attribute before opset 11, then an input, 0 when absent.
bool pads_with_zero(const Node& pad, const Rewriter& rewriter) {
  if (rewriter.opset() < 11) return pad.float_or("value", 0) == 0;
  return pad.input(2) == nullptr || uniform_constant(rewriter, pad.input(2)) == 0.0;
}

Padding zeros_added_by(const Node& pad, int64_t rank, const Rewriter& rewriter) {
  if (pad.string_or("mode", "constant") != "constant") return {{}, "the Pad is not of constant mode"};
  if (!pads_with_zero(pad, rewriter)) return {{}, "the Pad is not known to add zeros"};
  std::optional<std::vector<int64_t>> given;
  if (rewriter.opset() >= 11) {
    given = constant_ints(rewriter, pad.input(1));
  } else {
    given = pad.ints_or(rewriter.opset() == 1 ? "paddings" : "pads", {});
  }
  if (!given || std::any_of(given->begin(), given->end(), [](int64_t count) { return count < 0; })) {
    return {{}, "the pads are not constant, or negative"};
  }
  if (pad.input(3) == nullptr) {
    if (static_cast<int64_t>(given->size()) != 2 * rank) return {{}, "the pads are not two per axis"};
    return {std::move(*given), {}};
  }
  const auto axes = constant_ints(rewriter, pad.input(3));
  if (!axes || given->size() != 2 * axes->size()) return {{}, "the Pad's axes are not constant"};
  std::vector<int64_t> pads(static_cast<size_t>(2 * rank), 0);
  for (size_t i = 0; i < axes->size(); ++i) {
    const auto axis = normalize_axis((*axes)[i], rank);
    if (!axis) return {{}, "an axis of the Pad is out of range"};
    pads[static_cast<size_t>(*axis)] += (*given)[i];
    pads[static_cast<size_t>(*axis + rank)] += (*given)[i + axes->size()];
  }
  return {std::move(pads), {}};
}

/// The pads of a convolution or pool itself; nothing when it works them out from the input's size.
std::optional<std::vector<int64_t>> own_pads(const Node& node, size_t num_spatial) {
  const std::string auto_pad = node.string_or("auto_pad", "NOTSET");
  std::vector<int64_t> pads(2 * num_spatial, 0);
  if (auto_pad == "NOTSET") pads = node.ints_or("pads", std::move(pads));
  if ((auto_pad != "NOTSET" && auto_pad != "VALID") || pads.size() != 2 * num_spatial) return std::nullopt;
  return pads;
}

/// Why zeros around the input are not what the pool's own padding gives; empty if they are.
std::string_view why_pool_differs(const Node& pool, const std::vector<int64_t>& own, const std::vector<int64_t>& total,
                                  const Rewriter& rewriter) {
  if (rewriter.opset() < 7) return "the pool does not count its padding";
  if (pool.int_or("ceil_mode", 0) != 0) return "the pool rounds its size up";
  const bool counts = pool.int_or("count_include_pad", 0) != 0;
  if (!counts && std::any_of(own.begin(), own.end(), [](int64_t pad) { return pad != 0; })) {
    return "the pool does not count its own padding";
  }
  const std::vector<int64_t> kernel = pool.ints_or("kernel_shape", {});
  for (size_t i = 0; i < total.size(); ++i) {
    if (kernel.empty() || total[i] >= kernel[i % kernel.size()]) return "the pads are as large as the kernel";
  }
  return {};
}

/// Lets a convolution or average pool do the padding that a Pad did before it.
/// Matches   y = Conv(Pad(x), W, b), y = AveragePool(Pad(x)).
/// Requires  a Pad of constant mode, value 0, constant pads, none negative and none on the first two axes, whose result
///           has one use and is no graph output; pads of the reader given as numbers. For AveragePool also opset 7 or
///           later, ceil_mode 0, no padding of its own unless it counts it, and pads smaller than the kernel.
/// Produces  the reader on x, the pads added to its own; AveragePool with count_include_pad.
/// Keeps     name, type and shape of y. Applies inside subgraphs and functions.
/// Source    ONNX Pad-21, Conv-11, AveragePool-19.
RewriteResult fuse(Node& node, Rewriter& rewriter) {
  Node* pad = producer(node.input(0), "Pad");
  if (pad == nullptr || pad->input(0) == nullptr) return RewriteResult::declined("no Pad feeds the node");
  if (&pad->graph() != &node.graph()) return RewriteResult::declined("the two nodes are in different graphs");
  if (!pad->output(0)->has_one_use()) return RewriteResult::declined("the padded tensor is used elsewhere");
  std::optional<int64_t> data_rank = rank(rewriter, pad->input(0));
  if (!data_rank && node.is("Conv")) data_rank = rank(rewriter, node.input(1));
  if (!data_rank || *data_rank < 3) return RewriteResult::declined("the rank is not known, or below 3");
  const Padding padding = zeros_added_by(*pad, *data_rank, rewriter);
  if (!padding.reason.empty()) return RewriteResult::declined(padding.reason);
  const auto axes = static_cast<size_t>(*data_rank);
  for (const size_t i : {size_t{0}, size_t{1}, axes, axes + 1}) {
    if (padding.pads[i] != 0) return RewriteResult::declined("the Pad adds samples or channels");
  }
  const auto own = own_pads(node, axes - 2);
  if (!own) return RewriteResult::declined("the node's own pads depend on the size");
  std::vector<int64_t> total = *own;
  for (size_t i = 0; i < axes - 2; ++i) {
    total[i] += padding.pads[2 + i];
    total[axes - 2 + i] += padding.pads[axes + 2 + i];
  }
  if (node.is("AveragePool")) {
    const std::string_view reason = why_pool_differs(node, *own, total, rewriter);
    if (!reason.empty()) return RewriteResult::declined(reason);
    rewriter.set_attribute(node, Attribute("count_include_pad", int64_t{1}));
  }
  rewriter.set_input(node, 0, pad->input(0));
  rewriter.set_attribute(node, Attribute("pads", std::move(total)));
  rewriter.remove_attribute(node, "auto_pad");
  return RewriteResult::done();
}

constexpr std::array<std::string_view, 2> kAnchors{"Conv", "AveragePool"};

}  // namespace

const Rewrite& fuse_pad() {
  static const NodeRewrite kRewrite("FusePad", "Lets a Conv or AveragePool do the padding of the Pad before it.",
                                    kAnchors, fuse);
  return kRewrite;
}

}  // namespace surgery
