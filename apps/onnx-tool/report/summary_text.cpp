#include "report/summary_text.h"

#include <vector>

#include "report/print.h"
#include "report/table.h"
#include "report/tensor_text.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Model;
using surgery::Value;

std::string domain_name(const std::string& domain) { return domain.empty() ? "ai.onnx" : surgery::escape(domain, 60); }

/// Inputs that a caller has to give: initializers listed as inputs are weights.
std::vector<const Value*> data_inputs(const Model& model) {
  std::vector<const Value*> inputs;
  for (const Value* input : model.graph().inputs()) {
    if (!input->is_initializer()) inputs.push_back(input);
  }
  return inputs;
}

std::string dims_text(const std::vector<int64_t>& dims) {
  return surgery::to_string(surgery::Shape(dims.begin(), dims.end()));
}

std::string header_line(const Model& model) {
  std::vector<std::string> opsets;
  for (const surgery::OpsetImport& import : model.opset_imports()) {
    opsets.push_back(domain_name(import.domain) + " " + std::to_string(import.version));
  }
  std::string producer = surgery::escape(model.producer_name(), 60);
  if (!model.producer_version().empty()) producer += " " + surgery::escape(model.producer_version(), 60);
  std::string line = surgery::escape(model.path().filename().string(), 120) + ": " +
                     surgery::format_bytes(model.file_size_bytes()) + ", IR version " +
                     std::to_string(model.ir_version()) + ", opset " + join(opsets, ", ");
  if (!producer.empty()) line += ", made by " + producer;
  return line + "\n";
}

void add_section(std::string& text, const std::string& title, const Table& table) {
  text += "\n" + title + "\n" + (table.empty() ? "  (none)\n" : table.to_string(2));
}

Table interface_table(const std::vector<const Value*>& values) {
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  for (const Value* value : values) {
    table.add({surgery::escape(value->name(), 80), type_text(value->type())});
  }
  return table;
}

}  // namespace

std::string summary_text(const Model& model, const ModelSummary& summary) {
  using enum Table::Align;
  std::string text = header_line(model);
  add_section(text, "inputs", interface_table(data_inputs(model)));
  const auto outputs = model.graph().outputs();
  add_section(text, "outputs", interface_table({outputs.begin(), outputs.end()}));

  Table operators({kRight, kLeft});
  for (const auto& [name, count] : summary.operators) operators.add({format_count(count), surgery::escape(name, 80)});
  std::string title = "nodes: " + format_count(summary.num_nodes);
  if (summary.num_all_nodes != summary.num_nodes) {
    title += " (" + format_count(summary.num_all_nodes) + " with subgraphs)";
  }
  add_section(text, title, operators);

  Table weights({kRight, kLeft, kRight, kRight});
  for (const auto& [type, bin] : summary.weights) {
    weights.add({format_count(bin.num_tensors), type, plural(bin.num_elements, "element"),
                 surgery::format_bytes(static_cast<uint64_t>(bin.size_bytes))});
  }
  add_section(text,
              "weights: " + plural(summary.all_weights.num_tensors, "tensor") + ", " +
                  surgery::format_bytes(static_cast<uint64_t>(summary.all_weights.size_bytes)),
              weights);

  Table largest({kRight, kLeft, kLeft});
  for (const ModelSummary::Weight& weight : summary.largest) {
    largest.add({surgery::format_bytes(static_cast<uint64_t>(weight.size_bytes)), surgery::escape(weight.name, 80),
                 std::string(surgery::to_string(weight.type)) + shorten(dims_text(weight.dims), 80)});
  }
  if (!largest.empty()) add_section(text, "largest weights", largest);

  if (!summary.functions.empty()) {
    Table functions({kLeft, kRight, kRight, kRight});
    for (const ModelSummary::FunctionSummary& function : summary.functions) {
      functions.add({surgery::escape(function.name, 80),
                     plural(static_cast<int64_t>(function.num_inputs), "input") + ", " +
                         plural(static_cast<int64_t>(function.num_outputs), "output"),
                     plural(function.num_nodes, "node"), plural(function.num_calls, "call")});
    }
    add_section(text, "functions", functions);
  }
  if (!model.metadata().empty()) {
    Table metadata({kLeft, kLeft});
    for (const auto& [key, value] : model.metadata()) {
      metadata.add({surgery::escape(key, 60), shorten(surgery::escape(value, 200), 100)});
    }
    add_section(text, "metadata", metadata);
  }
  if (!summary.remarks.empty()) text += "\nworth knowing\n";
  for (const std::string& remark : summary.remarks) text += "  " + remark + "\n";
  return text;
}

Json summary_json(const Model& model, const ModelSummary& summary) {
  Json report = new_report("inspect");
  report["file"] = model.path().string();
  report["size_bytes"] = model.file_size_bytes();
  report["ir_version"] = model.ir_version();
  report["producer"] = {{"name", model.producer_name()}, {"version", model.producer_version()}};
  report["opsets"] = Json::array();
  for (const surgery::OpsetImport& import : model.opset_imports()) {
    report["opsets"].push_back(
        {{"domain", import.domain.empty() ? "ai.onnx" : import.domain}, {"version", import.version}});
  }
  report["inputs"] = Json::array();
  for (const Value* input : data_inputs(model)) report["inputs"].push_back(to_json(input->name(), input->type()));
  report["outputs"] = Json::array();
  for (const Value* output : model.graph().outputs())
    report["outputs"].push_back(to_json(output->name(), output->type()));
  report["num_nodes"] = summary.num_nodes;
  report["num_nodes_with_subgraphs"] = summary.num_all_nodes;
  report["operators"] = Json::object();
  for (const auto& [name, count] : summary.operators) report["operators"][name] = count;
  report["weights"] = {{"num_tensors", summary.all_weights.num_tensors},
                       {"num_elements", summary.all_weights.num_elements},
                       {"size_bytes", summary.all_weights.size_bytes},
                       {"by_type", Json::object()},
                       {"largest", Json::array()}};
  for (const auto& [type, bin] : summary.weights) {
    report["weights"]["by_type"][type] = {
        {"num_tensors", bin.num_tensors}, {"num_elements", bin.num_elements}, {"size_bytes", bin.size_bytes}};
  }
  for (const ModelSummary::Weight& weight : summary.largest) {
    report["weights"]["largest"].push_back({{"name", weight.name},
                                            {"type", surgery::to_string(weight.type)},
                                            {"shape", weight.dims},
                                            {"size_bytes", weight.size_bytes}});
  }
  report["functions"] = Json::array();
  for (const ModelSummary::FunctionSummary& function : summary.functions) {
    report["functions"].push_back({{"name", function.name},
                                   {"num_inputs", function.num_inputs},
                                   {"num_outputs", function.num_outputs},
                                   {"num_nodes", function.num_nodes},
                                   {"num_calls", function.num_calls}});
  }
  report["metadata"] = Json::object();
  for (const auto& [key, value] : model.metadata()) report["metadata"][key] = value;
  report["remarks"] = summary.remarks;
  return report;
}

}  // namespace app
