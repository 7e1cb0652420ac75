#include "surgery/check.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands/command.h"
#include "options/lasting_model.h"
#include "options/log.h"
#include "report/findings.h"
#include "report/print.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace app {
namespace {

constexpr int kAnswerIsNo = static_cast<int>(surgery::ErrorCode::kAnswerIsNo);

struct CheckArguments {
  std::string model;
  bool list_rules = false;
  bool full = false;
  bool strict = false;
  bool json = false;
};

int list_rules(bool json) {
  if (json) {
    Json report = new_report("check");
    report["rules"] = rules_json();
    print_json(report);
  } else {
    print(rules_text());
  }
  return 0;
}

int check(const CheckArguments& arguments) {
  if (arguments.list_rules) return list_rules(arguments.json);
  if (arguments.model.empty()) {
    throw surgery::Error(surgery::ErrorCode::kUsage, "check wants a MODEL, or --rules");
  }
  const surgery::Model& model = load_lasting(arguments.model);
  const std::vector<surgery::Finding> findings = surgery::check(model, {.inference = true, .coverage = arguments.full});
  const FindingCount count = count_findings(findings);
  const bool valid = count.errors == 0 && (count.warnings == 0 || !arguments.strict);
  if (arguments.json) {
    Json report = new_report("check");
    report["file"] = arguments.model;
    report["valid"] = valid;
    report["num_errors"] = count.errors;
    report["num_warnings"] = count.warnings;
    report["findings"] = to_json(findings);
    print_json(report);
  } else {
    print(to_text(findings));
    if (valid) {
      print(surgery::escape(arguments.model) + ": valid" +
            (count.warnings == 0 ? "" : ", " + plural(count.warnings, "warning")) + "\n");
    }
  }
  if (valid) return 0;
  // One line for the log of a pipeline that keeps no standard output.
  const auto is_serious = [&](const surgery::Finding& finding) {
    return count.errors == 0 || finding.severity == surgery::Severity::kError;
  };
  const surgery::Finding& first = *std::ranges::find_if(findings, is_serious);
  log_error(surgery::escape(arguments.model) + ": " + to_text(count) + ", the first at " + first.place + ": " +
            first.message);
  return kAnswerIsNo;
}

}  // namespace

void add_check(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command =
      root.add_subcommand("check", "Say whether a model is valid: all that is wrong with it, and where");
  command->add_option("MODEL", arguments->model, "The model to check");
  command->add_flag("--full", arguments->full,
                    "Warn too of operators whose results cannot be inferred, and so not be checked");
  command->add_flag("--strict", arguments->strict, "Warnings make a model invalid too");
  command->add_flag("--rules", arguments->list_rules, "List every rule, and read no model");
  command->add_flag("--json", arguments->json, "One JSON object (docs/json.md)");
  command->callback([arguments, &action] { action = [arguments] { return check(*arguments); }; });
}

}  // namespace app
