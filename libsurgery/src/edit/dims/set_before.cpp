#include "edit/dims/set_before.h"

#include "surgery/text.h"

namespace surgery::dims {
namespace {

const Value* find_input(const Model& model, uint32_t id) {
  for (const Value* input : model.graph().inputs()) {
    if (input->id() == id) return input;
  }
  return nullptr;  // taken out since
}

void require_size(const Journal::SetDim& set, const Value& input, size_t axis) {
  if (!input.type().shape || axis >= input.type().shape->size()) return;
  const Dim& now = (*input.type().shape)[axis];
  if (!now.is_known() || now == set.target) return;
  const std::string place = "axis " + std::to_string(axis) + " of input " + quote(input.name());
  const std::string was = set.target.to_string();
  throw Error(ErrorCode::kUsage,
              set.symbol.empty() ? place + " was set to " + was + " before, and would be " + now.to_string() + " now"
                                 : "dimension " + quote(set.symbol) + " was set to " + was + " before, and cannot be " +
                                       now.to_string() + " too (" + place + ")");
}

}  // namespace

void note_set(Model& model, std::string_view symbol, const Dim& target) {
  Journal::SetDim set{std::string(symbol), {}, target, {}};
  for (const Value* input : model.graph().inputs()) {
    if (!input->type().shape) continue;
    const Shape& shape = *input->type().shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis].is_plain_symbol() && *shape[axis].symbols().begin() == symbol) {
        set.axes.emplace_back(input->id(), axis);
      }
    }
  }
  model.journal().set_dim(std::move(set));
}

void note_set(Model& model, const Value& input, size_t axis, const Dim& target) {
  const Dim& dim = input.type().shape->at(axis);
  if (dim.is_plain_symbol()) return note_set(model, *dim.symbols().begin(), target);
  for (const Journal::SetDim& set : model.journal().set_dims()) {
    const bool is_other = target.is_symbolic() && set.target == target && set.was.is_known() && dim.is_known();
    if (!is_other || set.was == dim) continue;
    throw Error(ErrorCode::kUsage, "dimension " + quote(target.to_string()) + " was " + set.was.to_string() +
                                       " before, and cannot be " + dim.to_string() + " too");
  }
  model.journal().set_dim({{}, dim, target, {{input.id(), axis}}});
}

std::optional<Dim> set_before(const Model& model, std::string_view symbol) {
  std::optional<Dim> target;
  for (const Journal::SetDim& set : model.journal().set_dims()) {
    if (set.symbol == symbol) target = set.target;
  }
  return target;
}

void require_set_sizes(const Model& model) {
  for (const Journal::SetDim& set : model.journal().set_dims()) {
    if (!set.target.is_known()) continue;
    for (const auto& [id, axis] : set.axes) {
      if (const Value* input = find_input(model, id)) require_size(set, *input, axis);
    }
  }
}

}  // namespace surgery::dims
