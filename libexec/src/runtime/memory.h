#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "exec/datum.h"

namespace exec {

/// Bytes that a run may take: what the machine, its control group and the process's address-space limit leave free.
int64_t free_memory_bytes();

/// "9 GiB, over the 1 GiB that are left of the memory limit".
std::string over_limit(int64_t bytes, int64_t left);

/// Counts the bytes of the values that a run has made and that somebody still holds.
class MemoryMeter {
 public:
  explicit MemoryMeter(int64_t max_bytes) : max_bytes_(max_bytes), live_(std::make_shared<std::atomic<int64_t>>(0)) {}

  int64_t live_bytes() const { return *live_; }
  int64_t bytes_left() const { return max_bytes_ - live_bytes(); }
  /// The same tensor, counted until its last copy goes. A tensor that shares its elements is returned as it is.
  surgery::Tensor count(surgery::Tensor tensor) const;
  /// The same for what a sequence or a map holds.
  Datum count(Datum datum) const;

 private:
  class Release;

  template <typename T>
  std::shared_ptr<const T> count_shared(const std::shared_ptr<const T>& shared, int64_t bytes) const;

  int64_t max_bytes_;
  std::shared_ptr<std::atomic<int64_t>> live_;
};

}  // namespace exec
