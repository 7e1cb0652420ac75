#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "edit/dims/mender.h"
#include "surgery/edit.h"

namespace surgery::dims {

/// One axis of one input gets another size.
struct AxisChange {
  Value* input;
  size_t axis;
  Dim target;  ///< an integer or a symbol
};

using Bindings = std::map<std::string, Dim, std::less<>>;

/// Gives axes of inputs other sizes, all at once. A symbol gets its new meaning everywhere in the model; a number is
/// freed and what holds it is mended (see Mender); every declared type follows. Axes that are one number and become one
/// symbol (and, with `per_sample`, all that are numbers) are one dimension.
///
/// The report claims kPerPlace where one number changes and no node works along it, kChanged where a number becomes
/// another one otherwise, kInterface where all that changes is what is open, kKept where nothing changes.
/// Throws Error(kUsage) where a dimension would get two meanings (with what earlier edits of the command gave it),
/// where numbers that differ would get one name, and for numbers that a node cannot work with; Error(kAnswerIsNo) or
/// Error(kUnsupported) naming the node because of which a batch cannot be another one or a number cannot be freed.
EditReport change_dims(Model& model, const std::vector<AxisChange>& changes, const MendOptions& options,
                       ModelFacts& facts);

/// The same for symbols alone.
EditReport bind_symbols(Model& model, const Bindings& bindings, const MendOptions& options, ModelFacts& facts);

/// The symbols that the types of the model declare.
std::set<std::string, std::less<>> declared_symbols(Model& model);

}  // namespace surgery::dims
