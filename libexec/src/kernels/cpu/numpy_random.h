#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace exec::cpu {

/// The numbers of numpy's RandomState(seed), so that a run can be repeated elsewhere: MT19937 seeded with init_genrand,
/// uniform doubles of 53 bits, normal ones by Marsaglia's polar method with the second of each pair kept.
class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed) : generator_(seed) {}

  /// Uniform in [0, 1): RandomState.random_sample().
  double uniform() {
    const uint32_t high = generator_() >> 5U;
    const uint32_t low = generator_() >> 6U;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /// Standard normal: RandomState.standard_normal().
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double x = 0;
    double y = 0;
    double squares = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      squares = x * x + y * y;
    } while (squares >= 1 || squares == 0);
    const double factor = std::sqrt(-2 * std::log(squares) / squares);
    spare_ = factor * x;
    has_spare_ = true;
    return factor * y;
  }

 private:
  std::mt19937 generator_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace exec::cpu
