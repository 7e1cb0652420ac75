#include <CLI/CLI.hpp>
#include <memory>

#include "commands/command.h"
#include "options/model_options.h"
#include "report/json.h"
#include "report/print.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

struct ConvertOptions {
  std::string input;
  std::string output;
  SaveArguments save;
  bool json = false;
};

int convert(const ConvertOptions& options) {
  const std::unique_ptr<surgery::Model> model = surgery::load(options.input);
  const std::vector<std::string> remarks = surgery::save(*model, options.output, options.save.to_options());
  if (options.json) {
    Json report = new_report("convert");
    report["input"] = options.input;
    report["output"] = options.output;
    report["remarks"] = remarks;
    print_json(report);
    return 0;
  }
  std::string text;
  for (const std::string& remark : remarks) text += surgery::escape(remark, 400) + "\n";
  print(text + "wrote " + surgery::escape(options.output, 200) + "\n");
  return 0;
}

}  // namespace

void add_convert(CLI::App& root, Action& action) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = root.add_subcommand(
      "convert",
      "Write a model in another form, by suffix: .onnx, .textproto (and .onnxtxt), .json, .onnx.txt (ONNX's syntax)");
  command->add_option("IN", options->input, "The model to read")->required();
  command->add_option("OUT", options->output, "The model to write")->required();
  options->save.add_to(*command);
  command->add_flag("--json", options->json, "One JSON object (docs/json.md)");
  command->callback([options, &action] { action = [options] { return convert(*options); }; });
}

}  // namespace app
