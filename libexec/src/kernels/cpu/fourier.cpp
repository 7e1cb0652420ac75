#include "kernels/cpu/fourier.h"

#include <bit>
#include <numbers>
#include <utility>

namespace exec::cpu {
namespace {

using Complex = FourierTransform::Complex;

/// exp(sign * 2 pi i * numerator / denominator).
Complex root(int64_t numerator, int64_t denominator, double sign) {
  const double angle = sign * 2 * std::numbers::pi * static_cast<double>(numerator) / static_cast<double>(denominator);
  return {std::cos(angle), std::sin(angle)};
}

std::vector<Complex> roots_of(int64_t size, double sign) {
  std::vector<Complex> roots;
  roots.reserve(static_cast<size_t>(size / 2));
  for (int64_t k = 0; k < size / 2; ++k) roots.push_back(root(k, size, sign));
  return roots;
}

/// In place; values.size() is a power of two.
void halve(std::span<Complex> values, std::span<const Complex> roots) {
  const size_t size = values.size();
  for (size_t i = 1, j = 0; i < size; ++i) {  // bit-reversed order
    size_t bit = size >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(values[i], values[j]);
  }
  for (size_t half = 1; half < size; half *= 2) {
    const size_t step = size / (2 * half);
    for (size_t first = 0; first < size; first += 2 * half) {
      for (size_t k = 0; k < half; ++k) {
        const Complex even = values[first + k];
        const Complex odd = values[first + k + half] * roots[k * step];
        values[first + k] = even + odd;
        values[first + k + half] = even - odd;
      }
    }
  }
}

bool is_power_of_two(int64_t length) { return std::has_single_bit(static_cast<uint64_t>(length)); }

int64_t padded_length(int64_t length) {
  return is_power_of_two(length) ? length : static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(2 * length - 1)));
}

}  // namespace

int64_t FourierTransform::needed_bytes(int64_t length) {
  return padded_length(length) * 4 * static_cast<int64_t>(sizeof(Complex));
}

FourierTransform::FourierTransform(int64_t length, bool inverse) : length_(length) {
  const double sign = inverse ? 1 : -1;
  const int64_t size = padded_length(length);
  if (is_power_of_two(length)) {
    roots_ = roots_of(size, sign);
    return;
  }
  roots_ = roots_of(size, -1);
  filter_.resize(static_cast<size_t>(size));
  for (int64_t k = 0; k < length; ++k) {
    // k^2 modulo 2 * length keeps the angle small, and so exact.
    const Complex turn = root(k * k % (2 * length), 2 * length, sign);
    chirp_.push_back(turn);
    filter_[static_cast<size_t>(k)] = std::conj(turn);
    if (k > 0) filter_[static_cast<size_t>(size - k)] = std::conj(turn);
  }
  halve(filter_, roots_);
}

void FourierTransform::convolve(std::span<Complex> values) const {
  std::vector<Complex> work(filter_.size());
  for (size_t k = 0; k < values.size(); ++k) work[k] = values[k] * chirp_[k];
  halve(work, roots_);
  // The way back is the way there on conjugates.
  for (size_t k = 0; k < work.size(); ++k) work[k] = std::conj(work[k] * filter_[k]);
  halve(work, roots_);
  const auto size = static_cast<double>(work.size());
  for (size_t k = 0; k < values.size(); ++k) values[k] = std::conj(work[k]) / size * chirp_[k];
}

void FourierTransform::run(std::span<Complex> values) const {
  if (chirp_.empty()) {
    halve(values, roots_);
  } else {
    convolve(values);
  }
}

}  // namespace exec::cpu
