#include "report/dot.h"

#include <map>
#include <memory>
#include <unordered_set>

#include "report/print.h"
#include "report/tensor_text.h"
#include "surgery/neighbourhood.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Inference;
using surgery::Node;
using surgery::Value;

/// In double quotes, as the DOT language wants them.
std::string dot_string(const std::string& text) {
  std::string safe = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "\"";
}

std::string node_id(const Node& node) { return "n" + std::to_string(node.id()); }
std::string tensor_id(const Value& value) { return "t" + std::to_string(value.id()); }

std::string name_label(std::string_view name) { return shorten(surgery::escape(name, 120), 60); }

/// Nodes by the scopes that they stand in.
struct Cluster {
  std::map<std::string, std::unique_ptr<Cluster>, std::less<>> inner;
  std::vector<const Node*> nodes;
};

class Writer {
 public:
  Writer(const std::vector<const Node*>& nodes, const Inference& inference)
      : nodes_(nodes), drawn_(nodes.begin(), nodes.end()), inference_(inference) {}

  std::string write() {
    text_ = "digraph model {\n  node [shape=box, style=rounded];\n";
    Cluster root;
    for (const Node* node : nodes_) {
      Cluster* cluster = &root;
      for (const std::string_view scope : surgery::scopes_of(*node)) {
        auto found = cluster->inner.find(scope);
        if (found == cluster->inner.end()) {
          found = cluster->inner.emplace(scope, std::make_unique<Cluster>()).first;
        }
        cluster = found->second.get();
      }
      cluster->nodes.push_back(node);
    }
    write_cluster(root, "  ");
    for (const Node* node : nodes_) write_edges(*node);
    return text_ + "}\n";
  }

 private:
  // Recursion as deep as scopes_of() gives scopes.
  void write_cluster(const Cluster& cluster, const std::string& indent) {
    for (const Node* node : cluster.nodes) {
      std::string label = surgery::escape(node->op_type(), 60);
      const std::string_view name = node->name();
      const size_t slash = name.rfind('/');
      const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
      if (!last.empty() && last != node->op_type()) label += " " + name_label(last);
      text_ += indent + node_id(*node) + " [label=" + dot_string(label) + "];\n";
    }
    for (const auto& [name, inner] : cluster.inner) {
      text_ += indent + "subgraph cluster_" + std::to_string(num_clusters_++) + " {\n";
      text_ += indent + "  label=" + dot_string(name_label(name)) + ";\n";
      write_cluster(*inner, indent + "  ");
      text_ += indent + "}\n";
    }
  }

  /// The end of an edge that no drawn node is at: an input, an output, or where the drawn part stops.
  void write_tensor(const Value& value) {
    if (!tensors_.insert(&value).second) return;
    const bool is_end = value.is_graph_input() || value.is_graph_output();
    text_ += "  " + tensor_id(value) + " [label=" + dot_string(name_label(value.name())) +
             (is_end ? ", shape=ellipse, style=solid];\n" : ", shape=plaintext, style=dashed];\n");
  }

  void write_edge(const std::string& from, const std::string& to, const Value& value, bool is_cut) {
    const surgery::Type& inferred = inference_.fact(value).type;
    const surgery::Type& type = inferred.is_known() ? inferred : value.type();
    text_ += "  " + from + " -> " + to;
    const std::string label = type.is_known() ? shorten(type_text(type), 60) : "";
    if (!label.empty() || is_cut) {
      text_ += " [label=" + dot_string(label) + (is_cut ? ", style=dashed" : "") + "]";
    }
    text_ += ";\n";
  }

  void write_inputs_of(const Node& node, const Node& drawn, std::unordered_set<const Value*>& seen) {
    for (const Value* input : node.inputs()) {
      if (input == nullptr || input->is_initializer() || &input->graph() != &drawn.graph()) continue;
      if (!seen.insert(input).second) continue;
      if (input->producer() != nullptr && drawn_.contains(input->producer())) {
        write_edge(node_id(*input->producer()), node_id(drawn), *input, false);
      } else {
        write_tensor(*input);
        write_edge(tensor_id(*input), node_id(drawn), *input, !input->is_graph_input());
      }
    }
    for (const surgery::Attribute& attribute : node.attributes()) {
      for (const auto& graph : attribute.graphs()) {
        for (const Node* inner = graph->first_node(); inner != nullptr; inner = inner->next()) {
          write_inputs_of(*inner, drawn, seen);
        }
      }
    }
  }

  bool has_reader_outside(const Value& value) const {
    for (const surgery::Use& use : value.uses()) {
      const Node* reader = use.node;
      while (reader != nullptr && &reader->graph() != &value.graph()) reader = reader->graph().owner();
      if (reader != nullptr && !drawn_.contains(reader)) return true;
    }
    return false;
  }

  void write_edges(const Node& node) {
    std::unordered_set<const Value*> seen;
    write_inputs_of(node, node, seen);
    for (const Value* output : node.outputs()) {
      if (output == nullptr || (!output->is_graph_output() && !has_reader_outside(*output))) continue;
      write_tensor(*output);
      write_edge(node_id(node), tensor_id(*output), *output, !output->is_graph_output());
    }
  }

  const std::vector<const Node*>& nodes_;
  std::unordered_set<const Node*> drawn_;
  std::unordered_set<const Value*> tensors_;
  const Inference& inference_;
  int num_clusters_ = 0;
  std::string text_;
};

}  // namespace

std::string dot_text(const std::vector<const Node*>& nodes, const Inference& inference) {
  return Writer(nodes, inference).write();
}

}  // namespace app
