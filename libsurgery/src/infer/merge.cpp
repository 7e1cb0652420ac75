#include "infer/merge.h"

namespace surgery::infer {

Type join(const Type& a, const Type& b) {
  Type joined;
  if (a.kind != b.kind) return joined;
  joined.kind = a.kind;
  if (a.element_type == b.element_type) joined.element_type = a.element_type;
  if (a.inner != nullptr && b.inner != nullptr) joined.inner = std::make_shared<const Type>(join(*a.inner, *b.inner));
  if (a.shape && b.shape && a.shape->size() == b.shape->size()) {
    Shape& shape = joined.shape.emplace(a.shape->size());
    for (size_t i = 0; i < shape.size(); ++i) {
      if ((*a.shape)[i] == (*b.shape)[i]) shape[i] = (*a.shape)[i];
    }
  }
  return joined;
}

Fact join(const Fact& a, const Fact& b) {
  Fact joined{join(a.type, b.type), std::nullopt};
  if (!a.content || !b.content || a.content->size() != b.content->size()) return joined;
  joined.content = a.content;
  for (size_t i = 0; i < a.content->size(); ++i) {
    if (!((*a.content)[i] == (*b.content)[i])) (*joined.content)[i] = Dim();
  }
  return joined;
}

bool same(const Fact& a, const Fact& b) {
  if (!surgery::same(a.type, b.type)) return false;
  if (!a.content || !b.content) return a.content.has_value() == b.content.has_value();
  if (a.content->size() != b.content->size()) return false;
  for (size_t i = 0; i < a.content->size(); ++i) {
    const Dim& x = (*a.content)[i];
    const Dim& y = (*b.content)[i];
    if (!(x == y) && !(x.is_unknown() && y.is_unknown())) return false;
  }
  return true;
}

}  // namespace surgery::infer
