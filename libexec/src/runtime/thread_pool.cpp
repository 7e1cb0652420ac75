#include "runtime/thread_pool.h"

#include <algorithm>
#include <chrono>

namespace exec {
namespace {

thread_local bool inside_piece = false;

/// How long a thread looks for work, or for the end of it, before it sleeps: about what falling asleep and waking
/// costs.
constexpr std::chrono::microseconds kSpin{30};

template <typename Condition>
bool spin_until(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; ++i) {
      if (condition()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  } while (std::chrono::steady_clock::now() < end);
  return condition();
}

}  // namespace

ThreadPool& ThreadPool::instance() {
  static ThreadPool pool;
  return pool;
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(int64_t count, int threads, const std::function<void(int64_t)>& piece) {
  const int workers = static_cast<int>(std::min<int64_t>(threads, count)) - 1;
  if (workers <= 0 || inside_piece) {
    for (int64_t i = 0; i < count; ++i) piece(i);
    return;
  }
  const auto job = std::make_shared<Job>();
  job->piece = &piece;
  job->count = count;
  job->workers_wanted = workers;
  {
    const std::lock_guard lock(mutex_);
    start_workers(workers);
    jobs_.push_back(job);
    ++num_jobs_;
  }
  wake_.notify_all();
  take_pieces(*job);
  {
    // Nothing is left to take. Workers that come late must not find the job: `piece` ends with this call.
    const std::lock_guard lock(mutex_);
    const auto entry = std::find(jobs_.begin(), jobs_.end(), job);
    if (entry != jobs_.end()) {
      jobs_.erase(entry);
      --num_jobs_;
    }
  }
  wait_for(*job);
  if (job->failure) std::rethrow_exception(job->failure);
}

void ThreadPool::start_workers(int count) {
  try {
    while (static_cast<int>(workers_.size()) < count) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // No more threads to be had: those that exist, and the caller, do the work.
  }
}

void ThreadPool::work() {
  while (true) {
    spin_until([this] { return num_jobs_.load(std::memory_order_relaxed) > 0; });
    const std::shared_ptr<Job> job = take_job();
    if (job == nullptr) return;
    take_pieces(*job);
  }
}

std::shared_ptr<ThreadPool::Job> ThreadPool::take_job() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  if (stopping_) return nullptr;
  std::shared_ptr<Job> job = jobs_.front();
  if (--job->workers_wanted == 0) {
    jobs_.pop_front();
    --num_jobs_;
  }
  return job;
}

void ThreadPool::take_pieces(Job& job) {
  inside_piece = true;
  int64_t finished = 0;
  for (int64_t i = job.next++; i < job.count; i = job.next++) {
    try {
      (*job.piece)(i);
    } catch (...) {
      const std::lock_guard lock(job.failure_mutex);
      if (i < job.failed_piece) {
        job.failed_piece = i;
        job.failure = std::current_exception();
      }
    }
    ++finished;
  }
  inside_piece = false;
  if (finished > 0 && job.finished.fetch_add(finished) + finished == job.count) {
    const std::lock_guard lock(job.done_mutex);
    job.done.notify_all();
  }
}

void ThreadPool::wait_for(Job& job) {
  const auto is_done = [&] { return job.finished.load() == job.count; };
  if (spin_until(is_done)) return;
  std::unique_lock lock(job.done_mutex);
  job.done.wait(lock, is_done);
}

}  // namespace exec
