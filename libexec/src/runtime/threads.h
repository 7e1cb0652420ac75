#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

namespace exec {

/// Calls body(begin, end) for the pieces [0, grain), [grain, 2 * grain), ... of [0, count), several at the same time.
/// The pieces do not depend on the number of threads, so neither do results that depend on the pieces. An exception of
/// the first piece that throws is passed on after all threads are done. Inside a parallel_for, runs on the calling
/// thread.
template <typename Body>
void parallel_for(int64_t count, int64_t grain, Body&& body);

/// While it lives, parallel_for() uses `threads` threads when called from this thread; 0: as many as around it.
class ThreadScope {
 public:
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int outer_;
};

/// Calls piece(0), ..., piece(count - 1), several at the same time.
void run_pieces(int64_t count, const std::function<void(int64_t)>& piece);

template <typename Body>
void parallel_for(int64_t count, int64_t grain, Body&& body) {
  if (count <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (count <= grain) {
    body(int64_t{0}, count);
    return;
  }
  run_pieces((count - 1) / grain + 1,
             [&](int64_t piece) { body(piece * grain, std::min(count, piece * grain + grain)); });
}

}  // namespace exec
