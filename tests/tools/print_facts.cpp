// Prints what inference knows of every value of a model, one JSON object per line, for scripts/compare_inference.py.
// usage: print_facts [--ignore-declared] MODEL...
//   --ignore-declared  declared types count for graph inputs alone
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "surgery/infer.h"
#include "surgery/io.h"

namespace surgery {
namespace {

using nlohmann::json;

json to_json(const Dim& dim) {
  if (dim.is_unknown()) return nullptr;
  if (dim.is_known()) return dim.value();
  return {{"text", dim.to_string()}, {"symbols", dim.symbols()}};
}

json to_json(const std::vector<Dim>& dims) {
  json list = json::array();
  for (const Dim& dim : dims) list.push_back(to_json(dim));
  return list;
}

json to_json(const Type& type) {
  json out{{"text", to_string(type)},
           {"kind", static_cast<int>(type.kind)},
           {"element_type", static_cast<int>(type.element_type)}};
  if (type.shape) out["shape"] = to_json(*type.shape);
  return out;
}

void print(const json& line) { std::printf("%s\n", line.dump(-1, ' ', false, json::error_handler_t::replace).c_str()); }

void print_facts(const char* path, const InferenceOptions& options) {
  const std::unique_ptr<Model> model = load(path);
  Inference inference(*model, options);
  const std::clock_t begin = std::clock();  // of the process: what else runs on the machine does not count
  inference.run();
  const double milliseconds = 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  json fresh = json::array();
  const auto look_at = [&](const Graph& graph) {
    for (const Value* value : graph.values()) {
      const Fact& fact = inference.fact(*value);
      json line{{"value", value->name()}, {"main", &graph == &model->graph()}, {"type", to_json(fact.type)}};
      if (fact.content) line["content"] = to_json(*fact.content);
      if (value->producer() != nullptr) line["op"] = value->producer()->op_type();
      if (value->is_initializer()) line["initializer"] = true;
      if (value->is_graph_input()) line["input"] = true;
      if (value->is_undefined()) line["undefined"] = true;
      print(line);
      if (!fact.type.shape) continue;
      for (const Dim& dim : *fact.type.shape) {
        for (const std::string& name : dim.symbols()) {
          if (inference.is_fresh(name)) fresh.push_back(name);
        }
      }
    }
  };
  for_each_graph(std::as_const(model->graph()), look_at);
  for (const Function& function : model->functions()) for_each_graph(std::as_const(*function.body), look_at);
  json contradictions = json::array();
  for (const Contradiction& each : inference.contradictions()) {
    contradictions.push_back(each.place + ": '" + each.value + "' is declared " + each.declared + ", inferred " +
                             each.inferred);
  }
  print({{"model", path},
         {"milliseconds", milliseconds},
         {"errors", inference.errors()},
         {"contradictions", contradictions},
         {"unknown_operators", inference.unknown_operators()},
         {"fresh", fresh}});
}

}  // namespace
}  // namespace surgery

int main(int argc, char** argv) {
  surgery::InferenceOptions options;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--ignore-declared") {
      options.use_declared = false;
      continue;
    }
    try {
      surgery::print_facts(argv[i], options);
    } catch (const std::exception& error) {
      surgery::print({{"model", argv[i]}, {"exception", error.what()}});
    }
  }
  return 0;
}
