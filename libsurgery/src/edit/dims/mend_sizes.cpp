#include <algorithm>

#include "edit/dims/mender.h"

/// Operators that are given the size of their output: Expand, AffineGrid and Resize.
namespace surgery::dims {
namespace {

/// Where `wanted` holds a freed dimension, `sizes` must hold the old size: marks those to be changed.
std::vector<bool> clashes(const Node& node, const std::vector<Dim>& sizes, const std::vector<Dim>& wanted,
                          const Mender& mender) {
  std::vector<bool> changed(sizes.size(), false);
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!mender.is_freed(wanted[i]) || sizes[i] == wanted[i] || sizes[i].is_unknown()) continue;
    const Dim before = mender.before(wanted[i]);
    if (sizes[i] == before) {
      changed[i] = true;
    } else if (mender.is_per_sample() || sizes[i].is_known()) {
      throw no_other_size(mender, node,
                          std::string("gives the ") + (mender.is_per_sample() ? "batch" : "freed") +
                              " dimension the size " + sizes[i].to_string());
    }
  }
  return changed;
}

bool any(const std::vector<bool>& marks) { return std::find(marks.begin(), marks.end(), true) != marks.end(); }

}  // namespace

void mend_expand(Node& node, Mender& mender) {
  const Shape* input = mender.shape(node.input(0));
  const std::optional<std::vector<Dim>> sizes = mender.content(node.input(1));
  if (input == nullptr || !sizes || node.output(0) == nullptr) return;
  // Both are aligned at their ends. A size of 1 keeps what the input has.
  std::vector<Dim> wanted = *sizes;
  for (size_t i = 0; i < std::min(input->size(), sizes->size()); ++i) {
    const Dim& dim = (*input)[input->size() - 1 - i];
    Dim& size = wanted[sizes->size() - 1 - i];
    if (mender.is_freed(dim) && !size.is(1)) size = dim;
  }
  const std::vector<bool> changed = clashes(node, *sizes, wanted, mender);
  if (!any(changed)) return;
  // For a size that is a symbol 1 says it all, without computing anything.
  std::vector<Dim> written = wanted;
  for (size_t i = 0; i < written.size(); ++i) {
    if (changed[i] && !mender.after(written[i]).is_known()) written[i] = 1;
  }
  mender.rewrite_shape_operand(node, 1, written, changed, *sizes, "shape");
  Shape result(wanted.begin(), wanted.end());
  while (result.size() < input->size()) result.insert(result.begin(), (*input)[input->size() - 1 - result.size()]);
  for (size_t i = 0; i < input->size(); ++i) {
    Dim& size = result[result.size() - 1 - i];
    if (size.is(1)) size = (*input)[input->size() - 1 - i];
  }
  mender.settle(node, *node.output(0), std::move(result));
}

void mend_affine_grid(Node& node, Mender& mender) {
  const Shape* theta = mender.shape(node.input(0));
  const auto sizes = mender.content(node.input(1));
  if (theta == nullptr || theta->empty() || !sizes || sizes->size() < 3 || node.output(0) == nullptr) return;
  if (mender.freed_axes(node.input(0)) != std::vector<size_t>{0}) return check_mixing(node, mender);
  std::vector<Dim> wanted = *sizes;
  wanted.front() = theta->front();
  const std::vector<bool> changed = clashes(node, *sizes, wanted, mender);
  if (!any(changed)) return;
  Shape result{wanted.front()};
  result.insert(result.end(), wanted.begin() + 2, wanted.end());
  result.push_back(Dim(static_cast<int64_t>(wanted.size()) - 2));
  mender.rewrite_shape_operand(node, 1, wanted, changed, *sizes, "size");
  mender.settle(node, *node.output(0), std::move(result));
}

void mend_resize(Node& node, Mender& mender) {
  const Shape* input = mender.shape(node.input(0));
  if (node.input(3) == nullptr) return check_mixing(node, mender);  // by factors
  const std::optional<std::vector<Dim>> sizes = mender.content(node.input(3));
  if (input == nullptr || !sizes || node.output(0) == nullptr) return;
  std::vector<int64_t> axes = node.ints_or("axes", {});
  if (axes.empty()) {
    for (size_t i = 0; i < input->size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  if (axes.size() != sizes->size()) return;
  std::vector<Dim> wanted = *sizes;
  Shape result = *input;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t axis = axes[i] < 0 ? axes[i] + static_cast<int64_t>(input->size()) : axes[i];
    if (axis < 0 || axis >= static_cast<int64_t>(input->size())) return;
    Dim& size = result[static_cast<size_t>(axis)];
    // A literal of another size is asked for on purpose; what needs it to grow will say so.
    const bool keeps = mender.is_per_sample() || (*sizes)[i] == mender.before(size);
    if (mender.is_freed(size) && keeps) wanted[i] = size;
    size = wanted[i];
  }
  const std::vector<bool> changed = clashes(node, *sizes, wanted, mender);
  if (!any(changed)) return;
  mender.rewrite_shape_operand(node, 3, wanted, changed, *sizes, "sizes");
  mender.settle(node, *node.output(0), std::move(result));
}

}  // namespace surgery::dims
