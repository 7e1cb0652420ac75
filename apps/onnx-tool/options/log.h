#pragma once

#include <string>

namespace CLI {
class App;
}

namespace app {

/// -v and -q, for every subcommand.
void add_log_options(CLI::App& root);

/// The log on stderr, one line each, "onnx-tool: error: ..." in front.
void log_error(const std::string& message);
void log_warning(const std::string& message);
void log_info(const std::string& message);
void log_debug(const std::string& message);  ///< with -v

}  // namespace app
