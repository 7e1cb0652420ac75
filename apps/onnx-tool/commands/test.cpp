#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/command.h"
#include "exec/test_case.h"
#include "options/model_options.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/print.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Error;
using surgery::ErrorCode;

struct TestOptions {
  std::vector<std::string> folders;
  std::string junit;
  std::string json;
  std::optional<double> rtol;
  std::optional<double> atol;
  RuntimeArguments runtime;
};

/// The tolerances of data.json beside a model, as the ONNX backend suite has them; others where it has none.
exec::Tolerance stored_tolerance(const std::filesystem::path& folder, exec::Tolerance otherwise) {
  std::ifstream file(folder / "data.json");
  if (!file) return otherwise;
  const Json data = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!data.is_object()) return otherwise;
  const auto number = [&](const char* key, double fallback) {
    const auto found = data.find(key);
    return found != data.end() && found->is_number() ? found->get<double>() : fallback;
  };
  return {.rtol = number("rtol", otherwise.rtol), .atol = number("atol", otherwise.atol)};
}

std::vector<exec::TestCase> collect(const TestOptions& options) {
  std::vector<exec::TestCase> cases;
  for (const std::string& folder : options.folders) {
    std::vector<exec::TestCase> found = exec::find_test_cases(folder);
    if (found.empty()) {
      throw Error(ErrorCode::kUsage,
                  surgery::escape(folder, 200) + ": no model with folders test_data_set_* beside it, here or below");
    }
    std::move(found.begin(), found.end(), std::back_inserter(cases));
  }
  for (exec::TestCase& each : cases) {
    each.tolerance = stored_tolerance(each.model.parent_path(), each.tolerance);
    if (options.rtol) each.tolerance.rtol = *options.rtol;
    if (options.atol) each.tolerance.atol = *options.atol;
  }
  return cases;
}

Json report_json(std::span<const exec::TestCase> cases, std::span<const exec::TestResult> results, int64_t failed) {
  Json report = new_report("test");
  report["num_passed"] = static_cast<int64_t>(results.size()) - failed;
  report["num_failed"] = failed;
  report["cases"] = Json::array();
  for (size_t i = 0; i < results.size(); ++i) {
    report["cases"].push_back({{"name", cases[i].name},
                               {"model", cases[i].model.string()},
                               {"passed", results[i].passed()},
                               {"failure", results[i].failure},
                               {"seconds", results[i].seconds}});
  }
  return report;
}

int test(const TestOptions& options) {
  const std::vector<exec::TestCase> cases = collect(options);
  const std::vector<exec::TestResult> results = exec::run_test_cases(cases, options.runtime.to_options());
  const int64_t failed =
      std::count_if(results.begin(), results.end(), [](const exec::TestResult& result) { return !result.passed(); });
  if (!options.junit.empty()) surgery::write_file_atomically(options.junit, junit_xml(cases, results));
  const Json report = report_json(cases, results, failed);
  if (options.json == "-") {
    print_json(report);
  } else {
    if (!options.json.empty()) {
      const std::string text = report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
      surgery::write_file_atomically(options.json, text);
    }
    std::string text;
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].passed()) continue;
      text += "failed " + surgery::escape(cases[i].name, 100) + ": " + surgery::escape(results[i].failure, 400) + "\n";
    }
    const auto count = static_cast<int64_t>(results.size());
    print(text + format_count(count - failed) + " of " + plural(count, "case") + " passed\n");
  }
  return failed == 0 ? 0 : static_cast<int>(ErrorCode::kAnswerIsNo);
}

}  // namespace

void add_test(CLI::App& root, Action& action) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = root.add_subcommand("test", "Run models on the recorded data sets beside them");
  command->add_option("FOLDER", options->folders, "Folders with models and test_data_set_* beside them, at any depth")
      ->required();
  command->add_option("--rtol", options->rtol, "Relative tolerance (1e-3, or what data.json beside the model says)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--atol", options->atol, "Absolute tolerance (1e-7, or what data.json beside the model says)")
      ->check(CLI::NonNegativeNumber);
  options->runtime.add_mode_to(*command);
  options->runtime.add_to(*command);
  command->add_option("--junit", options->junit, "Write the results as JUnit XML")->type_name("FILE");
  command
      ->add_option("--json", options->json,
                   "Write the results as one JSON object (docs/json.md); - or nothing: print it")
      ->type_name("[FILE]")
      ->expected(0, 1)
      ->default_str("-");
  command->callback([options, command, &action] {
    if (command->count("--json") > 0 && options->json.empty()) options->json = "-";
    action = [options] { return test(*options); };
  });
}

}  // namespace app
