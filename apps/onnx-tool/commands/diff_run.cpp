#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "commands/command.h"
#include "exec/inputs.h"
#include "exec/parity.h"
#include "options/model_options.h"
#include "report/json.h"
#include "report/print.h"
#include "report/table.h"
#include "surgery/check.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using exec::LockstepResult;
using exec::PairResult;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Model;
using surgery::Value;

struct DiffRunOptions {
  std::string a;
  std::string b;
  InputArguments inputs;
  ToleranceArguments tolerance;
  RuntimeArguments runtime;
  std::vector<std::string> input_pairs;
  std::vector<std::string> pairs;
  std::string rows = "all";
  bool json = false;
};

using Names = std::map<std::string, std::string, std::less<>>;

Names to_names(const std::vector<std::string>& texts, std::string_view option) {
  Names names;
  for (const std::string& text : texts) names.insert(split_pair(text, option));
  return names;
}

void require_value(const Model& model, const std::string& name, std::string_view option, const std::string& file) {
  bool found = false;
  std::vector<std::string> names;
  for (const Value* value : model.graph().values()) {
    found |= value->name() == name;
    names.push_back(value->name());
  }
  if (found) return;
  throw Error(ErrorCode::kUsage, std::string(option) + ": " + surgery::escape(file, 120) + " has no tensor " +
                                     surgery::quote(name) + surgery::suggestion(name, names));
}

void require_tensors(const Model& a, const Model& b, const Names& pairs, std::string_view option,
                     const DiffRunOptions& options) {
  for (const auto& [name_a, name_b] : pairs) {
    require_value(a, name_a, option, options.a);
    require_value(b, name_b, option, options.b);
  }
}

/// For each data input of A the input of B that gets the same tensor: as paired by the user, by name, or, where both
/// have just one left, that one.
Names pair_inputs(const Model& a, const Model& b, const Names& given) {
  std::vector<std::string> free_b;
  Names pairs;
  const auto needs_data = [](const Value& value) { return !value.is_initializer(); };
  for (const Value* input : b.graph().inputs()) {
    const auto is_taken = [&](const auto& pair) { return pair.second == input->name(); };
    if (needs_data(*input) && std::none_of(given.begin(), given.end(), is_taken)) free_b.push_back(input->name());
  }
  std::vector<std::string> free_a;
  for (const Value* input : a.graph().inputs()) {
    if (!needs_data(*input)) continue;
    if (const auto found = given.find(input->name()); found != given.end()) {
      pairs.insert(*found);
    } else if (const auto same = std::find(free_b.begin(), free_b.end(), input->name()); same != free_b.end()) {
      pairs[input->name()] = *same;
      free_b.erase(same);
    } else {
      free_a.push_back(input->name());
    }
  }
  if (free_a.size() == 1 && free_b.size() == 1) {
    pairs[free_a[0]] = free_b[0];
  } else if (!free_a.empty() || !free_b.empty()) {
    const std::string& name = free_a.empty() ? free_b[0] : free_a[0];
    throw Error(ErrorCode::kUsage, "input " + surgery::quote(name) +
                                       " has no counterpart in the other model; pair it with --input-pair A=B");
  }
  return pairs;
}

/// Sizes for the symbols of A that B fixes: one model may have kept its batch open.
void bind_from_counterparts(const Model& a, const Model& b, const Names& pairs, exec::InputSpec& spec) {
  for (const auto& [name_a, name_b] : pairs) {
    const Value* input_a = a.graph().find(name_a);
    const Value* input_b = b.graph().find(name_b);
    if (input_a == nullptr || input_b == nullptr || !input_a->type().shape || !input_b->type().shape) continue;
    const surgery::Shape& shape_a = *input_a->type().shape;
    const surgery::Shape& shape_b = *input_b->type().shape;
    for (size_t i = 0; i < std::min(shape_a.size(), shape_b.size()); ++i) {
      if (shape_a[i].is_plain_symbol() && shape_b[i].is_known()) {
        spec.dims.try_emplace(shape_a[i].to_string(), shape_b[i].value());
      }
    }
  }
}

std::string tensor_name(const PairResult& pair) {
  const std::string name = shorten(surgery::escape(pair.a, 100), 50);
  return pair.a == pair.b ? name : name + " = " + shorten(surgery::escape(pair.b, 100), 50);
}

std::string verdict(const PairResult& pair) {
  if (pair.difference.within) return "equal";
  return pair.difference.reason.empty() ? format_count(pair.difference.num_outside) + " outside"
                                        : pair.difference.reason;
}

std::string table_text(const LockstepResult& result, const std::string& rows) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kLeft},
              {"tensor", "type", "max abs", "max rel", "cosine", "result"});
  for (const PairResult& pair : result.pairs) {
    if (rows == "none" || (rows == "bad" && pair.difference.within)) continue;
    table.add({tensor_name(pair), shorten(surgery::escape(pair.type_name, 100), 50),
               format_small(pair.difference.max_abs), format_small(pair.difference.max_rel),
               format_cosine(pair.difference.cosine), verdict(pair) + (pair.is_output ? " (output)" : "")});
  }
  return table.empty() ? "" : table.to_string() + "\n";
}

std::string summary_text(const LockstepResult& result, const std::optional<exec::Tolerance>& tolerance) {
  const std::string within =
      tolerance ? "within rtol " + format_small(tolerance->rtol) + ", atol " + format_small(tolerance->atol)
                : "within the tolerance of their type";
  std::string text;
  for (const std::string& output : result.unpaired_outputs) {
    text += "different: output " + surgery::quote(output) + " has no counterpart\n";
  }
  if (!result.first_bad) {
    return text + (result.equal() ? "equal: all of " : "of ") +
           plural(static_cast<int64_t>(result.pairs.size()), "tensor") + " " + within + "\n";
  }
  const auto bad = std::count_if(result.pairs.begin(), result.pairs.end(),
                                 [](const PairResult& pair) { return !pair.difference.within; });
  const PairResult& first = result.pairs[*result.first_bad];
  const std::string how =
      first.difference.reason.empty() ? "max abs " + format_small(first.difference.max_abs) : first.difference.reason;
  return text + "different: " + format_count(bad) + " of " +
         plural(static_cast<int64_t>(result.pairs.size()), "tensor") + " not " + within +
         "\nfirst bad layer: " + first.node + ", tensor " + tensor_name(first) + ": " + how + "\n";
}

Json to_json(const PairResult& pair) {
  return {{"a", pair.a},
          {"b", pair.b},
          {"node", pair.node},
          {"is_output", pair.is_output},
          {"type", is_valid(pair.type) ? std::string(surgery::to_string(pair.type)) : pair.type_name},
          {"shape", pair.dims},
          {"equal", pair.difference.within},
          {"reason", pair.difference.reason},
          {"max_abs", pair.difference.max_abs},
          {"max_rel", pair.difference.max_rel},
          {"cosine", pair.difference.cosine},
          {"num_elements", pair.difference.num_elements},
          {"num_outside", pair.difference.num_outside},
          {"worst_index", pair.difference.worst_index}};
}

Json report_json(const DiffRunOptions& options, const LockstepResult& result,
                 const std::optional<exec::Tolerance>& tolerance) {
  Json report = new_report("diff-run");
  report["a"] = options.a;
  report["b"] = options.b;
  report["rtol"] = tolerance ? Json(tolerance->rtol) : Json(nullptr);
  report["atol"] = tolerance ? Json(tolerance->atol) : Json(nullptr);
  report["equal"] = result.equal();
  report["first_bad"] = result.first_bad ? to_json(result.pairs[*result.first_bad]) : Json(nullptr);
  report["unpaired_outputs"] = result.unpaired_outputs;
  report["tensors"] = Json::array();
  for (const PairResult& pair : result.pairs) report["tensors"].push_back(to_json(pair));
  return report;
}

int diff_run(const DiffRunOptions& options) {
  const std::unique_ptr<Model> a = surgery::load(options.a);
  const std::unique_ptr<Model> b = surgery::load(options.b);
  surgery::require_valid(*a);
  surgery::require_valid(*b);
  exec::LockstepOptions lockstep;
  lockstep.tolerance = options.tolerance.to_default();
  lockstep.tolerances = options.tolerance.to_per_tensor();
  lockstep.run = options.runtime.to_options();
  lockstep.pairs = to_names(options.pairs, "--pair");
  const Names given_inputs = to_names(options.input_pairs, "--input-pair");
  require_tensors(*a, *b, lockstep.pairs, "--pair", options);
  require_tensors(*a, *b, given_inputs, "--input-pair", options);
  const Names input_pairs = pair_inputs(*a, *b, given_inputs);
  exec::InputSpec spec = options.inputs.to_spec();
  bind_from_counterparts(*a, *b, input_pairs, spec);
  const exec::Values inputs_a = exec::make_inputs(*a, options.inputs.load_given(*a), spec);
  exec::Values inputs_b;
  for (const auto& [name_a, name_b] : input_pairs) inputs_b[name_b] = inputs_a.at(name_a);

  const LockstepResult result = exec::run_lockstep(*a, *b, inputs_a, inputs_b, lockstep);
  if (options.json) {
    print_json(report_json(options, result, lockstep.tolerance));
  } else {
    print(table_text(result, options.rows) + summary_text(result, lockstep.tolerance));
  }
  return result.equal() ? 0 : static_cast<int>(ErrorCode::kAnswerIsNo);
}

}  // namespace

void add_diff_run(CLI::App& root, Action& action) {
  auto options = std::make_shared<DiffRunOptions>();
  CLI::App* command = root.add_subcommand("diff-run", "Run two models in lockstep and compare them layer by layer");
  command->add_option("A", options->a, "The reference model")->required();
  command->add_option("B", options->b, "The model to compare with it")->required();
  options->inputs.add_to(*command);
  command->add_option("--input-pair", options->input_pairs, "Give A's input and B's input the same tensor")
      ->type_name("A=B")
      ->expected(1)
      ->take_all();
  command->add_option("--pair", options->pairs, "Compare A's tensor with B's tensor of another name")
      ->type_name("A=B")
      ->expected(1)
      ->take_all();
  options->tolerance.add_to(*command);
  options->runtime.add_to(*command);
  command->add_option("--rows", options->rows, "Which tensors the table shows")
      ->check(CLI::IsMember({"all", "bad", "none"}));
  command->add_flag("--json", options->json, "One JSON object (docs/json.md)");
  command->callback([options, &action] { action = [options] { return diff_run(*options); }; });
}

}  // namespace app
