#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/json.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace app {

/// One line of a node listing, subgraphs included.
struct ListedNode {
  struct Tensor {
    std::string name;  ///< empty for an omitted input or output
    surgery::Type type;
    bool is_weight = false;
  };
  std::string index;  ///< "12", and "12.then_branch.3" inside a subgraph
  std::string name;
  std::string op_type;
  std::string domain;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< name, value as text
};

/// The nodes whose name or operator type matches `glob` (empty: all), in the order of the file, with inferred types.
std::vector<ListedNode> list_nodes(const surgery::Model& model, const surgery::Inference& inference,
                                   std::string_view glob);

std::string to_text(const std::vector<ListedNode>& nodes);
Json to_json(const std::vector<ListedNode>& nodes);

}  // namespace app
