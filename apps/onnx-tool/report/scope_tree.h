#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "report/json.h"
#include "surgery/model.h"

namespace app {

/// The nodes of a model by the scopes in their names.
struct ScopeTree {
  int64_t num_nodes = 0;     ///< in this scope and all below
  int64_t weight_bytes = 0;  ///< of the weights that those read; one that two scopes read counts in both
  std::map<std::string, ScopeTree, std::less<>> inner;
};

ScopeTree make_scope_tree(const surgery::Model& model);

/// A line per scope, indented.
std::string to_text(const ScopeTree& tree);
/// {"num_nodes", "weight_bytes", "scopes": {name: ...}}.
Json to_json(const ScopeTree& tree);

}  // namespace app
