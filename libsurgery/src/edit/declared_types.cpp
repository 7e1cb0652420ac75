#include "edit/declared_types.h"

#include "surgery/edit.h"

namespace surgery {
namespace {

bool is_declarable(const Dim& dim, const Inference& inference) {
  if (dim.is_known()) return dim.value() >= 0;
  return dim.is_plain_symbol() && !inference.is_fresh(*dim.symbols().begin());
}

Dim redeclared(const Dim& declared, const Dim& inferred, const Inference& inference, Unproven unproven) {
  if (inferred.is_known()) return inferred;
  if (!declared.is_unknown() && !declared.is_known()) return declared;
  if (is_declarable(inferred, inference)) return inferred;
  return unproven == Unproven::kKeep ? declared : Dim();
}

/// Numbers become unknown; a shape stays one, since outputs need it.
void open_numbers(Type& type) {
  if (!type.shape) return;
  for (Dim& dim : *type.shape) {
    if (dim.is_known()) dim = Dim();
  }
}

Type redeclared(const Type& declared, const Type& inferred, const Inference& inference, Unproven unproven) {
  if (!inferred.is_known()) {
    Type type = declared;
    if (unproven == Unproven::kDrop) open_numbers(type);
    return type;
  }
  if (!inferred.is_tensor() || !declared.is_tensor() || !inferred.shape || !declared.shape ||
      inferred.shape->size() != declared.shape->size()) {
    Type type = declarable(inferred, inference);
    if (!type.shape && declared.is_tensor()) {
      type.shape = declared.shape;
      if (unproven == Unproven::kDrop) open_numbers(type);
    }
    if (type.element_type == DataType::kUndefined) type.element_type = declared.element_type;
    return type;
  }
  Type type = inferred;
  if (type.element_type == DataType::kUndefined) type.element_type = declared.element_type;
  for (size_t i = 0; i < type.shape->size(); ++i) {
    (*type.shape)[i] = redeclared((*declared.shape)[i], (*inferred.shape)[i], inference, unproven);
  }
  return type;
}

/// Whether both cannot be true at once.
bool contradict(const Type& declared, const Type& inferred) {
  if (!declared.is_known() || !inferred.is_known()) return false;
  if (declared.kind != inferred.kind) return true;
  const bool types_known =
      declared.element_type != DataType::kUndefined && inferred.element_type != DataType::kUndefined;
  if (types_known && declared.element_type != inferred.element_type) return true;
  if (declared.inner != nullptr && inferred.inner != nullptr && contradict(*declared.inner, *inferred.inner)) {
    return true;
  }
  if (!declared.shape || !inferred.shape) return false;
  if (declared.shape->size() != inferred.shape->size()) return true;
  for (size_t i = 0; i < declared.shape->size(); ++i) {
    if (proven_different((*declared.shape)[i], (*inferred.shape)[i])) return true;
  }
  return false;
}

Type substituted(const Type& type, const std::map<std::string, Dim, std::less<>>& values, bool& changed) {
  Type result = type;
  if (result.shape) {
    for (Dim& dim : *result.shape) {
      if (!dim.is_symbolic()) continue;
      const Dim after = dim.substitute(values);
      if (after == dim) continue;
      dim = after;
      changed = true;
    }
  }
  if (result.inner != nullptr) {
    result.inner = std::make_shared<const Type>(substituted(*result.inner, values, changed));
  }
  return result;
}

}  // namespace

Type declarable(const Type& type, const Inference& inference) {
  Type result = type;
  if (result.shape) {
    for (Dim& dim : *result.shape) {
      if (!is_declarable(dim, inference)) dim = Dim();
    }
  }
  if (result.inner != nullptr) result.inner = std::make_shared<const Type>(declarable(*result.inner, inference));
  return result;
}

Type more_precise(const Type& declared, const Type& inferred, const Inference& inference) {
  if (!inferred.is_known()) return declared;
  Type type = declarable(inferred, inference);
  if (type.element_type == DataType::kUndefined) type.element_type = declared.element_type;
  if (type.inner != nullptr && declared.inner != nullptr) {
    type.inner = std::make_shared<const Type>(more_precise(*declared.inner, *inferred.inner, inference));
  }
  if (!type.shape || !declared.shape || type.shape->size() != declared.shape->size()) return type;
  for (size_t i = 0; i < type.shape->size(); ++i) {
    Dim& dim = (*type.shape)[i];
    if (dim.is_unknown()) dim = (*declared.shape)[i];
  }
  return type;
}

void redeclare(Model& model, const Inference& inference, Unproven unproven) {
  for_each_declared(model, [&](Graph& graph, Value& value) {
    Type type = redeclared(value.type(), inference.fact(value).type, inference, unproven);
    if (!same(type, value.type())) graph.set_type(value, std::move(type));
  });
}

void substitute_symbols(Model& model, const std::map<std::string, Dim, std::less<>>& values) {
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Value* value : graph.values()) {
      bool changed = false;
      Type type = substituted(value->type(), values, changed);
      if (changed) graph.set_type(*value, std::move(type));
    }
  });
}

size_t refresh_declared_types(Model& model, ModelFacts& facts) {
  const Inference& inference = facts.undeclared();
  size_t touched = 0;
  for_each_declared(model, [&](Graph& graph, Value& value) {
    const Type& inferred = inference.fact(value).type;
    if (!contradict(value.type(), inferred)) return;
    graph.set_type(value, declarable(inferred, inference));
    ++touched;
  });
  return touched;
}

}  // namespace surgery
