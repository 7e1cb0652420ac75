#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "io/message_writer.h"
#include "io/placement.h"
#include "io/value_info_plan.h"
#include "surgery/model.h"

namespace surgery {

/// Encodes a model, keeping every byte that does not have to change: a message in which nothing changed is the view of
/// what was read; in one that changed, its fields are walked in their order, and only those that changed are written
/// anew. Nodes of a changed graph are written in topological order.
class ModelWriter {
 public:
  /// `placements` must outlive the writer, as the model must the rope.
  ModelWriter(const Model& model, const Placements& placements) : model_(model), placements_(placements) {}

  /// Refers to the model's bytes and to this writer's.
  Rope encode();

  /// surgery::save(); initializers go to a data file where the model would have more than `max_bytes`.
  static std::vector<std::string> save(const Model& model, const std::filesystem::path& path,
                                       const SaveOptions& options, size_t max_bytes);

 private:
  Rope encode_model();
  Rope encode_graph(const Graph& graph);
  Rope encode_function(const Function& function);
  Rope encode_node(const Node& node);
  Rope encode_attribute(const Attribute& attribute);
  void write_payload(const Attribute& attribute, MessageWriter& out);
  Rope encode_tensor(std::string_view name, const Tensor& tensor, std::string_view base);
  void write_elements(const Tensor& tensor, MessageWriter& out);
  Rope encode_sparse_tensor(const SparseTensor& tensor);
  std::string encode_value_info(const Value& value, std::string_view base);

  // What is handed to these must outlive the plan.
  ListPlan plan_nodes(uint32_t number, const std::vector<const Node*>& nodes);
  ListPlan plan_attributes(uint32_t number, std::span<const Attribute> attributes);
  ListPlan plan_initializers(const std::vector<const Value*>& values);
  ListPlan plan_sparse_initializers(const std::vector<const Value*>& values);
  ListPlan plan_interface(uint32_t number, const Graph& graph, std::span<Value* const> values);
  ValueInfoPlan plan_value_infos(uint32_t number, const Graph& graph, uint32_t node_number);
  std::vector<const Node*> ordered_nodes(const Graph& graph) const;

  /// Notes which graphs and nodes have to be written anew, for a change of their own or one further in, and puts nodes
  /// into order. Returns whether this one does.
  bool find_dirty(const Graph& graph);
  bool find_dirty(const Node& node);
  bool is_dirty(const Attribute& attribute) const;
  bool is_placed(const Tensor& tensor) const;
  bool functions_are_as_read() const;

  const Model& model_;
  const Placements& placements_;
  Arena arena_;
  std::unordered_set<const Graph*> dirty_graphs_;
  std::unordered_set<const Node*> dirty_nodes_;
  std::unordered_map<const Graph*, std::vector<Node*>> sorted_;  // of graphs that were not in order
};

}  // namespace surgery
