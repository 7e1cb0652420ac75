#include "options/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

namespace app {
namespace {

/// The one logger of the program: no colours, no time, no file names, so that a line is the message.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> kInstance = [] {
    auto made = std::make_shared<spdlog::logger>("onnx-tool", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("onnx-tool: %l: %v");
    return made;
  }();
  return *kInstance;
}

}  // namespace

void add_log_options(CLI::App& root) {
  root.add_flag_callback(
      "-v,--verbose", [] { logger().set_level(spdlog::level::debug); }, "Say more on stderr");
  root.add_flag_callback(
      "-q,--quiet", [] { logger().set_level(spdlog::level::err); }, "Only errors on stderr");
}

void log_error(const std::string& message) {
  std::fflush(stdout);  // what was printed before stands before, also where both go to one file
  logger().log(spdlog::level::err, "{}", message);
}
void log_warning(const std::string& message) { logger().log(spdlog::level::warn, "{}", message); }
void log_info(const std::string& message) { logger().log(spdlog::level::info, "{}", message); }
void log_debug(const std::string& message) { logger().log(spdlog::level::debug, "{}", message); }

}  // namespace app
