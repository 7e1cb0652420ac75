#pragma once

#include <map>
#include <string>

#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery {

/// A type as a file can declare it: integers and plain symbols of the model; expressions and symbols that inference
/// made up become unknown dims.
Type declarable(const Type& type, const Inference& inference);

/// What a file can declare of a value for which it declares `declared` and inference, made with those declarations,
/// finds `inferred`: the inferred type, with the declared dims where inference has no word for them.
Type more_precise(const Type& declared, const Type& inferred, const Inference& inference);

/// Calls `visit(graph, value)` for every value whose type the file declares and inference can judge: outputs and
/// value_info of every graph, and inputs of subgraphs.
template <typename Visit>
void for_each_declared(Model& model, Visit&& visit) {
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Value* value : graph.values()) {
      const bool inner_input = value->is_graph_input() && graph.owner() != nullptr;
      const bool computed = !value->is_graph_input() && !value->is_initializer();
      if (inner_input || (computed && (value->is_graph_output() || value->has_value_info()))) visit(graph, *value);
    }
  });
}

/// How far a declaration is trusted that inference can neither prove nor refute.
enum class Unproven {
  kKeep,  ///< what was declared holds for the changed model too
  kDrop,  ///< integers may have come from what was changed
};

/// After a change of shapes: declares what `inference` (made without use_declared) finds. Integers replace symbols;
/// symbols that the model declares stay where inference finds an expression or nothing.
void redeclare(Model& model, const Inference& inference, Unproven unproven);

/// Replaces symbols in every declared type of the model, inputs included.
void substitute_symbols(Model& model, const std::map<std::string, Dim, std::less<>>& values);

}  // namespace surgery
