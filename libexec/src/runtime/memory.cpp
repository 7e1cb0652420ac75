#include "runtime/memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

namespace exec {
namespace {

constexpr int64_t kUnknown = INT64_MAX;

/// The number behind "MemAvailable:" in /proc/meminfo, which is in KiB, and its like.
int64_t read_kib(const char* file, std::string_view key) {
  std::ifstream stream(file);
  std::string word;
  while (stream >> word) {
    int64_t kib = 0;
    if (word == key && stream >> kib && kib < (INT64_MAX >> 10)) return kib * 1024;
  }
  return kUnknown;
}

int64_t read_number(const char* file) {
  std::ifstream stream(file);
  int64_t value = 0;
  return stream >> value && value >= 0 ? value : kUnknown;
}

int64_t control_group_bytes() {
  const int64_t limit = read_number("/sys/fs/cgroup/memory.max");
  const int64_t used = read_number("/sys/fs/cgroup/memory.current");
  return limit == kUnknown || used == kUnknown ? kUnknown : std::max<int64_t>(limit - used, 0);
}

int64_t address_space_bytes() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > INT64_MAX)
    return kUnknown;
  const int64_t used = read_kib("/proc/self/status", "VmSize:");
  return used == kUnknown ? kUnknown : std::max<int64_t>(static_cast<int64_t>(limit.rlim_cur) - used, 0);
}

}  // namespace

int64_t free_memory_bytes() {
  return std::min({read_kib("/proc/meminfo", "MemAvailable:"), control_group_bytes(), address_space_bytes()});
}

surgery::Tensor MemoryMeter::count(surgery::Tensor tensor) const {
  const std::shared_ptr<const surgery::TensorStorage>& storage = tensor.storage();
  if (storage == nullptr || storage.use_count() != 1) return tensor;
  const int64_t bytes = tensor.size_bytes();
  *live_ += bytes;
  // The wrapper's deleter holds the elements; it runs when the last copy goes.
  const surgery::TensorStorage* raw = storage.get();
  auto release = [held = storage, live = live_, bytes](const surgery::TensorStorage*) mutable {
    held.reset();
    *live -= bytes;
  };
  return {tensor.type(), tensor.dims(), std::shared_ptr<const surgery::TensorStorage>(raw, std::move(release))};
}

}  // namespace exec
