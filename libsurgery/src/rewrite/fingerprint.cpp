#include "rewrite/fingerprint.h"

#include <functional>
#include <string>

namespace surgery {
namespace {

class Hash {
 public:
  void add(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
  void add(uint64_t number) { state_ = (state_ ^ number) * 0x9E3779B97F4A7C15ULL + (state_ >> 29U); }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0;
};

void add_values(Hash& hash, std::span<Value* const> values) {
  hash.add(values.size());
  for (const Value* value : values) hash.add(value != nullptr ? std::string_view(value->name()) : "(omitted)");
}

void add_graph(Hash& hash, Graph& graph) {
  add_values(hash, graph.inputs());
  add_values(hash, graph.outputs());
  add_values(hash, graph.initializers());
  for (const Value* value : graph.initializers()) {
    hash.add(static_cast<uint64_t>(value->initializer()->type()));
    for (const int64_t dim : value->initializer()->dims()) hash.add(static_cast<uint64_t>(dim));
  }
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    hash.add(node->op_type());
    hash.add(node->domain());
    hash.add(node->name());
    add_values(hash, node->inputs());
    add_values(hash, node->outputs());
    for (const Attribute& attribute : node->attributes()) {
      hash.add(attribute.name());
      hash.add(to_string(attribute));
      for (const std::unique_ptr<Graph>& subgraph : attribute.graphs()) add_graph(hash, *subgraph);
    }
  }
}

}  // namespace

uint64_t fingerprint(const Model& model) {
  Hash hash;
  add_graph(hash, const_cast<Model&>(model).graph());  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
  for (const Function& function : model.functions()) add_graph(hash, *function.body);
  return hash.value();
}

}  // namespace surgery
