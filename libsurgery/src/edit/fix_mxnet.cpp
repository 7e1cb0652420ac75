#include <algorithm>

#include "edit/arguments.h"
#include "edit/dims/find_batch.h"
#include "edit/fix.h"
#include "surgery/infer.h"
#include "surgery/text.h"

/// --fix mxnet: mends what MXNet's ONNX exporter (1.x, opset 7 and 8) got wrong, one step after the other, each step by
/// the edit that does it alone:
///   1. `spatial` of BatchNormalization is dropped: the exporter wrote 0, the statistics are one number per channel.
///   2. gamma is filled with ones where MXNet computed with fix_gamma=True (its default), under which the stored gamma
///      is not used. The file does not record fix_gamma; see below.
///   3. AveragePool with padding gets count_include_pad=1, MXNet's default.
///   4. Gemm on an input of rank over 2 gets a Flatten: MXNet's FullyConnected flattens by itself.
///   5. Dropouts are taken out.
///   6. Weights are taken out of the graph inputs.
///   7. The batch is set to 1 where it is another number.
///
/// Which gammas: by default those of the BatchNormalizations with spatial=0, the mark of the exporter that ignored
/// fix_gamma. That is an assumption, and the notes say so; "mxnet:gamma=NODE,NODE" names the nodes (any selector of
/// nodes), "mxnet:gamma=none" leaves all gammas as they are.
/// Meaning   kChanged: the file as it was gives other results, or none.
namespace surgery::edits {
namespace {

std::vector<Node*> nodes_of_type(Model& model, std::string_view op_type) {
  std::vector<Node*> found;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      if (node->is(op_type)) found.push_back(node);
    }
  });
  return found;
}

bool has_spatial_zero(const Node& node) {
  return node.attribute("spatial") != nullptr && node.int_or("spatial", 1) == 0;
}

/// The BatchNormalizations whose gamma is to be 1, from the recipe's option.
std::vector<Node*> nodes_with_fixed_gamma(Model& model, std::string_view option) {
  if (option.empty()) {
    std::vector<Node*> nodes = nodes_of_type(model, "BatchNormalization");
    std::erase_if(nodes, [](const Node* node) { return !has_spatial_zero(*node); });
    return nodes;
  }
  std::vector<Node*> nodes;
  while (!option.empty()) {
    const size_t comma = option.find(',');
    const std::string_view selector = trimmed(option.substr(0, comma));
    option.remove_prefix(comma == std::string_view::npos ? option.size() : comma + 1);
    if (selector == "none") continue;
    for (Node* node : select_nodes(model, selector)) {
      if (!node->is("BatchNormalization")) {
        throw Error(ErrorCode::kUsage, describe(*node) + " has no gamma: it is no BatchNormalization");
      }
      if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
    }
  }
  return nodes;
}

void fill_gammas(const std::vector<Node*>& nodes, bool assumed, EditReport& report) {
  for (const Node* node : nodes) {
    Value* gamma = node->input(1);
    if (gamma == nullptr || gamma->initializer() == nullptr) continue;
    const auto values = gamma->initializer()->to_doubles();
    const bool is_one = values && std::all_of(values->begin(), values->end(), [](double v) { return v == 1.0; });
    if (is_one) continue;
    if (assumed) {
      report.notes.push_back(describe(*node) +
                             ": fix_gamma is assumed, since spatial was 0; mxnet:gamma=none keeps the gammas, "
                             "mxnet:gamma=NODE,... names the nodes");
    }
    fill_weight(*gamma, "ones", report);
  }
}

void remove_spatial(Model& model, EditReport& report) {
  for (Node* node : nodes_of_type(model, "BatchNormalization")) {
    if (node->attribute("spatial") != nullptr) remove_attribute_of(*node, "spatial", report);
  }
}

void count_padding(Model& model, EditReport& report) {
  for (Node* node : nodes_of_type(model, "AveragePool")) {
    const std::vector<int64_t> pads = node->ints_or("pads", {});
    const bool padded = std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad != 0; });
    if (padded && node->attribute("count_include_pad") == nullptr) {
      set_attribute_of(*node, "count_include_pad", "1", report);
    }
  }
}

/// In order, since what follows a Gemm has a shape once the Gemm is right.
void flatten_before_gemms(Model& model, ModelFacts& facts, EditReport& report) {
  for (Node* node : nodes_of_type(model, "Gemm")) {
    const Inference& inference = facts.undeclared();
    const Shape* shape = node->input(0) != nullptr ? inference.shape(*node->input(0)) : nullptr;
    if (shape != nullptr && shape->size() > 2) insert_flatten_before(*node, inference, report);
  }
}

void append(EditReport& report, const EditReport& step) {
  report.notes.insert(report.notes.end(), step.notes.begin(), step.notes.end());
}

}  // namespace

EditReport fix_mxnet(Model& model, std::string_view option, const EditContext& context) {
  constexpr std::string_view kGamma = "gamma=";
  if (!option.empty() && (!option.starts_with(kGamma) || option.size() == kGamma.size())) {
    throw expected("mxnet, mxnet:gamma=none or mxnet:gamma=NODE,...", "mxnet:" + std::string(option));
  }
  const bool assumed = option.empty();
  if (!assumed) option.remove_prefix(kGamma.size());
  EditReport report;
  const std::vector<Node*> fixed = nodes_with_fixed_gamma(model, option);
  remove_spatial(model, report);
  fill_gammas(fixed, assumed, report);
  count_padding(model, report);
  flatten_before_gemms(model, *context.facts, report);
  remove_nodes(nodes_of_type(model, "Dropout"), context.facts->declared(), report);
  append(report, initializers_as_inputs(model, "no", context));
  const dims::Batch batch = dims::find_batch(model);
  if (batch.size && *batch.size != 1) append(report, set_batch(model, "1", context));
  report.meaning = Meaning::kChanged;
  return report;
}

}  // namespace surgery::edits
