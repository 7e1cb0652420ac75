#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "io/model_file.h"
#include "io/wire.h"
#include "surgery/model.h"

namespace surgery {

/// Subgraphs nested deeper than this are refused.
inline constexpr int kMaxGraphDepth = 32;

/// Builds a Model from an encoded ModelProto. What protobuf allows is read, valid as a model or not:
///  - Fields come in any order; of a scalar given several times the last counts, pieces of a message are merged, a
///  known
///    field with another wire type is unknown, and unknown fields are left alone.
///  - Nodes need not be sorted: values are made first, then names are resolved, local scope first.
///  - A name that nothing defines becomes an undefined value of the graph that reads it; a name defined twice becomes
///  two
///    values, of which find() gives the first.
/// No recursion over nodes; over nested graphs it is limited.
class ModelReader {
 public:
  explicit ModelReader(std::shared_ptr<ModelFile> file) : file_(std::move(file)) {}

  /// Throws Error(kRead): malformed protobuf, no graph, nesting over the limits.
  std::unique_ptr<Model> read();

 private:
  /// What of a graph can only be resolved when all values of the model exist.
  struct Pending {
    Graph* graph;
    std::vector<std::string_view> inputs;        // of all nodes, one after another
    std::vector<std::string_view> outputs;       // encoded ValueInfoProto
    std::vector<std::string_view> output_names;  // of a function
    std::vector<std::string_view> value_infos;   // encoded ValueInfoProto
  };

  void read_graph(Graph& graph, std::string_view source, int depth);
  Function read_function(std::string_view source);
  void read_nodes(Graph& graph, const std::vector<std::string_view>& sources, int depth,
                  std::vector<std::string_view>& input_names);
  void read_node(Graph& graph, std::string_view source, int depth, std::vector<std::string_view>& input_names);
  void read_graph_input(Graph& graph, std::string_view source);
  void read_initializer(Graph& graph, std::string_view source);
  void read_sparse_initializer(Graph& graph, std::string_view source);
  void add_initializer(Graph& graph, std::string_view name, Tensor tensor, std::string_view source);

  Attribute read_attribute(std::string_view source, Node* owner, int depth);
  Attribute::Payload read_payload(std::string_view source, uint32_t number, Node* owner, int depth);
  std::unique_ptr<Graph> read_subgraph(std::string_view source, Node* owner, int depth);
  SparseTensor read_sparse_tensor(std::string_view source);

  void resolve(Pending& pending);
  void resolve_outputs(Pending& pending);
  void resolve_value_infos(Pending& pending);

  /// A view of the merged pieces that lives as long as the model.
  std::string_view keep(wire::MergedMessage& message);

  std::shared_ptr<ModelFile> file_;
  std::unique_ptr<Model> model_;
  std::vector<Pending> pending_;
};

}  // namespace surgery
