#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commands/command.h"
#include "options/lasting_model.h"
#include "options/model_options.h"
#include "report/cost_listing.h"
#include "report/data_file.h"
#include "report/dim_listing.h"
#include "report/dot.h"
#include "report/graph_text.h"
#include "report/json.h"
#include "report/model_diff_text.h"
#include "report/node_detail.h"
#include "report/node_listing.h"
#include "report/print.h"
#include "report/scope_tree.h"
#include "report/summary_text.h"
#include "report/tensor_listing.h"
#include "report/tensor_text.h"
#include "report/weight_listing.h"
#include "surgery/edit.h"
#include "surgery/infer.h"
#include "surgery/neighbourhood.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Inference;
using surgery::Model;
using surgery::Node;

struct InspectOptions {
  std::string model;
  bool nodes = false;
  std::string nodes_glob;  ///< empty: all
  bool weights = false;
  std::string weights_glob;
  std::string node;
  bool tensors = false;
  bool shapes = false;
  bool list_dims = false;
  bool tree = false;
  bool graph = false;
  bool cost = false;
  bool dot = false;
  std::vector<std::string> from;
  std::vector<std::string> to;
  std::string around;
  int steps = 3;
  InputArguments dims;  ///< only their --dim
  std::string other;
  bool json = false;
};

/// Inference, run when somebody asks for it.
class LazyInference {
 public:
  explicit LazyInference(const Model& model) : model_(model) {}
  const Inference& get() {
    if (!inference_) {
      inference_ = std::make_unique<Inference>(model_);
      inference_->run();
    }
    return *inference_;
  }

 private:
  const Model& model_;
  std::unique_ptr<Inference> inference_;
};

std::vector<const Node*> nodes_to_draw(Model& model, const InspectOptions& options) {
  if (!options.around.empty()) {
    return surgery::nodes_around(model.graph(), surgery::select_node(model, options.around), options.steps);
  }
  std::vector<surgery::Value*> from;
  std::vector<surgery::Value*> to;
  for (const std::string& name : options.from) from.push_back(&surgery::select_value(model, name));
  for (const std::string& name : options.to) to.push_back(&surgery::select_value(model, name));
  return surgery::nodes_between(model.graph(), from, to);
}

/// One thing that an option asks for: its key in the JSON object, and how to make it in either form.
struct Section {
  const char* key;
  std::function<std::string()> text;
  std::function<Json()> json;
};

std::vector<Section> sections(Model& model, const InspectOptions& options, LazyInference& lazy) {
  std::vector<Section> sections;
  const auto add = [&](const char* key, std::function<std::string()> text, std::function<Json()> json) {
    sections.push_back({key, std::move(text), std::move(json)});
  };
  if (options.nodes) {
    const auto list = [&] { return list_nodes(model, lazy.get(), options.nodes_glob); };
    add(
        "nodes", [=] { return to_text(list()); }, [=] { return to_json(list()); });
  }
  if (!options.node.empty()) {
    const Node& node = surgery::select_node(model, options.node);
    add(
        "node", [&] { return node_text(node, lazy.get()); }, [&] { return node_json(node, lazy.get()); });
  }
  if (options.tensors) {
    add(
        "tensors", [&] { return tensors_text(model); }, [&] { return tensors_json(model); });
  }
  if (options.shapes) {
    add(
        "shapes", [&] { return shapes_text(model, lazy.get()); }, [&] { return shapes_json(model, lazy.get()); });
  }
  if (options.list_dims) {
    const auto list = [&] { return list_dims(model, lazy.get()); };
    add(
        "dims", [=] { return to_text(list()); }, [=] { return to_json(list()); });
  }
  if (options.tree) {
    const auto make = [&] { return make_scope_tree(model); };
    add(
        "tree", [=] { return to_text(make()); }, [=] { return to_json(make()); });
  }
  if (options.weights) {
    const auto list = [&] { return list_weights(model, options.weights_glob); };
    add(
        "weight_statistics", [=] { return to_text(list()); }, [=] { return to_json(list()); });
  }
  if (options.cost) {
    const auto compute = [&] { return surgery::cost_of(model, lazy.get(), options.dims.to_spec().dims); };
    add(
        "cost", [=] { return to_text(compute()); }, [=] { return to_json(compute()); });
  }
  if (options.graph) {
    add(
        "graph", [&] { return graph_text(model, lazy.get()); }, [&] { return graph_json(model, lazy.get()); });
  }
  if (options.dot) {
    const auto draw = [&] { return dot_text(nodes_to_draw(model, options), lazy.get()); };
    add("dot", draw, draw);
  }
  return sections;
}

int inspect_data(const InspectOptions& options) {
  const std::vector<ListedWeight> tensors = list_tensors(load_data_file(options.model));
  if (options.json) {
    Json report = new_report("inspect");
    report["file"] = options.model;
    report["tensors"] = Json::array();
    for (const ListedWeight& tensor : tensors) {
      Json json = tensor_json(tensor.name, tensor.tensor, 0);
      if (tensor.statistics) json.update(to_json(*tensor.statistics, tensor.tensor.type()));
      report["tensors"].push_back(std::move(json));
    }
    print_json(report);
    return 0;
  }
  print(to_text(tensors));
  for (const ListedWeight& tensor : tensors) {
    const std::string elements = elements_text(tensor.tensor);
    if (!elements.empty()) print(surgery::escape(tensor.name, 100) + ": " + elements + "\n");
  }
  return 0;
}

int inspect_difference(const Model& model, const InspectOptions& options) {
  const surgery::ModelDiff diff = surgery::diff_models(model, load_lasting(options.other));
  if (options.json) {
    Json report = new_report("inspect");
    report["file"] = options.model;
    report["other"] = options.other;
    report["diff"] = to_json(diff);
    print_json(report);
  } else {
    print(to_text(diff));
  }
  return diff.is_equal() ? 0 : static_cast<int>(surgery::ErrorCode::kAnswerIsNo);
}

int inspect(const InspectOptions& options) {
  if (is_data_file(options.model)) return inspect_data(options);
  Model& model = load_lasting(options.model);
  if (!options.other.empty()) return inspect_difference(model, options);
  LazyInference lazy(model);
  const std::vector<Section> asked = sections(model, options, lazy);
  if (options.json) {
    Json report = summary_json(model, summarise(model));
    for (const Section& section : asked) report[section.key] = section.json();
    print_json(report);
    return 0;
  }
  if (asked.empty()) print(summary_text(model, summarise(model)));
  for (size_t i = 0; i < asked.size(); ++i) print((i > 0 ? "\n" : "") + asked[i].text());
  return 0;
}

/// An option whose value may be left away.
CLI::Option* add_glob(CLI::App& command, const std::string& name, std::string& glob, const std::string& help) {
  return command.add_option(name, glob, help)->type_name("[GLOB]")->expected(0, 1);
}

}  // namespace

void add_inspect(CLI::App& root, Action& action) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      root.add_subcommand("inspect", "Say what a model or a tensor file is: interface, nodes, weights, oddities");
  command->add_option("MODEL", options->model, "The model to read, or a .npy, .npz or .pb file of tensors")->required();
  const CLI::Option* nodes = add_glob(*command, "--nodes", options->nodes_glob,
                                      "List the nodes with shapes; with GLOB those whose name or type matches");
  command->add_option("--node", options->node, "All about one node: by name, output, #index or type");
  command->add_flag("--tensors", options->tensors, "List the tensors: what they are, who makes and who reads them");
  command->add_flag("--shapes", options->shapes, "List the inferred types, shapes and contents of tensors");
  command->add_flag("--list-dims", options->list_dims,
                    "The dynamic dimensions: where each comes from and which tensors carry it");
  command->add_flag("--tree", options->tree, "The scopes in the names of nodes");
  const CLI::Option* weights =
      add_glob(*command, "--weights", options->weights_glob,
               "Range, mean, deviation, zeros and histogram of weights; with GLOB of those whose name matches");
  command->add_flag("--graph", options->graph, "The whole graph in a form to read");
  command->add_flag("--cost", options->cost, "Multiplications, parameters and memory, by node and in all");
  command->add_option("--dim", options->dims.dims, "For --cost: the size of a symbol")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->take_all();
  CLI::Option* dot = command->add_flag("--dot", options->dot, "The graph for Graphviz");
  CLI::Option* from =
      command->add_option("--from", options->from, "For --dot: only what depends on these tensors")->delimiter(',');
  CLI::Option* to =
      command->add_option("--to", options->to, "For --dot: only what these tensors depend on")->delimiter(',');
  CLI::Option* around = command->add_option("--around", options->around, "For --dot: only what is near this node");
  command->add_option("--steps", options->steps, "For --around: how near (default 3)")
      ->check(CLI::Range(0, 1000))
      ->needs(around);
  for (CLI::Option* part : {from, to, around}) part->needs(dot);
  around->excludes(from)->excludes(to);
  command->add_option("--diff", options->other, "What is different in another model; exit code 1 if anything is")
      ->type_name("OTHER");
  command->add_flag("--json", options->json, "One JSON object (docs/json.md)");
  command->callback([options, nodes, weights, &action] {
    options->nodes = nodes->count() > 0;
    options->weights = weights->count() > 0;
    action = [options] { return inspect(*options); };
  });
}

}  // namespace app
