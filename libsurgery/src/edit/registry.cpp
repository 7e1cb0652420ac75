#include <algorithm>

#include "edit/edits.h"

namespace surgery {
namespace {

// The order is that of the help text.
constexpr Edit kEdits[] = {
    {"--set-batch", "N|NAME", "Set the batch of all inputs, and mend what holds the old one.", &edits::set_batch},
    {"--set-dim", "NAME=N|OTHER", "Give a dynamic dimension a value, or another name: H=224.", &edits::set_dim},
    {"--set-shape", "INPUT:DIMS", "Set the shape of an input: x:1,3,224,224 or x:[1,3,H,W].", &edits::set_shape},
    {"--make-dynamic", "INPUT:AXIS=NAME,...", "Free fixed dimensions of inputs: x:0=batch,2=H;y:0=batch.",
     &edits::make_dynamic},
    {"--infer-shapes", "", "Write the types that inference finds as value_info.", &edits::infer_shapes},
    {"--clear-shapes", "", "Remove value_info; inputs and outputs keep their types.", &edits::clear_shapes},
    {"--remove-node", "NODE", "Take nodes out, handing their input on to their readers.", &edits::remove_node},
    {"--insert-flatten-before", "NODE", "Put a Flatten in front of a node's data input.", &edits::insert_flatten},
    {"--set-attr", "NODE:ATTR=VALUE", "Set an attribute: Conv:pads=[1,1,1,1].", &edits::set_attribute},
    {"--remove-attr", "NODE:ATTR", "Remove an attribute.", &edits::remove_attribute},
    {"--fill", "NAME=VALUE", "Replace a weight by ones, zeros, a number or a .npy file.", &edits::fill},
    {"--add-output", "TENSOR", "Make a tensor an output of the model.", &edits::add_output},
    {"--remove-output", "TENSOR", "Remove an output, and what only it needed.", &edits::remove_output},
    {"--rename", "OLD=NEW", "Rename a tensor, an input or output included, or a node.", &edits::rename},
    {"--initializers-as-inputs", "yes|no", "List the weights among the inputs, or take them out there.",
     &edits::initializers_as_inputs},
    {"--fold-bn", "", "Fold each BatchNormalization into the layer that feeds it.", &edits::fold_batch_norms},
    {"--set-doc", "TEXT", "Set the model's documentation.", &edits::set_doc},
    {"--fix", "RECIPE", "Mend what an exporter got wrong; recipes: mxnet.", &edits::fix},
};

}  // namespace

std::span<const Edit> all_edits() { return kEdits; }

const Edit* find_edit(std::string_view option) {
  const auto found =
      std::find_if(std::begin(kEdits), std::end(kEdits), [&](const Edit& e) { return e.option == option; });
  return found == std::end(kEdits) ? nullptr : &*found;
}

const Inference& ModelFacts::current(std::unique_ptr<Inference>& inference, bool use_declared) {
  if (inference == nullptr) inference = std::make_unique<Inference>(model_, InferenceOptions{use_declared});
  inference->catch_up();
  return *inference;
}

EditReport apply_edit(Model& model, const Edit& edit, std::string_view argument, const EditContext& context) {
  model.journal().begin_step(edit.option, std::string(argument));
  ModelFacts own(model);
  EditContext given = context;
  if (given.facts == nullptr) given.facts = &own;
  const ChangeLog::Mark before = model.changes().now();
  try {
    EditReport report = edit.apply(model, argument, given);
    const auto changed = model.changes().since(before);
    if (!changed || !changed->empty()) refresh_declared_types(model, *given.facts);
    return report;
  } catch (const Error& error) {
    throw error.within(edit.option);
  }
}

}  // namespace surgery
