#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

namespace exec::cpu {

/// The inverse discrete Fourier transform of one length in float throughout, without scaling: radices 4, 2, 3 and 5,
/// with the operations of numpy's pocketfft in its order. Thread-safe once made.
class SingleFourierTransform {
 public:
  using Complex = std::complex<float>;

  /// Whether a length has no prime factors but 2, 3 and 5.
  static bool takes(int64_t length);
  /// Requires takes(length).
  explicit SingleFourierTransform(int64_t length);

  /// Transforms as many values as the length in place.
  void run(std::span<Complex> values) const;

 private:
  struct Pass {
    size_t radix;
    std::vector<Complex> turns;  // of output m at position i: turns[(m - 1) * num_positions + i]
  };

  std::vector<Pass> passes_;
};

}  // namespace exec::cpu
