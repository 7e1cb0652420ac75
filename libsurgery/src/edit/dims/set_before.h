#pragma once

#include <optional>
#include <string_view>

#include "surgery/model.h"

/// What edits of the same command said of dimensions, and later ones must not take back.
namespace surgery::dims {

/// Notes that a symbol gets another meaning wherever inputs have it. Before the model is changed.
void note_set(Model& model, std::string_view symbol, const Dim& target);
/// The same of one axis of an input that is a number, or has no name.
void note_set(Model& model, const Value& input, size_t axis, const Dim& target);

/// What an earlier edit made of the symbol; nothing where none did.
std::optional<Dim> set_before(const Model& model, std::string_view symbol);

/// Throws Error(kUsage) naming a dimension that an edit gave a size and that has another one now.
void require_set_sizes(const Model& model);

}  // namespace surgery::dims
