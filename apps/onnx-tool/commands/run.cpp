#include <malloc.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "commands/command.h"
#include "exec/batched_run.h"
#include "exec/inputs.h"
#include "exec/oracle.h"
#include "exec/profile.h"
#include "options/model_options.h"
#include "options/result_files.h"
#include "report/json.h"
#include "report/print.h"
#include "report/profile_text.h"
#include "report/tensor_text.h"
#include "report/value_text.h"
#include "surgery/check.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using exec::Values;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Model;
using surgery::Tensor;

struct RunArguments {
  std::string model;
  ResultFiles output;
  std::string expect;
  ToleranceArguments tolerance;
  std::string labels;
  std::vector<std::string> outputs;
  InputArguments inputs;
  RuntimeArguments runtime;
  int64_t top = 1;
  int repeats = 0;
  bool profiles = false;
  bool json = false;

  bool is_measured() const { return profiles || repeats > 0; }
};

/// The names to report, in the order asked for; graph outputs in the model's order by default.
std::vector<std::string> names_to_report(const Model& model, const std::vector<std::string>& asked) {
  std::vector<std::string> names;
  if (asked == std::vector<std::string>{"all"}) {
    for (const surgery::Node* node = model.graph().first_node(); node != nullptr; node = node->next()) {
      for (const surgery::Value* value : node->outputs()) {
        if (value != nullptr) names.push_back(value->name());
      }
    }
    return names;
  }
  if (!asked.empty()) return asked;
  for (const surgery::Value* output : model.graph().outputs()) names.push_back(output->name());
  return names;
}

struct Accuracy {
  int64_t right = 0;
  int64_t all = 0;
  double value() const { return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all); }
};

Accuracy accuracy_of(const std::string& name, const Tensor& scores, const Tensor& labels) {
  const auto truth = labels.to_int64s(INT64_MAX);
  const std::vector<Ranking> rankings = rank_classes(scores, 1);
  if (!truth || rankings.empty() || truth->size() != rankings.size()) {
    throw Error(ErrorCode::kUsage, "--labels: expected one integer for each row of " + surgery::quote(name) + " " +
                                       type_text(scores) + ", found " + type_text(labels));
  }
  Accuracy accuracy{.right = 0, .all = static_cast<int64_t>(truth->size())};
  for (size_t i = 0; i < rankings.size(); ++i) accuracy.right += rankings[i].at(0).index == (*truth)[i] ? 1 : 0;
  return accuracy;
}

/// What a run gave.
struct Results {
  Values values;   ///< in the model's types
  Values doubles;  ///< of an oracle run: those of them that were kept as double, as they were
  exec::NodeCounts in_own_type;
};

Results run(const Model& model, const Values& inputs, const std::vector<std::string>& names,
            const exec::RunOptions& options) {
  Results results;
  results.values = exec::run_batched(model, inputs, names, options, &results.in_own_type);
  for (auto& [name, value] : results.values) {
    if (!is_valid(value.model_type())) continue;
    results.doubles.emplace(name, value);
    value = exec::rounded(std::move(value));
  }
  return results;
}

/// "3 nodes ran in their own type: QLinearConv (2), com.microsoft.QGemm (1)"; empty where all ran in double.
std::string own_type_text(const exec::NodeCounts& in_own_type) {
  int64_t sum = 0;
  std::vector<std::string> parts;
  for (const auto& [op, count] : in_own_type) {
    sum += count;
    parts.push_back(surgery::escape(op, 100) + " (" + format_count(count) + ")");
  }
  return sum == 0 ? "" : plural(sum, "node") + " ran in the model's types: " + join(parts, ", ") + "\n";
}

std::string report_text(const std::vector<std::string>& names, const Results& results, const RunArguments& arguments,
                        const std::optional<Accuracy>& accuracy) {
  std::string text;
  for (const std::string& name : names) {
    text += value_text(name, results.values.at(name), arguments.top);
    if (const auto found = results.doubles.find(name); found != results.doubles.end()) {
      text += double_text(found->second);
    }
  }
  text += own_type_text(results.in_own_type);
  if (accuracy)
    text += "accuracy " + format_fixed(accuracy->value(), 4) + " (" + format_count(accuracy->right) + " of " +
            format_count(accuracy->all) + ")\n";
  if (!arguments.output.path.empty()) text += "wrote " + surgery::escape(arguments.output.path, 200) + "\n";
  return text;
}

/// Lets the C library keep what a run frees for the next one: what goes back to the system is got anew page by page,
/// which in a process that serves a model hardly happens.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that there is
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

Json report_json(const std::vector<std::string>& names, const Results& results, const RunArguments& arguments,
                 const std::optional<Accuracy>& accuracy) {
  Json report = new_report("run");
  report["model"] = arguments.model;
  report["mode"] = arguments.runtime.mode;
  report["outputs"] = Json::array();
  for (const std::string& name : names) {
    Json output = value_json(name, results.values.at(name), arguments.top);
    if (const auto found = results.doubles.find(name); found != results.doubles.end()) {
      output["double"] = value_json(name, found->second, 0);
    }
    report["outputs"].push_back(std::move(output));
  }
  if (arguments.runtime.mode == "oracle") report["nodes_in_own_type"] = results.in_own_type;
  if (accuracy) report["accuracy"] = {{"value", accuracy->value()}, {"right", accuracy->right}, {"all", accuracy->all}};
  if (!arguments.output.path.empty()) report["output"] = arguments.output.path;
  return report;
}

/// What one run takes of the samples given: all, or the first group where the model's batch is fixed.
Values group_of(const Model& model, const Values& inputs) {
  const exec::BatchPlan plan = exec::plan_batches(model, inputs);
  if (plan.batch == 0) return inputs;
  Values group;
  for (const auto& [name, value] : inputs) group.emplace(name, exec::take_rows(value.tensor(), 0, plan.batch));
  return group;
}

int run_model(const RunArguments& arguments) {
  arguments.output.require_form();
  const std::unique_ptr<Model> model = surgery::load(arguments.model);
  surgery::require_valid(*model);
  const Values given = arguments.inputs.load_given(*model);
  Values inputs = exec::make_inputs(*model, given, arguments.inputs.to_spec());
  const std::vector<std::string> names = names_to_report(*model, arguments.outputs);
  const Results all = run(*model, inputs, names, arguments.runtime.to_options());
  const Values& results = all.values;

  std::optional<Accuracy> accuracy;
  if (!arguments.labels.empty()) {
    accuracy =
        accuracy_of(names.at(0), results.at(names.at(0)).tensor_if(), exec::load_tensor(arguments.labels, "labels"));
  }
  if (!arguments.output.path.empty()) arguments.output.save(*model, names, results, all.doubles);
  std::vector<std::string> differences;
  if (!arguments.expect.empty()) {
    differences = differences_from(arguments.expect, *model, results, [&](surgery::DataType type) {
      return arguments.tolerance.to_default().value_or(exec::default_tolerance(type));
    });
  }
  std::optional<exec::Profile> profile;
  if (arguments.is_measured()) {
    keep_freed_memory();
    profile = exec::profile(*model, group_of(*model, inputs), arguments.runtime.to_options(), 0, arguments.repeats);
  }
  if (arguments.json) {
    Json report = report_json(names, all, arguments, accuracy);
    if (!arguments.expect.empty()) report["differences"] = differences;
    if (profile) report["profile"] = profile_json(*profile, arguments.profiles);
    print_json(report);
  } else {
    std::string text = report_text(names, all, arguments, accuracy);
    for (const std::string& difference : differences) text += "different from what is expected: " + difference + "\n";
    if (!arguments.expect.empty() && differences.empty()) text += "equal to what is expected\n";
    if (profile) text += (arguments.profiles ? "\n" + profile_text(*profile) + "\n" : "") + timing_text(*profile);
    print(text);
  }
  return differences.empty() ? 0 : static_cast<int>(ErrorCode::kAnswerIsNo);
}

}  // namespace

void add_run(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = root.add_subcommand("run", "Run a model on files or seeded inputs");
  command->add_option("MODEL", arguments->model, "The model to run")->required();
  arguments->inputs.add_to(*command);
  command->add_option("--outputs", arguments->outputs, "Tensors to report instead of the graph outputs, or all")
      ->delimiter(',')
      ->expected(1)
      ->take_all();
  command->add_option("-o,--output", arguments->output.path,
                      "Write the results to a .npz (or, for one tensor, .npy) file, or with --format into a folder");
  command->add_option("--format", arguments->output.format, "One file output_N for each result in the folder of -o")
      ->check(CLI::IsMember({"pb", "npy", "json"}));
  command->add_option("--expect", arguments->expect, "Compare with recorded results: a folder with output_N, or .npz")
      ->type_name("FOLDER|NPZ");
  arguments->tolerance.add_to(*command);
  command->add_option("--top", arguments->top, "Classes to show for each row of a two-dimensional result")
      ->check(CLI::Range(0, 1000));
  command->add_option("--labels", arguments->labels, "The right classes (.npy, .npz or .npz:KEY): prints the accuracy");
  command->add_option("--repeat", arguments->repeats, "Run as often again and print the median time")
      ->check(CLI::Range(1, 1'000'000));
  command->add_flag("--profile", arguments->profiles, "Print the time of each operator and of the slowest nodes");
  arguments->runtime.add_mode_to(*command);
  arguments->runtime.add_to(*command);
  command->add_flag("--json", arguments->json, "One JSON object (docs/json.md)");
  command->callback([arguments, &action] { action = [arguments] { return run_model(*arguments); }; });
}

}  // namespace app
