#include "parity/shared_samples.h"

#include <algorithm>

#include "exec/batched_run.h"

namespace exec {
namespace {

using surgery::Model;
using surgery::Node;
using surgery::Value;

/// The only axis in which two tensors of one rank differ.
std::optional<size_t> differing_axis(const Tensor& a, const Tensor& b) {
  std::optional<size_t> found;
  for (size_t axis = 0; axis < a.dims().size(); ++axis) {
    if (a.dims()[axis] == b.dims()[axis]) continue;
    if (found) return std::nullopt;
    found = axis;
  }
  return found;
}

/// With an axis cut in two, the outer one of that size.
Tensor split(const Tensor& tensor, size_t axis, int64_t outer) {
  std::vector<int64_t> dims = tensor.dims();
  dims[axis] /= outer;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), outer);
  return tensor.reshaped(std::move(dims));
}

std::vector<std::pair<Datum, Datum>> shared_rows(const Tensor& a, const Tensor& b, const SharedSamples& samples) {
  if (a.rank() == 0 || a.rank() != b.rank()) return {};
  const auto picked = [&](const Tensor& from_a, const Tensor& from_b, size_t axis) {
    return std::pair<Datum, Datum>(pick_rows(from_a, samples.rows_a, axis), pick_rows(from_b, samples.rows_b, axis));
  };
  if (a.dims()[0] == samples.batch_a && b.dims()[0] == samples.batch_b) return {picked(a, b, 0)};
  const std::optional<size_t> axis = differing_axis(a, b);
  if (!axis || a.dims()[*axis] % samples.batch_a != 0) return {};
  const int64_t factor = a.dims()[*axis] / samples.batch_a;
  if (b.dims()[*axis] != factor * samples.batch_b) return {};
  if (factor == 1) return {picked(a, b, *axis)};
  return {picked(split(a, *axis, samples.batch_a), split(b, *axis, samples.batch_b), *axis),
          picked(split(a, *axis, factor), split(b, *axis, factor), *axis + 1)};
}

Datum pick_elements(const Sequence& sequence, const std::vector<int64_t>& numbers) {
  Sequence picked{sequence.element_type, {}};
  for (const int64_t number : numbers) picked.elements.push_back(sequence.elements.at(static_cast<size_t>(number)));
  return Datum(std::move(picked));
}

bool is_data(const Value& value) { return value.is_graph_input() && !value.is_initializer(); }

}  // namespace

std::vector<std::pair<Datum, Datum>> shared_parts(const Datum& a, const Datum& b, const SharedSamples& samples) {
  if (a.is_tensor() && b.is_tensor()) return shared_rows(a.tensor(), b.tensor(), samples);
  if (!a.is_sequence() || !b.is_sequence()) return {};
  const bool is_one_each = a.sequence().elements.size() == static_cast<size_t>(samples.batch_a) &&
                           b.sequence().elements.size() == static_cast<size_t>(samples.batch_b);
  if (!is_one_each) return {};
  return {{pick_elements(a.sequence(), samples.rows_a), pick_elements(b.sequence(), samples.rows_b)}};
}

std::unordered_set<const Value*> values_without_data(const Model& model) {
  const surgery::Graph& graph = model.graph();
  std::unordered_set<const Value*> found;
  const auto is_without = [&](const Value* value) {
    return value == nullptr || found.contains(value) || (value->producer() == nullptr && !is_data(*value));
  };
  for (const Node* node : graph.topological_order().value_or(graph.nodes())) {
    const bool asks_size = node->is("Shape") || node->is("Size");
    const auto inputs = node->inputs();
    if (!asks_size && (node->has_subgraphs() || !std::all_of(inputs.begin(), inputs.end(), is_without))) continue;
    for (const Value* output : node->outputs()) {
      if (output != nullptr) found.insert(output);
    }
  }
  return found;
}

}  // namespace exec
