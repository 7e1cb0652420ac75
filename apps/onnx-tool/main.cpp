#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "commands/command.h"
#include "report/log.h"
#include "surgery/error.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace {

constexpr int kDefect = 70;  // sysexits.h: EX_SOFTWARE

int fail(int code, const std::string& message) {
  app::log_error(message);
  return code;
}

/// Flushes what was printed: a full disk under stdout is a failed write, not a success.
int finish(int code) {
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (failed) return fail(static_cast<int>(surgery::ErrorCode::kWrite), "cannot write to the standard output");
  return code;
}

int parse_and_run(int argc, char** argv) {
  CLI::App root("onnx-tool: inspect, edit, simplify, run and compare ONNX models; nothing is written unproven",
                "onnx-tool");
  root.set_version_flag("--version", "onnx-tool " ONNX_TOOL_VERSION);
  root.require_subcommand(1);
  root.fallthrough();
  app::add_log_options(root);
  app::Action action;
  for (const app::AddCommand add : app::kCommands) add(root, action);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return root.exit(asked);
  } catch (const CLI::ParseError& error) {
    return fail(static_cast<int>(surgery::ErrorCode::kUsage), surgery::escape(error.what(), 400));
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
