#include "edit/dims/counting.h"
#include "edit/dims/mender.h"

/// Gather, GatherND and ScatterND along a batch. They mix samples, unless the index for sample i is i itself beside
/// indices within the sample, or, into samples that are flattened into one axis, i * length + position. The position is
/// the same for each sample, and the old model could not have read the last one were it not below the length.
namespace surgery::dims {
namespace {

/// The axis of the indices along which they count the samples; nothing where they do not.
std::optional<size_t> counted_axis(const Node& node, const Mender& mender, size_t batch_axis, const Dim& batch,
                                   const Dim& inner) {
  const Value* indices = node.input(1);
  std::optional<Steps> steps;
  if (node.is("Gather")) {
    const Shape& data = *mender.shape(node.input(0));
    const int64_t given = node.int_or("axis", 0);
    const int64_t axis = given < 0 ? given + static_cast<int64_t>(data.size()) : given;
    if (axis == static_cast<int64_t>(batch_axis)) steps = steps_of(*indices, batch, mender);
  } else if ((node.is("GatherND") || node.is("ScatterND")) && node.int_or("batch_dims", 0) == 0) {
    steps = steps_of_component(*indices, static_cast<int64_t>(batch_axis), batch, mender);
  }
  if (!steps) return std::nullopt;
  for (const auto& [axis, step] : *steps) {
    if (step == inner) return axis;
  }
  return std::nullopt;
}

}  // namespace

bool takes_by_sample(Node& node, Mender& mender, size_t batch_axis) {
  const Value* output = node.output(0);
  const Factors factors = mender.factors(node.input(0), batch_axis);
  if (node.input(1) == nullptr || output == nullptr || factors.empty() || !factors[0].is_plain_symbol()) return false;
  const Dim batch = factors[0];
  const Dim inner = product(Factors(factors.begin() + 1, factors.end()));
  if (!mender.is_freed(batch) || mender.is_freed(inner)) return false;
  const auto axis = counted_axis(node, mender, batch_axis, batch, inner);
  if (!axis) return false;
  const auto mend = [&](size_t input, bool counts) {
    const Shape* shape = mender.shape(node.input(input));
    if (shape == nullptr || *axis >= shape->size() || (*shape)[*axis] == batch) return false;
    mender.demand(node, input, *axis, {batch, {batch}, false, counts});
    return true;
  };
  bool mended = mend(1, true);
  if (node.is("ScatterND")) mended = mend(2, false) || mended;
  if (!mended) return true;
  // With a batch of one there is nothing left to count: what was found here holds.
  mender.infer_again(node);
  const Shape* shape = mender.shape(output);
  if (shape == nullptr) return false;
  mender.settle(node, *output, Shape(*shape));
  return true;
}

}  // namespace surgery::dims
