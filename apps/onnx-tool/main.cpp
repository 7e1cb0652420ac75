#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "commands/command.h"
#include "options/log.h"
#include "report/operator_list.h"
#include "report/print.h"
#include "surgery/error.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace {

constexpr int kDefect = 70;  // sysexits.h: EX_SOFTWARE

int fail(int code, const std::string& message) {
  app::log_error(message);
  return code;
}

/// What is wrong with the command line. CLI11 says "A subcommand is required" also where one is given that it does not
/// know.
std::string usage_message(const CLI::App& root, const CLI::ParseError& error) {
  const std::vector<std::string> extras = root.remaining();
  if (!root.get_subcommands().empty() || extras.empty() || extras[0].starts_with("-")) {
    return surgery::escape(error.what(), 400);
  }
  std::vector<std::string> names;
  for (const CLI::App* command : root.get_subcommands(nullptr)) names.push_back(command->get_name());
  return "there is no command " + surgery::quote(extras[0]) + surgery::suggestion(extras[0], names);
}

/// Flushes what was printed: a full disk under stdout is a failed write, not a success.
int finish(int code) {
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (failed) return fail(static_cast<int>(surgery::ErrorCode::kWrite), "cannot write to the standard output");
  return code;
}

/// --list-operators [--json], which stands for a command.
void add_operator_list(CLI::App& root, app::Action& action) {
  auto is_asked = std::make_shared<bool>(false);
  auto json = std::make_shared<bool>(false);
  CLI::Option* list =
      root.add_flag("--list-operators", *is_asked, "List the operators that can be run, with versions and types");
  root.add_flag("--json", *json, "With --list-operators: one JSON object (docs/json.md)")->needs(list);
  list->each([&root, &action, is_asked, json](const std::string& /*value*/) {
    root.require_subcommand(0);
    action = [json] {
      *json ? app::print_json(app::operator_list_json()) : app::print(app::operator_list_text());
      return 0;
    };
  });
}

int parse_and_run(int argc, char** argv) {
  CLI::App root("onnx-tool: inspect, edit, simplify, run and compare ONNX models; nothing is written unproven",
                "onnx-tool");
  root.set_version_flag("--version", "onnx-tool " ONNX_TOOL_VERSION);
  root.require_subcommand(1);
  root.fallthrough();
  app::add_log_options(root);
  app::Action action;
  add_operator_list(root, action);
  for (const app::AddCommand add : app::kCommands) add(root, action);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return root.exit(asked);
  } catch (const CLI::ParseError& error) {
    return fail(static_cast<int>(surgery::ErrorCode::kUsage), usage_message(root, error));
  }
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  surgery::install_mapping_fault_handler();
  try {
    return finish(parse_and_run(argc, argv));
  } catch (const surgery::Error& error) {
    return fail(static_cast<int>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(static_cast<int>(surgery::ErrorCode::kUnsupported), "out of memory");
  } catch (const std::exception& error) {
    return fail(kDefect, std::string("internal error, please report it: ") + error.what());
  }
}
