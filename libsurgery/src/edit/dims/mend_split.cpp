#include <algorithm>

#include "edit/dims/whole_batches.h"

/// A Split that takes several batches apart, whole ones, gets the new size in the place of the old one. Any other one
/// along the batch mixes samples.
namespace surgery::dims {
namespace {

/// Rows of each part, as the file says it or in equal parts.
std::optional<std::vector<int64_t>> parts_of(const Node& node, const Mender& mender, const WholeBatches& batches) {
  if (mender.opset() < 13 && node.attribute("split") != nullptr) return node.ints_or("split", {});
  if (node.input(1) != nullptr) {
    const auto sizes = mender.content(node.input(1));
    return sizes ? static_dims(Shape(sizes->begin(), sizes->end())) : std::nullopt;
  }
  const auto count = static_cast<int64_t>(node.outputs().size());
  const int64_t rows = batches.count * batches.size;
  if (count == 0 || rows % count != 0) return std::nullopt;
  return std::vector<int64_t>(node.outputs().size(), rows / count);
}

bool split_batches(Node& node, Mender& mender, size_t axis) {
  const auto batches = whole_batches(*node.input(0), axis, mender);
  const auto parts = batches ? parts_of(node, mender, *batches) : std::nullopt;
  if (!parts || parts->size() != node.outputs().size()) return false;
  std::vector<Dim> sizes;
  for (const int64_t part : *parts) {
    const auto rows = batches->rows(part);
    if (!rows) return false;
    sizes.push_back(*rows);
  }
  if (mender.opset() < 13 && node.attribute("split") != nullptr) {
    std::vector<int64_t> numbers;
    for (const Dim& size : sizes) {
      const Dim now = mender.after(size);
      if (!now.is_known()) return false;  // an attribute cannot be open
      numbers.push_back(now.value());
    }
    mender.note(node, "split " + to_string(Shape(parts->begin(), parts->end())) + " -> " +
                          to_string(Shape(numbers.begin(), numbers.end())));
    node.graph().set_attribute(node, Attribute("split", std::move(numbers)));
  } else if (node.input(1) != nullptr) {
    const std::vector<Dim> before(parts->begin(), parts->end());
    mender.rewrite_shape_operand(node, 1, sizes, std::vector<bool>(sizes.size(), true), before, "split");
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Value* output = node.output(i);
    if (output == nullptr) continue;
    Shape shape = *mender.shape(node.input(0));
    shape[axis] = sizes[i];
    mender.set_factors(*output, axis, batches->factors((*parts)[i]));
    mender.settle(node, *output, std::move(shape));
  }
  return true;
}

}  // namespace

void mend_split(Node& node, Mender& mender) {
  const Shape* shape = mender.shape(node.input(0));
  if (shape == nullptr) return;
  const int64_t given = node.int_or("axis", 0);
  const auto axis = static_cast<size_t>(given < 0 ? given + static_cast<int64_t>(shape->size()) : given);
  const std::vector<size_t> freed = mender.freed_axes(node.input(0));
  const bool is_along = mender.is_per_sample() && std::find(freed.begin(), freed.end(), axis) != freed.end();
  if (is_along && split_batches(node, mender, axis)) return;
  check_mixing(node, mender);
}

}  // namespace surgery::dims
