#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/evaluator.h"
#include "surgery/infer.h"
#include "surgery/model.h"

namespace surgery {

/// What an edit claims about the results of the model, the strongest claim first.
enum class Meaning {
  kKept,       ///< same inputs, same outputs: verified before anything is written
  kInterface,  ///< inputs, outputs or names change, what is computed does not: verified on what both sides have
  kPerSample,  ///< the batch changes (and perhaps the interface), each sample's result does not: verified per sample
  /// A size changes along which nothing works (and perhaps the interface); what both sizes have is the same, place by
  /// place: verified there.
  kPerPlace,
  kChanged,  ///< the results are meant to differ: nothing to verify
};

/// What an edit did, for the user.
struct EditReport {
  Meaning meaning = Meaning::kKept;  ///< the claim for this application (an edit may know better than its kind)
  std::vector<std::string> notes;  ///< one sentence per change: "node 'Reshape_7' (Reshape): shape [4, -1] -> [3, -1]"
  /// Symbols that were numbers, and along which nodes work: only with that number the results are what they were.
  Dim::Bindings old_sizes{};
};

/// What inference says of a model while edits change it: inferred when it is first asked for, and from then on where a
/// change is felt (Inference::catch_up()). What was returned is brought up to date by the next call.
class ModelFacts {
 public:
  explicit ModelFacts(const Model& model) : model_(model) {}

  const Inference& declared() { return current(declared_, true); }       ///< with what the model declares
  const Inference& undeclared() { return current(undeclared_, false); }  ///< from inputs and initializers alone

 private:
  const Inference& current(std::unique_ptr<Inference>& inference, bool use_declared);

  const Model& model_;
  std::unique_ptr<Inference> declared_;
  std::unique_ptr<Inference> undeclared_;
};

struct EditContext {
  /// Shared by the edits of one model; apply_edit() gives an edit its own where there is none.
  ModelFacts* facts = nullptr;
  const Evaluator* evaluator = nullptr;
  std::vector<std::string> batch_axes{};  ///< "INPUT=AXIS": where --set-batch finds the batch, axis 0 elsewhere
  /// Edits of dimensions leave what they cannot mend as it is, with a note that begins with "warning: ".
  bool force = false;
};

/// One user-visible edit: its command-line option and what it does. Listed in src/edit/registry.cpp.
struct Edit {
  std::string_view option;    ///< "--remove-node"
  std::string_view argument;  ///< name of the argument in help texts, "NODE"; empty: the option takes none
  std::string_view help;      ///< one sentence
  /// Changes the model, or throws Error(kUsage) naming what does not exist (with the nearest names), Error(kRead) or
  /// Error(kUnsupported) when it cannot be done; the model is then in an unspecified state and must not be saved.
  EditReport (*apply)(Model& model, std::string_view argument, const EditContext& context);
};

std::span<const Edit> all_edits();
const Edit* find_edit(std::string_view option);
/// Applies an edit as one step of the model's journal, and corrects the declared types that it made untrue. Its errors
/// get the option in front ("--remove-node: no node ...").
EditReport apply_edit(Model& model, const Edit& edit, std::string_view argument, const EditContext& context = {});

/// Corrects the declared types of outputs and value_info that cannot be true (any more), or drops them where nothing is
/// known. Returns how many it touched.
size_t refresh_declared_types(Model& model, ModelFacts& facts);

/// Nodes of the main graph (subgraphs included where the name says so by matching there) that a selector names:
/// a node name, an output tensor's name, `#index` (position in the main graph, from 0), an operator type, each with
/// glob characters, or `Type:glob` for nodes of a type whose name matches. Throws Error(kUsage) with the nearest names
/// when nothing matches.
std::vector<Node*> select_nodes(Model& model, std::string_view selector);
/// The same where exactly one node is meant; Error(kUsage) listing the first few when there are several.
Node& select_node(Model& model, std::string_view selector);
/// A value of the main graph (or, failing that, of a subgraph) by exact name.
Value& select_value(Model& model, std::string_view name);

}  // namespace surgery
