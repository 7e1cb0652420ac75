#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Gather and Scatter in their forms.
namespace surgery::infer {
namespace {

void infer_gather(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  const Shape* indices = c.shape(1);
  if (data == nullptr) return;
  const std::optional<int64_t> axis = c.normalize_axis(c.int_or("axis", 0), static_cast<int64_t>(data->size()));
  if (!axis || indices == nullptr) return;
  Shape shape(data->begin(), data->begin() + *axis);
  shape.insert(shape.end(), indices->begin(), indices->end());
  shape.insert(shape.end(), data->begin() + *axis + 1, data->end());
  c.set(0, type, std::move(shape));

  const std::vector<Dim>* positions = c.content(1);
  const Dim& size = (*data)[static_cast<size_t>(*axis)];
  if (positions == nullptr) return;
  for (const Dim& position : *positions) {
    if (!size.is_known() || !position.is_known()) continue;
    if (position.value() < -size.value() || position.value() >= size.value()) {
      return c.fail("index " + position.to_string() + " is out of range for " + size.to_string());
    }
  }
  const std::vector<Dim>* content = c.content(0);
  if (content == nullptr || *axis != 0 || !size.is_known() || size.is(0)) return;
  const size_t row = content->size() / static_cast<size_t>(size.value());
  if (row * positions->size() > 1024) return;
  std::vector<Dim> elements;
  for (const Dim& position : *positions) {
    if (!position.is_known()) {
      elements.resize(elements.size() + row);
      continue;
    }
    const int64_t place = position.value() < 0 ? position.value() + size.value() : position.value();
    const auto first = content->begin() + place * static_cast<std::ptrdiff_t>(row);
    elements.insert(elements.end(), first, first + static_cast<std::ptrdiff_t>(row));
  }
  c.set_content(0, std::move(elements));
}

void infer_gather_elements(InferContext& c) {
  const Shape* indices = c.shape(1);
  c.set(0, c.element_type(0), indices != nullptr ? std::optional(*indices) : std::nullopt);
  const Shape* data = c.shape(0);
  if (data == nullptr) return;
  const auto rank = static_cast<int64_t>(data->size());
  c.normalize_axis(c.int_or("axis", 0), rank);
  if (indices == nullptr) return c.set(0, c.element_type(0), unknown_dims(data->size()));
  require_rank(c, 1, rank, "indices");
}

/// output = indices.shape[:-1] + data.shape[batch_dims + indices.shape[-1]:]
void infer_gather_nd(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  const Shape* indices = c.shape(1);
  if (data == nullptr || indices == nullptr) return;
  if (indices->empty()) return c.fail("input indices is a scalar");
  const Dim& depth = indices->back();
  if (!depth.is_known()) return;
  const auto rank = static_cast<int64_t>(data->size());
  const int64_t batch_dims = c.int_or("batch_dims", 0);
  if (batch_dims < 0 || batch_dims >= static_cast<int64_t>(indices->size()) || batch_dims >= rank) {
    return c.fail("batch_dims is " + std::to_string(batch_dims));
  }
  for (size_t axis = 0; axis < static_cast<size_t>(batch_dims); ++axis) {
    require_equal(c, (*data)[axis], (*indices)[axis], "sizes of data and indices in axis " + std::to_string(axis));
  }
  if (depth.value() < 0 || depth.value() > rank - batch_dims) {
    return c.fail("indices of length " + depth.to_string() + " point into rank " + std::to_string(rank));
  }
  Shape shape(indices->begin(), indices->end() - 1);
  shape.insert(shape.end(), data->begin() + batch_dims + depth.value(), data->end());
  c.set(0, type, std::move(shape));
}

void infer_scatter_elements(InferContext& c) {
  same_type(c, 0, 0);
  if (c.rank(0)) c.normalize_axis(c.int_or("axis", 0), *c.rank(0));
}

/// Follows contents for one integer index into a vector: how exporters set one entry of a shape.
void infer_scatter_nd(InferContext& c) {
  same_type(c, 0, 0);
  const std::vector<Dim>* content = c.content(0);
  const std::optional<std::vector<int64_t>> indices = c.integers(1);
  const std::vector<Dim>* updates = c.content(2);
  if (content == nullptr || !indices || updates == nullptr || !c.rank(0) || *c.rank(0) != 1) return;
  if (c.string_or("reduction", "none") != "none" || indices->size() != updates->size()) return;
  std::vector<Dim> elements = *content;
  const auto size = static_cast<int64_t>(elements.size());
  for (size_t i = 0; i < indices->size(); ++i) {
    const int64_t index = (*indices)[i] < 0 ? (*indices)[i] + size : (*indices)[i];
    if (index < 0 || index >= size) {
      return c.fail("index " + std::to_string((*indices)[i]) + " is out of range for " + std::to_string(size));
    }
    elements[static_cast<size_t>(index)] = (*updates)[i];
  }
  c.set_content(0, std::move(elements));
}

constexpr Operator kOperators[] = {
    {"Gather", infer_gather},
    {"GatherElements", infer_gather_elements},
    {"GatherND", infer_gather_nd},
    {"Scatter", infer_scatter_elements},
    {"ScatterElements", infer_scatter_elements},
    {"ScatterND", infer_scatter_nd},
};

}  // namespace

std::span<const Operator> gather_operators() { return kOperators; }

}  // namespace surgery::infer
