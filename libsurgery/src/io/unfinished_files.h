#pragma once

#include <string>

namespace surgery {

/// Files under construction, kept where a signal handler may look: a fixed table of paths. Thread-safe.
/// Returns a number to forget it by, or -1 where the table is full or the path too long (the file is then left behind
/// by a fault, nothing worse).
int register_unfinished_file(const std::string& path);
void forget_unfinished_file(int slot);  ///< -1 is nobody's

/// Unlinks every registered file. Async-signal-safe.
void remove_unfinished_files();

}  // namespace surgery
