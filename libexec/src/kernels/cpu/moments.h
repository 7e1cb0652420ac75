#pragma once

#include <cstdint>

namespace exec::cpu {

/// Mean and population variance, the variance from the differences to the mean, both summed in double.
struct Moments {
  double mean = 0;
  double variance = 0;
};

template <typename T>
Moments moments(const T* values, int64_t count) {
  const auto size = static_cast<double>(count);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]);
  const double mean = sum / size;
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double difference = static_cast<double>(values[i]) - mean;
    squares += difference * difference;
  }
  return {mean, squares / size};
}

}  // namespace exec::cpu
