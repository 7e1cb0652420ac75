#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "commands/command.h"
#include "exec/verified.h"
#include "options/log.h"
#include "options/model_options.h"
#include "report/json.h"
#include "report/print.h"
#include "report/proof.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Meaning;

struct EditArguments {
  std::string model;
  std::string output;
  std::vector<exec::EditStep> steps;
  VerifyArguments verify;
  SaveArguments save;
  std::vector<std::string> batch_axes;
  bool force = false;
  bool json = false;
};

std::string_view to_string(Meaning meaning) {
  switch (meaning) {
    case Meaning::kKept:
      return "kept";
    case Meaning::kInterface:
      return "interface";
    case Meaning::kPerSample:
      return "per sample";
    case Meaning::kPerPlace:
      return "per place";
    case Meaning::kChanged:
      return "changed";
  }
  return "";
}

std::string step_text(const exec::EditStep& step) {
  std::string text(step.edit->option);
  if (!step.argument.empty()) text += " " + surgery::escape(step.argument, 120);
  return text;
}

/// What was shown, and what was not, in sentences: "proven" is said only of what ran and agreed.
std::vector<std::string> proof_sentences(const EditArguments& options, const exec::EditOutcome& outcome) {
  std::vector<std::string> sentences;
  if (options.verify.mode == "off") return {"not proven: --verify off"};
  std::vector<bool> covered(options.steps.size(), false);
  for (const exec::Proof& proof : outcome.proofs) {
    std::vector<std::string> names;
    for (size_t i = proof.first; i <= proof.last; ++i) {
      covered[i] = true;
      names.push_back(step_text(options.steps[i]));
    }
    const std::string_view verdict = proof.result.ran && proof.result.equal ? "proven: " : "not proven: ";
    sentences.push_back(std::string(verdict) + join(names, ", ") + ": " + proof.result.message);
  }
  std::vector<std::string> changed;
  for (size_t i = 0; i < covered.size(); ++i) {
    if (!covered[i]) changed.push_back(step_text(options.steps[i]));
  }
  if (!changed.empty()) sentences.push_back("changes the results on purpose: " + join(changed, ", "));
  return sentences;
}

std::string report_text(const EditArguments& options, const exec::EditOutcome& outcome,
                        const std::vector<std::string>& remarks) {
  std::string text;
  for (size_t i = 0; i < options.steps.size(); ++i) {
    text += step_text(options.steps[i]) + "\n";
    for (const std::string& note : outcome.reports[i].notes) text += "  " + note + "\n";
  }
  for (const std::string& sentence : proof_sentences(options, outcome)) text += sentence + "\n";
  for (const std::string& warning : outcome.warnings) text += "warning: " + warning + "\n";
  for (const std::string& remark : remarks) text += remark + "\n";
  return text + "wrote " + surgery::escape(options.output, 200) + "\n";
}

Json report_json(const EditArguments& options, const exec::EditOutcome& outcome,
                 const std::vector<std::string>& remarks) {
  Json report = new_report("edit");
  report["input"] = options.model;
  report["output"] = options.output;
  report["edits"] = Json::array();
  for (size_t i = 0; i < options.steps.size(); ++i) {
    report["edits"].push_back({{"option", options.steps[i].edit->option},
                               {"argument", options.steps[i].argument},
                               {"meaning", to_string(outcome.reports[i].meaning)},
                               {"notes", outcome.reports[i].notes}});
  }
  report["proofs"] = Json::array();
  for (const exec::Proof& proof : outcome.proofs) {
    Json json = to_json(proof.result);
    json["first_edit"] = proof.first;
    json["last_edit"] = proof.last;
    report["proofs"].push_back(std::move(json));
  }
  report["warnings"] = outcome.warnings;
  report["remarks"] = remarks;
  return report;
}

int edit(const EditArguments& options) {
  if (options.steps.empty() && !options.save.places_weights()) {
    throw Error(ErrorCode::kUsage, "no edit is given: see onnx-tool edit --help for what can be done");
  }
  const exec::EditOutcome outcome = exec::apply_edits(
      options.model, options.steps,
      {.verify = options.verify.to_options(options.model), .batch_axes = options.batch_axes, .force = options.force});
  const auto remarks = surgery::save(*outcome.model, options.output, options.save.to_options());
  if (options.json) {
    print_json(report_json(options, outcome, remarks));
  } else {
    print(report_text(options, outcome, remarks));
  }
  return 0;
}

/// The edits in the order of the command line: CLI11 keeps the values of each option, and the order of all options.
std::vector<exec::EditStep> steps_in_order(const CLI::App& command,
                                           const std::map<const CLI::Option*, const surgery::Edit*>& edits) {
  std::vector<exec::EditStep> steps;
  std::map<const CLI::Option*, size_t> next;
  for (const CLI::Option* option : command.parse_order()) {
    const auto found = edits.find(option);
    if (found == edits.end()) continue;
    const size_t index = next[option]++;
    const bool has_argument = !found->second->argument.empty();
    steps.push_back({found->second, has_argument ? option->results().at(index) : std::string()});
  }
  return steps;
}

}  // namespace

void add_edit(CLI::App& root, Action& action) {
  auto options = std::make_shared<EditArguments>();
  CLI::App* command = root.add_subcommand("edit", "Change a model; edits apply in the order given");
  command->add_option("MODEL", options->model, "The model to read")->required();
  command->add_option("-o,--output", options->output, "The model to write")->required();
  std::map<const CLI::Option*, const surgery::Edit*> edits;
  for (const surgery::Edit& edit : surgery::all_edits()) {
    const std::string name(edit.option);
    CLI::Option* option = edit.argument.empty() ? command->add_flag(name) : command->add_option(name);
    option->description(std::string(edit.help));
    if (!edit.argument.empty()) option->type_name(std::string(edit.argument))->expected(1)->take_all();
    option->group("Edits");
    edits.emplace(option, &edit);
  }
  command->add_option("--batch-axis", options->batch_axes, "Where --set-batch finds the batch, if not in axis 0: x=1")
      ->type_name("INPUT=AXIS")
      ->expected(1)
      ->take_all();
  command->add_flag("--force", options->force,
                    "Write although a dimension cannot be mended, the result is not valid or a proof fails; with a "
                    "warning");
  options->verify.add_to(*command);
  options->save.add_to(*command);
  command->add_flag("--json", options->json, "One JSON object (docs/json.md)");
  command->callback([options, command, edits, &action] {
    options->steps = steps_in_order(*command, edits);
    action = [options] { return edit(*options); };
  });
}

}  // namespace app
