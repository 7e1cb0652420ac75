#pragma once

#include "surgery/infer.h"

namespace surgery::infer {

/// What holds of a value that has either one fact or the other: the result of an If, the state of a Loop. Dims that
/// differ become unknown.
Type join(const Type& a, const Type& b);
Fact join(const Fact& a, const Fact& b);

/// Same types (see surgery::same) and same contents.
bool same(const Fact& a, const Fact& b);

/// `inferred` with the gaps that `declared` can fill: element type, rank, dims that are unknown or made of nothing but
/// fresh symbols (`is_fresh(name)`). Symbols count only where an input has them (`is_input(name)`): exporters make up
/// names for dims of outputs, and use one for several. Sets `contradicts` where both cannot be true; what was inferred
/// stays there.
template <typename IsFresh, typename IsInput>
Type refine(Type inferred, const Type& declared, const IsFresh& is_fresh, const IsInput& is_input, bool& contradicts) {
  if (!declared.is_known()) return inferred;
  if (!inferred.is_known()) inferred.kind = declared.kind;
  if (inferred.kind != declared.kind) {
    contradicts = true;
    return inferred;
  }
  if (inferred.element_type == DataType::kUndefined) inferred.element_type = declared.element_type;
  if (declared.element_type != DataType::kUndefined && declared.element_type != inferred.element_type) {
    contradicts = true;
  }
  if (declared.inner != nullptr) {
    Type inner = inferred.inner == nullptr ? *declared.inner
                                           : refine(*inferred.inner, *declared.inner, is_fresh, is_input, contradicts);
    inferred.inner = std::make_shared<const Type>(std::move(inner));
  }
  if (!declared.shape) return inferred;
  const auto is_usable = [&](const Dim& dim) {
    if (!dim.is_symbolic()) return !dim.is_unknown() && dim.value() >= 0;
    for (const std::string& name : dim.symbols()) {
      if (!is_input(name)) return false;
    }
    return true;
  };
  if (!inferred.shape) {
    inferred.shape = declared.shape;
    for (Dim& dim : *inferred.shape) {
      if (!is_usable(dim)) dim = Dim();
    }
    return inferred;
  }
  if (inferred.shape->size() != declared.shape->size()) {
    contradicts = true;
    return inferred;
  }
  for (size_t i = 0; i < declared.shape->size(); ++i) {
    Dim& found = (*inferred.shape)[i];
    const Dim& said = (*declared.shape)[i];
    if (!is_usable(said) || found == said) continue;
    if (found.is_unknown()) {
      found = said;
    } else if (proven_different(found, said)) {
      contradicts = true;
    } else if (found.is_symbolic()) {
      bool fresh = true;
      for (const std::string& name : found.symbols()) fresh = fresh && is_fresh(name);
      if (fresh && (said.is_known() || found.is_plain_symbol())) found = said;
    }
  }
  return inferred;
}

}  // namespace surgery::infer
