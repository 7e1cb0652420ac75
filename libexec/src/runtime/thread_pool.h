#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace exec {

/// The process's worker threads. A caller takes pieces of its own work itself and waits only for pieces that others
/// have begun, so a worker that the machine is slow to schedule holds nobody up. Thread-safe. Invariants, under mutex_:
/// a job is in jobs_ as long as it has pieces that nobody has taken and may use more workers; a worker that has taken a
/// piece finishes it.
class ThreadPool {
 public:
  /// The one pool; threads are started when they are first needed.
  static ThreadPool& instance();

  ThreadPool() = default;
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Calls piece(0), ..., piece(count - 1) on up to `threads` threads, the calling one included. Passes on the
  /// exception of the lowest piece that threw. Called from within a piece, runs on the calling thread alone.
  void run(int64_t count, int threads, const std::function<void(int64_t)>& piece);

 private:
  struct Job {
    const std::function<void(int64_t)>* piece;
    int64_t count;
    int workers_wanted;  // under mutex_
    std::atomic<int64_t> next{0};
    std::atomic<int64_t> finished{0};
    std::mutex failure_mutex;
    int64_t failed_piece = INT64_MAX;
    std::exception_ptr failure;
    std::mutex done_mutex;
    std::condition_variable done;
  };

  void start_workers(int count);
  void work();
  std::shared_ptr<Job> take_job();
  static void take_pieces(Job& job);
  static void wait_for(Job& job);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::atomic<int> num_jobs_{0};  // size of jobs_, to be looked at without the mutex
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

}  // namespace exec
