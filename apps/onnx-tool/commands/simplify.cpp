#include <CLI/CLI.hpp>
#include <memory>

#include "commands/command.h"
#include "exec/verified.h"
#include "options/log.h"
#include "options/model_options.h"
#include "report/json.h"
#include "report/model_summary.h"
#include "report/print.h"
#include "report/proof.h"
#include "report/table.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

struct SimplifyArguments {
  std::string model;
  std::string output;
  surgery::SimplifyOptions rewrites;
  VerifyArguments verify;
  SaveArguments save;
  bool json = false;
};

std::string proof_sentence(const exec::SimplifyOutcome& outcome) {
  return outcome.proof ? "proven: " + outcome.proof->message : "not proven: --verify off";
}

/// "Conv  53 -> 53": the operators of either model, those that changed first.
std::string operators_text(const ModelSummary& before, const ModelSummary& after) {
  using enum Table::Align;
  Table table({kLeft, kRight, kRight}, {"operator", "before", "after"});
  const auto count_in = [](const ModelSummary& summary, const std::string& name) -> int64_t {
    for (const auto& [each, count] : summary.operators) {
      if (each == name) return count;
    }
    return 0;
  };
  for (const auto& [name, count] : before.operators) {
    table.add({surgery::escape(name, 60), format_count(count), format_count(count_in(after, name))});
  }
  for (const auto& [name, count] : after.operators) {
    if (count_in(before, name) == 0) table.add({surgery::escape(name, 60), "0", format_count(count)});
  }
  table.add({"all", format_count(before.num_all_nodes), format_count(after.num_all_nodes)});
  return table.to_string();
}

std::string report_text(const SimplifyArguments& arguments, const exec::SimplifyOutcome& outcome,
                        const ModelSummary& before, const ModelSummary& after,
                        const std::vector<std::string>& remarks) {
  using enum Table::Align;
  std::string text = operators_text(before, after) + "\n";
  Table rewrites({kRight, kLeft}, {"times", "rewrite"});
  for (const auto& [name, count] : outcome.report.counts) {
    if (count > 0) rewrites.add({format_count(count), name});
  }
  if (!rewrites.empty()) text += rewrites.to_string() + "\n";
  for (const exec::UndoneRewrite& undone : outcome.undone) {
    text += "left out: " + undone.rewrite + ", which broke parity at " + undone.place + ": " + undone.finding + "\n";
  }
  if (outcome.report.reached_limit) text += "stopped at the limit of rounds: more might be possible\n";
  text += proof_sentence(outcome) + "\n";
  for (const std::string& remark : remarks) text += remark + "\n";
  return text + "wrote " + surgery::escape(arguments.output, 200) + "\n";
}

Json report_json(const SimplifyArguments& arguments, const exec::SimplifyOutcome& outcome, const ModelSummary& before,
                 const ModelSummary& after, const std::vector<std::string>& remarks) {
  Json report = new_report("simplify");
  report["input"] = arguments.model;
  report["output"] = arguments.output;
  report["num_nodes_before"] = before.num_nodes;
  report["num_nodes_after"] = after.num_nodes;
  report["steps"] = outcome.report.steps;
  report["rewrites"] = Json::object();
  for (const auto& [name, count] : outcome.report.counts) {
    if (count > 0) report["rewrites"][name] = count;
  }
  report["undone"] = Json::array();
  for (const exec::UndoneRewrite& undone : outcome.undone) {
    report["undone"].push_back({{"rewrite", undone.rewrite}, {"place", undone.place}, {"finding", undone.finding}});
  }
  report["reached_limit"] = outcome.report.reached_limit;
  report["proof"] = outcome.proof ? to_json(*outcome.proof) : Json(nullptr);
  report["remarks"] = remarks;
  return report;
}

int run_simplify(const SimplifyArguments& arguments) {
  const exec::SimplifyOutcome outcome =
      exec::simplify_verified(arguments.model, arguments.rewrites, arguments.verify.to_options(arguments.model));
  const ModelSummary before = summarise(*surgery::load(arguments.model));
  const ModelSummary after = summarise(*outcome.model);
  for (const auto& step : outcome.model->journal().steps()) log_debug(step.action + ": " + step.place);
  const auto remarks = surgery::save(*outcome.model, arguments.output, arguments.save.to_options());
  if (arguments.json) {
    print_json(report_json(arguments, outcome, before, after, remarks));
  } else {
    print(report_text(arguments, outcome, before, after, remarks));
  }
  return 0;
}

int list_rewrites() {
  using enum Table::Align;
  Table table({kLeft, kLeft});
  for (const surgery::Rewrite* rewrite : surgery::all_rewrites()) {
    table.add({std::string(rewrite->name()), std::string(rewrite->description())});
  }
  for (const surgery::GraphRewrite* rewrite : surgery::all_graph_rewrites()) {
    table.add({std::string(rewrite->name()), std::string(rewrite->description())});
  }
  print(table.to_string());
  return 0;
}

}  // namespace

void add_simplify(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<SimplifyArguments>();
  CLI::App* command = root.add_subcommand("simplify", "Rewrite a model into fewer nodes that compute the same, proven");
  CLI::Option* model = command->add_option("MODEL", arguments->model, "The model to read");
  CLI::Option* output = command->add_option("-o,--output", arguments->output, "The model to write");
  command->add_option("--only", arguments->rewrites.only, "Use only these rewrites")
      ->delimiter(',')
      ->expected(1)
      ->take_all();
  command->add_option("--skip", arguments->rewrites.skip, "Do not use these rewrites")
      ->delimiter(',')
      ->expected(1)
      ->take_all();
  command->add_option("--max-steps", arguments->rewrites.max_steps, "Stop after so many changes")
      ->check(CLI::NonNegativeNumber);
  CLI::Option* list = command->add_flag("--list-rewrites")->description("List the rewrites and end");
  arguments->verify.add_to(*command);
  arguments->save.add_to(*command);
  command->add_flag("--json", arguments->json, "One JSON object (docs/json.md)");
  command->callback([arguments, model, output, list, &action] {
    if (list->count() > 0) {
      action = &list_rewrites;
      return;
    }
    if (model->count() == 0) throw CLI::RequiredError("MODEL");
    if (output->count() == 0) throw CLI::RequiredError("--output");
    action = [arguments] { return run_simplify(*arguments); };
  });
}

}  // namespace app
