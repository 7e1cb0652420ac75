#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/json.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// An axis of a tensor whose size a symbol is part of.
struct DimCarrier {
  std::string tensor;
  size_t axis;
  std::string size;  ///< "N", "2*N + 1"
};

/// A symbol of the inferred shapes.
struct ListedDim {
  std::string symbol;
  /// Where it comes from: "input 'x' axis 0", each input that has it; for a size that depends on the data the node that
  /// makes it, "node 'n' (NonZero)".
  std::vector<std::string> origins;
  std::vector<DimCarrier> carriers;  ///< results of the main graph and of subgraphs, and inputs, in the model's order
};

/// --list-dims: the symbols of a model, those of inputs first, then sizes that depend on data.
std::vector<ListedDim> list_dims(const surgery::Model& model, const surgery::Inference& inference);

std::string to_text(const std::vector<ListedDim>& dims);
Json to_json(const std::vector<ListedDim>& dims);

}  // namespace app
