#include "runtime/threads.h"

#include <sched.h>

#include <atomic>
#include <thread>

#include "exec/session.h"
#include "runtime/thread_pool.h"

namespace exec {
namespace {

std::atomic<int> process_threads{0};
thread_local int scope_threads = 0;

/// The processors that this process may run on.
int num_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

}  // namespace

void set_num_threads(int threads) { process_threads = std::max(threads, 0); }

int num_threads() {
  const int threads = process_threads;
  return threads > 0 ? threads : num_processors();
}

ThreadScope::ThreadScope(int threads) : outer_(scope_threads) {
  if (threads > 0) scope_threads = threads;
}

ThreadScope::~ThreadScope() { scope_threads = outer_; }

void run_pieces(int64_t count, const std::function<void(int64_t)>& piece) {
  ThreadPool::instance().run(count, scope_threads > 0 ? scope_threads : num_threads(), piece);
}

}  // namespace exec
