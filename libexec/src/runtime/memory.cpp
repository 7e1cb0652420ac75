#include "runtime/memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "surgery/text.h"

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

std::string over_limit(int64_t bytes, int64_t left) {
  return surgery::format_bytes(static_cast<uint64_t>(bytes)) + ", over the " +
         surgery::format_bytes(static_cast<uint64_t>(std::max<int64_t>(left, 0))) +
         " that are left of the memory limit";
}

/// The deleter of what is counted: holds it, and takes it off the count when the last copy goes.
class MemoryMeter::Release {
 public:
  Release(std::shared_ptr<const void> held, std::shared_ptr<std::atomic<int64_t>> live, int64_t bytes)
      : held_(std::move(held)), live_(std::move(live)), bytes_(bytes) {}
  void operator()(const void* /*counted*/) {
    held_.reset();
    *live_ -= bytes_;
  }
  void set_bytes(int64_t bytes) {
    *live_ += bytes - bytes_;
    bytes_ = bytes;
  }

 private:
  std::shared_ptr<const void> held_;
  std::shared_ptr<std::atomic<int64_t>> live_;
  int64_t bytes_;
};

/// What others hold too is counted there, or no work of the run.
template <typename T>
std::shared_ptr<const T> MemoryMeter::count_shared(const std::shared_ptr<const T>& shared, int64_t bytes) const {
  if (shared == nullptr || shared.use_count() != 1 || std::get_deleter<Release>(shared) != nullptr) return shared;
  *live_ += bytes;
  return std::shared_ptr<const T>(shared.get(), Release(shared, live_, bytes));
}

surgery::Tensor MemoryMeter::count(surgery::Tensor tensor) const {
  const std::shared_ptr<const surgery::TensorStorage>& storage = tensor.storage();
  if (storage == nullptr || storage.use_count() != 1) return tensor;
  auto counted = count_shared(storage, tensor.size_bytes());
  return {tensor.type(), tensor.dims(), std::move(counted)};
}

Datum MemoryMeter::count(Datum datum) const {
  if (datum.is_tensor()) {
    datum.tensor() = count(std::move(datum.tensor()));
  } else if (datum.is_sequence()) {
    auto& shared = std::get<std::shared_ptr<const Sequence>>(datum.content_);
    const auto bytes = static_cast<int64_t>(shared->elements.size() * sizeof(Datum));
    if (auto* counted = std::get_deleter<Release>(shared)) {
      counted->set_bytes(bytes);  // it was changed in place; what came in is a value that was counted before
    } else if (shared.use_count() == 1) {
      for (Datum& element : datum.mutable_sequence().elements) element = count(std::move(element));
      shared = count_shared(std::exchange(shared, nullptr), bytes);
    }
  } else if (datum.is_map()) {
    auto& shared = std::get<std::shared_ptr<const Map>>(datum.content_);
    const int64_t bytes = shared->keys.size_bytes() + shared->values.size_bytes();
    shared = count_shared(std::exchange(shared, nullptr), bytes);
  }
  return datum;
}

}  // namespace exec
