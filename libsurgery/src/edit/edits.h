#pragma once

#include <string_view>
#include <vector>

#include "surgery/edit.h"

/// One function per edit, each in the file of its name. What an edit claims (Meaning) and why is said there.
namespace surgery::edits {

using Apply = EditReport(Model& model, std::string_view argument, const EditContext& context);

Apply set_batch;
Apply set_dim;
Apply set_shape;
Apply make_dynamic;
Apply infer_shapes;
Apply clear_shapes;
Apply remove_node;
Apply insert_flatten;
Apply set_attribute;
Apply remove_attribute;
Apply fill;
Apply add_output;
Apply remove_output;
Apply rename;
Apply initializers_as_inputs;
Apply fold_batch_norms;
Apply fix;
Apply set_doc;

// The same on nodes and weights that are found already. Each adds its notes to the report, weakens the claim where it
// must.
void remove_nodes(const std::vector<Node*>& nodes, const Inference& inference, EditReport& report);
void insert_flatten_before(Node& node, const Inference& inference, EditReport& report);
void set_attribute_of(Node& node, std::string_view name, std::string_view value, EditReport& report);
void remove_attribute_of(Node& node, std::string_view name, EditReport& report);
void fill_weight(Value& weight, std::string_view value, EditReport& report);

}  // namespace surgery::edits
