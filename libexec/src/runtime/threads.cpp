#include "runtime/threads.h"

#include <omp.h>

#include <atomic>
#include <exception>
#include <mutex>

#include "exec/session.h"

namespace exec {
namespace {

// oneDNN's threads are OpenMP's. Sharing the pool with it keeps the two from competing for the cores.
std::atomic<int> process_threads{0};

int effective(int threads) {
  if (threads <= 0) threads = process_threads.load();
  return threads > 0 ? threads : omp_get_num_procs();
}

}  // namespace

void set_num_threads(int threads) {
  process_threads = std::max(threads, 0);
  omp_set_num_threads(effective(0));
}

int num_threads() { return effective(0); }

ThreadScope::ThreadScope(int threads) : outer_(omp_get_max_threads()) { omp_set_num_threads(effective(threads)); }

ThreadScope::~ThreadScope() { omp_set_num_threads(outer_); }

void run_pieces(int64_t count, const std::function<void(int64_t)>& piece) {
  std::mutex mutex;
  std::exception_ptr failure;
  int64_t failed_piece = INT64_MAX;
#pragma omp parallel for schedule(dynamic)
  for (int64_t i = 0; i < count; ++i) {
    try {
      piece(i);
    } catch (...) {  // must not leave the parallel region
      const std::lock_guard lock(mutex);
      if (i < failed_piece) {
        failed_piece = i;
        failure = std::current_exception();
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace exec
