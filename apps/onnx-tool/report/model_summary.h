#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "surgery/model.h"

namespace app {

/// What `inspect` tells of a model, gathered in one walk over the graph; no weight is read.
struct ModelSummary {
  struct WeightClass {
    int64_t num_tensors = 0;
    int64_t num_elements = 0;
    int64_t size_bytes = 0;
  };
  struct Weight {
    std::string name;
    surgery::DataType type;
    std::vector<int64_t> dims;
    int64_t size_bytes;
  };

  struct FunctionSummary {
    std::string name;  ///< "domain.name", with ":overload" where there is one
    size_t num_inputs;
    size_t num_outputs;
    int64_t num_nodes;  ///< of the body, subgraphs included
    int64_t num_calls;  ///< in the main graph, its subgraphs and other functions
  };

  int64_t num_nodes = 0;                                   ///< of the main graph
  int64_t num_all_nodes = 0;                               ///< with subgraphs
  std::vector<std::pair<std::string, int64_t>> operators;  ///< "Conv" or "domain.Op" and how often, most frequent first
  std::map<std::string, WeightClass> weights;              ///< by element type
  WeightClass all_weights;
  std::vector<Weight> largest;  ///< up to five, largest first
  std::vector<FunctionSummary> functions;
  std::vector<std::string> remarks;  ///< anything odd worth knowing, a sentence each
};

ModelSummary summarise(const surgery::Model& model);

}  // namespace app
