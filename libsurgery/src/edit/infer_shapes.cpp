#include "edit/declared_types.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --infer-shapes: writes the types that inference finds as value_info, of the main graph and of subgraphs, and makes
/// those of outputs more precise. A declaration that says more than inference stays; one that cannot be true, or a node
/// that cannot be right, is an Error(kRead) naming it. Dims that a file has no word for (expressions, sizes that depend
/// on the data) are left open. Bodies of functions have no types of their own and are left alone.
/// Meaning   kKept: nothing that is computed changes.
namespace surgery::edits {
namespace {

void require_consistent(const Inference& inference) {
  if (!inference.contradictions().empty()) {
    const Contradiction& first = inference.contradictions().front();
    const size_t others = inference.contradictions().size() - 1;
    throw Error(ErrorCode::kRead, "value " + quote(first.value) + " of " + first.place + " is declared as " +
                                      escape(first.declared) + ", and inference finds " + escape(first.inferred) +
                                      (others == 0 ? "" : "; " + std::to_string(others) + " more contradict too"));
  }
  if (!inference.errors().empty()) throw Error(ErrorCode::kRead, inference.errors().front());
}

bool has_complete_shape(const Type& type) {
  if (!type.is_tensor()) return type.is_known();
  if (!type.shape) return false;
  for (const Dim& dim : *type.shape) {
    if (dim.is_unknown()) return false;
  }
  return true;
}

/// Whether a file can hold the type: a tensor without an element type is nothing.
bool is_writable(const Type& type) {
  if (type.is_tensor()) return type.element_type != DataType::kUndefined;
  return type.is_known() && (type.inner == nullptr || is_writable(*type.inner));
}

struct Counts {
  size_t added = 0;
  size_t refined = 0;
  size_t open = 0;  // results whose type or some dim is not known
};

void declare(Graph& graph, Value& value, const Inference& inference, Counts& counts) {
  const Type type = more_precise(value.type(), inference.fact(value).type, inference);
  const bool is_listed = value.is_graph_output() || value.has_value_info();
  if (!has_complete_shape(type)) ++counts.open;
  if (!is_writable(type) || (is_listed && same(type, value.type()))) return;
  ++(is_listed ? counts.refined : counts.added);
  graph.set_type(value, type);
  if (!is_listed) graph.set_value_info(value, true);
}

}  // namespace

EditReport infer_shapes(Model& model, std::string_view /*argument*/, const EditContext& context) {
  const Inference& inference = context.facts->declared();
  require_consistent(inference);
  Counts counts;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Value* value : graph.values()) {
      if (value->producer() != nullptr) declare(graph, *value, inference, counts);
    }
  });
  EditReport report;
  report.notes.push_back(std::to_string(counts.added) + " types added, " + std::to_string(counts.refined) +
                         " made more precise; " + std::to_string(counts.open) + " have an open dimension");
  return report;
}

}  // namespace surgery::edits
