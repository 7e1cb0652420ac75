#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "surgery/change_log.h"
#include "surgery/graph.h"
#include "surgery/journal.h"

namespace surgery {

struct OpsetImport {
  std::string domain;  ///< as written
  int64_t version = 0;
};

/// A model-local function: a body that calls are expanded with. Inputs and outputs are those of `body`.
struct Function {
  std::string name;
  std::string domain;
  std::string overload;
  std::vector<std::string> attribute_names;   ///< required attributes
  std::vector<Attribute> attribute_defaults;  ///< attributes with a default
  std::vector<OpsetImport> opset_imports;
  std::unique_ptr<Graph> body;
};

/// A sparse initializer: read for inspection and checking, kept as it is.
struct SparseInitializer {
  std::string name;
  SparseTensor tensor;
};

/// A model: metadata, opsets, the main graph, functions, and the mapped files that all of it views.
/// Made by load() or create_model(); not copyable, address stable.
class Model {
 public:
  Model();
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  int64_t ir_version() const { return ir_version_; }
  const std::string& producer_name() const { return producer_name_; }
  const std::string& producer_version() const { return producer_version_; }
  const std::string& domain() const { return domain_; }
  int64_t model_version() const { return model_version_; }
  const std::string& doc_string() const { return doc_string_; }
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return metadata_; }
  const std::vector<OpsetImport>& opset_imports() const { return opset_imports_; }
  /// The imported version of a domain ("" and "ai.onnx" are one); the first where it is listed twice. Nothing when it
  /// is not imported; a model without any import (IR < 3) has opset 1 of the default domain.
  std::optional<int64_t> opset(std::string_view domain = "") const;

  Graph& graph() { return *graph_; }
  const Graph& graph() const { return *graph_; }
  std::vector<Function>& functions() { return functions_; }
  const std::vector<Function>& functions() const { return functions_; }
  const Function* find_function(std::string_view domain, std::string_view name, std::string_view overload) const;
  /// Sparse initializers of every graph of the model, in file order.
  const std::vector<SparseInitializer>& sparse_initializers() const { return sparse_initializers_; }

  const std::filesystem::path& path() const { return path_; }  ///< where it was read from; empty if made here
  uint64_t file_size_bytes() const { return source_.size(); }

  uint32_t num_value_ids() const { return next_value_id_; }
  uint32_t num_node_ids() const { return next_node_id_; }
  bool is_changed() const { return changed_; }
  const ChangeLog& changes() const { return changes_; }

  Journal& journal() { return journal_; }
  const Journal& journal() const { return journal_; }

  /// Changing; each marks the model as changed.
  void set_ir_version(int64_t version);
  void set_opset(std::string_view domain, int64_t version);
  void set_doc_string(std::string text);

  /// validate() of every graph.
  void validate() const;

  /// `base`, or base_1, base_2, ...: a name that no value and no node of the whole model has.
  std::string unique_name(std::string_view base) const;

 private:
  friend class Graph;
  friend class ModelReader;
  friend class ModelWriter;

  void note_name(const std::string& name);

  int64_t ir_version_ = 0;
  std::string producer_name_;
  std::string producer_version_;
  std::string domain_;
  int64_t model_version_ = 0;
  std::string doc_string_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::vector<OpsetImport> opset_imports_;
  std::unique_ptr<Graph> graph_;
  std::vector<Function> functions_;
  std::vector<SparseInitializer> sparse_initializers_;

  std::filesystem::path path_;
  std::shared_ptr<const void> file_;  // keeps the mapping that source_ and all other sources view
  std::string_view source_;           // encoded ModelProto
  bool changed_ = false;
  ChangeLog changes_;
  bool has_graph_ = false;

  uint32_t next_value_id_ = 0;
  uint32_t next_node_id_ = 0;
  mutable std::unordered_set<std::string> used_names_;  // value and node names, filled on the first unique_name()
  mutable bool used_names_filled_ = false;
  mutable std::unordered_map<std::string, int64_t> next_suffix_;  // where unique_name() goes on for a base
  Journal journal_;
};

/// An empty model for building graphs in code: the newest IR version that `opset` needs, one main graph called "graph".
std::unique_ptr<Model> create_model(int64_t opset);

}  // namespace surgery
