#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

namespace exec::cpu {

/// The discrete Fourier transform of one length, in double, without scaling: by halving where the length is a power of
/// two, otherwise as a convolution of such a length (Bluestein). Thread-safe once made.
class FourierTransform {
 public:
  using Complex = std::complex<double>;

  /// `inverse`: exponents of the other sign. Requires 0 < length < 2^30.
  FourierTransform(int64_t length, bool inverse);

  int64_t length() const { return length_; }
  /// Bytes that an instance and one run take for a length.
  static int64_t needed_bytes(int64_t length);
  /// Transforms length() values in place.
  void run(std::span<Complex> values) const;

 private:
  void convolve(std::span<Complex> values) const;

  int64_t length_;
  std::vector<Complex> roots_;   // of the power of two: exp(-+2 pi i k / size), k < size / 2
  std::vector<Complex> chirp_;   // exp(-+pi i k^2 / length), where the length is no power of two
  std::vector<Complex> filter_;  // transform of the chirp's conjugate, wrapped around
};

}  // namespace exec::cpu
