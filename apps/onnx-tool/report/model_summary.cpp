#include "report/model_summary.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "report/print.h"
#include "surgery/saturated.h"
#include "surgery/schema.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Graph;
using surgery::Model;
using surgery::Node;
using surgery::Tensor;
using surgery::Value;

constexpr size_t kLargestShown = 5;
constexpr size_t kNamesShown = 5;

std::string full_name(std::string_view domain, std::string_view op_type) {
  return (domain.empty() ? "" : std::string(domain) + ".").append(op_type);
}

/// "a, b, c and 7 more"
std::string first_names(const std::set<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kNamesShown) break;
    shown.push_back(surgery::escape(name, 60));
  }
  std::string text = join(shown, ", ");
  if (names.size() > shown.size()) text += " and " + std::to_string(names.size() - shown.size()) + " more";
  return text;
}

struct Walk {
  using Operator = std::pair<std::string_view, std::string_view>;  // domain, type; views of the model
  struct OperatorHash {
    size_t operator()(const Operator& op) const {
      return std::hash<std::string_view>{}(op.first) * 31 + std::hash<std::string_view>{}(op.second);
    }
  };
  std::unordered_map<Operator, int64_t, OperatorHash> operators;
  std::map<surgery::DataType, ModelSummary::WeightClass> weights;
  std::vector<std::pair<int64_t, const Value*>> sizes;  ///< of each weight
  std::vector<uint32_t> positions;                      ///< by Node::id: the place in the order of visits, from 1
  uint32_t num_visited = 0;
  std::set<std::string> symbols;
  std::set<std::string> custom_domains;
  std::set<std::string> data_files;
  std::set<std::string> undefined;
  int64_t num_control_flow = 0;
  int64_t num_weight_inputs = 0;
  bool unsorted = false;
};

void note_weight(const Value& weight, ModelSummary& summary, Walk& walk) {
  const Tensor& tensor = *weight.initializer();
  // Sizes come from type and dims: a string tensor's characters would have to be read.
  const int64_t size = surgery::packed_size_bytes(tensor.type(), tensor.num_elements()).value_or(0);
  for (ModelSummary::WeightClass* bin : {&walk.weights[tensor.type()], &summary.all_weights}) {
    ++bin->num_tensors;
    bin->num_elements = surgery::saturated_sum(bin->num_elements, tensor.num_elements());
    bin->size_bytes = surgery::saturated_sum(bin->size_bytes, size);
  }
  walk.sizes.emplace_back(size, &weight);
  if (tensor.storage() == nullptr) return;
  const std::string_view file = tensor.storage()->external_location();
  if (!file.empty()) walk.data_files.emplace(file);
}

/// The `count` largest weights, the first in the file among equals.
std::vector<ModelSummary::Weight> largest_of(std::vector<std::pair<int64_t, const Value*>> sizes, size_t count) {
  count = std::min(count, sizes.size());
  std::partial_sort(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(count), sizes.end(),
                    [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : a.second->id() < b.second->id();
                    });
  std::vector<ModelSummary::Weight> largest;
  for (size_t i = 0; i < count; ++i) {
    const Tensor& tensor = *sizes[i].second->initializer();
    largest.push_back({sizes[i].second->name(), tensor.type(), tensor.dims(), sizes[i].first});
  }
  return largest;
}

/// Whether a node comes before one whose result it reads; one of a subgraph stands where its owner does. Nodes of
/// enclosing graphs have their positions by now.
bool is_early(const Node& node, const Walk& walk) {
  for (const Value* input : node.inputs()) {
    if (input == nullptr || input->producer() == nullptr) continue;
    const Node* reader = &node;
    while (reader != nullptr && &reader->graph() != &input->graph()) reader = reader->graph().owner();
    if (reader == nullptr) continue;
    const uint32_t made = walk.positions[input->producer()->id()];
    if (made == 0 || made >= walk.positions[reader->id()]) return true;
  }
  return false;
}

void note_symbols(const Value& value, Walk& walk) {
  if (!value.type().shape) return;
  for (const surgery::Dim& dim : *value.type().shape) {
    if (dim.is_symbolic()) walk.symbols.insert(dim.to_string());
    if (dim.is_unknown()) walk.symbols.insert("?");
  }
}

void walk_graph(const Graph& root, ModelSummary& summary, Walk& walk) {
  surgery::for_each_graph(root, [&](const Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      ++summary.num_all_nodes;
      walk.positions[node->id()] = ++walk.num_visited;
      walk.unsorted = walk.unsorted || is_early(*node, walk);
      walk.num_control_flow += node->has_subgraphs() ? 1 : 0;
      const std::string_view domain = surgery::schema::normalize_domain(node->domain());
      ++walk.operators[{domain, node->op_type()}];
      if (!domain.empty() && domain.substr(0, 7) != "ai.onnx") walk.custom_domains.emplace(domain);
      for (const Value* input : node->inputs()) {
        if (input != nullptr && input->is_undefined()) walk.undefined.insert(input->name());
      }
    }
    for (const Value* value : graph.initializers()) {
      note_weight(*value, summary, walk);
      walk.num_weight_inputs += value->is_graph_input() ? 1 : 0;
    }
  });
}

std::string key_of(std::string_view domain, std::string_view name, std::string_view overload) {
  std::string key(surgery::schema::normalize_domain(domain));
  key.append(".").append(name);
  if (!overload.empty()) key.append(":").append(overload);
  return key;
}

std::vector<ModelSummary::FunctionSummary> summarise_functions(const Model& model) {
  std::vector<ModelSummary::FunctionSummary> functions;
  if (model.functions().empty()) return functions;
  std::map<std::string, int64_t> calls;
  const auto count_calls = [&](const Graph& graph) {
    for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      ++calls[key_of(node->domain(), node->op_type(), node->overload())];
    }
  };
  surgery::for_each_graph(model.graph(), count_calls);
  for (const surgery::Function& function : model.functions()) {
    int64_t num_nodes = 0;
    surgery::for_each_graph(std::as_const(*function.body), [&](const Graph& graph) {
      num_nodes += static_cast<int64_t>(graph.num_nodes());
      count_calls(graph);
    });
    functions.push_back({key_of(function.domain, function.name, function.overload), function.body->inputs().size(),
                         function.body->outputs().size(), num_nodes, 0});
  }
  for (ModelSummary::FunctionSummary& function : functions) function.num_calls = calls[function.name];
  return functions;
}

/// Domains that functions import in another version than the model.
std::set<std::string> mixed_opsets(const Model& model) {
  std::set<std::string> mixed;
  for (const surgery::Function& function : model.functions()) {
    for (const surgery::OpsetImport& import : function.opset_imports) {
      const std::optional<int64_t> version = model.opset(import.domain);
      if (!version || *version == import.version) continue;
      const std::string_view domain = surgery::schema::normalize_domain(import.domain);
      mixed.insert((domain.empty() ? "ai.onnx" : std::string(domain)) + " " + std::to_string(import.version));
    }
  }
  return mixed;
}

std::vector<std::string> remarks_on(const Model& model, const Walk& walk) {
  std::vector<std::string> remarks;
  const auto add = [&](bool holds, const std::string& remark) {
    if (holds) remarks.push_back(remark);
  };
  add(walk.num_weight_inputs > 0, plural(walk.num_weight_inputs, "weight") + " also listed as graph inputs");
  add(!walk.symbols.empty(), "dynamic dims: " + first_names(walk.symbols));
  add(walk.num_control_flow > 0, plural(walk.num_control_flow, "node") + " with subgraphs (control flow)");
  add(!model.functions().empty(), plural(static_cast<int64_t>(model.functions().size()), "model-local function"));
  const std::set<std::string> mixed = mixed_opsets(model);
  add(!mixed.empty(), "mixed opsets: functions import " + first_names(mixed));
  add(!walk.custom_domains.empty(), "custom domains: " + first_names(walk.custom_domains));
  add(!walk.data_files.empty(), "external data: " + first_names(walk.data_files));
  add(!model.sparse_initializers().empty(),
      plural(static_cast<int64_t>(model.sparse_initializers().size()), "sparse initializer"));
  add(walk.unsorted, "nodes are not in topological order");
  add(!walk.undefined.empty(), "inputs that nothing produces: " + first_names(walk.undefined));
  std::set<std::string> domains;
  for (const surgery::OpsetImport& import : model.opset_imports()) {
    const std::string domain(surgery::schema::normalize_domain(import.domain));
    add(!domains.insert(domain).second,
        "domain " + surgery::quote(domain.empty() ? "ai.onnx" : domain) + " is imported twice");
  }
  return remarks;
}

}  // namespace

ModelSummary summarise(const Model& model) {
  ModelSummary summary;
  Walk walk;
  const Graph& main_graph = model.graph();
  summary.num_nodes = static_cast<int64_t>(main_graph.num_nodes());
  walk.positions.resize(model.num_node_ids());
  walk_graph(main_graph, summary, walk);
  for (const Value* value : main_graph.inputs()) note_symbols(*value, walk);
  for (const Value* value : main_graph.outputs()) note_symbols(*value, walk);

  for (const auto& [op, count] : walk.operators) summary.operators.emplace_back(full_name(op.first, op.second), count);
  std::sort(summary.operators.begin(), summary.operators.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (const auto& [type, bin] : walk.weights) summary.weights.emplace(surgery::to_string(type), bin);
  summary.largest = largest_of(std::move(walk.sizes), kLargestShown);
  summary.functions = summarise_functions(model);
  summary.remarks = remarks_on(model, walk);
  return summary;
}

}  // namespace app
