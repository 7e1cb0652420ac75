#include "io/unfinished_files.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "surgery/io.h"

namespace surgery {
namespace {

enum SlotState : int { kFree, kFilling, kInUse };

struct Slot {
  std::atomic<int> state{kFree};
  std::array<char, 4096> path{};
};

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

std::array<Slot, 8>& slots() {
  static std::array<Slot, 8> table;
  return table;
}

void say(std::string_view text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void handle_mapping_fault(int /*signal*/) {
  remove_unfinished_files();
  say("error: an input file became shorter while it was being read\n");
  ::_exit(3);
}

void handle_termination(int signal) {
  remove_unfinished_files();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

int register_unfinished_file(const std::string& path) {
  if (path.size() >= Slot{}.path.size()) return -1;
  for (size_t i = 0; i < slots().size(); ++i) {
    Slot& slot = slots()[i];
    int expected = kFree;
    if (!slot.state.compare_exchange_strong(expected, kFilling)) continue;
    std::memcpy(slot.path.data(), path.c_str(), path.size() + 1);
    slot.state.store(kInUse);
    return static_cast<int>(i);
  }
  return -1;
}

void forget_unfinished_file(int slot) {
  if (slot >= 0) slots()[static_cast<size_t>(slot)].state.store(kFree);
}

void remove_unfinished_files() {
  for (Slot& slot : slots()) {
    if (slot.state.load() == kInUse) ::unlink(slot.path.data());
  }
}

void install_mapping_fault_handler() {
  slots();  // made now: a handler must not be the first to ask for it
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = &handle_mapping_fault;
  ::sigaction(SIGBUS, &action, nullptr);
  action.sa_handler = &handle_termination;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction present {};
    // A process that was started to outlive its terminal keeps ignoring these.
    if (::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
  }
  // A file over the size limit of the process is an error of write(), not the end of the process.
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &action, nullptr);
}

}  // namespace surgery
