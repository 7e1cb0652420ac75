#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace app {

/// What the command line asked for, ready to run: gives the exit code. Empty until a subcommand was parsed.
using Action = std::function<int()>;

/// Registers one subcommand with its options; parsing fills `action` and does nothing else.
using AddCommand = void (*)(CLI::App& root, Action& action);

void add_inspect(CLI::App& root, Action& action);
void add_check(CLI::App& root, Action& action);
void add_edit(CLI::App& root, Action& action);
void add_simplify(CLI::App& root, Action& action);
void add_diff_run(CLI::App& root, Action& action);
void add_run(CLI::App& root, Action& action);
void add_test(CLI::App& root, Action& action);
void add_convert(CLI::App& root, Action& action);

/// Every subcommand, in the order of the help text. A new one is its file and a line here.
inline constexpr AddCommand kCommands[] = {&add_inspect,  &add_check, &add_edit, &add_simplify,
                                           &add_diff_run, &add_run,   &add_test, &add_convert};

}  // namespace app
