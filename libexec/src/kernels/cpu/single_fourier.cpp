#include "kernels/cpu/single_fourier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace exec::cpu {
namespace {

using Complex = SingleFourierTransform::Complex;

constexpr size_t kMaxRadix = 5;
using Points = std::array<Complex, kMaxRadix>;

/// exp(2 pi i * numerator / denominator), rounded once.
Complex root(int64_t numerator, int64_t denominator) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(numerator) / static_cast<double>(denominator);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

/// Written out, since the operator of std::complex checks for NaN.
Complex product(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

Complex times_i(Complex a) { return {-a.imag(), a.real()}; }

Points transform_4(const Points& x) {
  const Complex even = x[0] + x[2];
  const Complex even_difference = x[0] - x[2];
  const Complex odd = x[1] + x[3];
  const Complex odd_difference = times_i(x[1] - x[3]);
  return {even + odd, even_difference + odd_difference, even - odd, even_difference - odd_difference, {}};
}

Points transform_3(const Points& x) {
  static const Complex kTurn = root(1, 3);
  const Complex sum = x[1] + x[2];
  const Complex across = times_i((x[1] - x[2]) * kTurn.imag());
  const Complex along = x[0] + sum * kTurn.real();
  return {x[0] + sum, along + across, along - across, {}, {}};
}

Points transform_5(const Points& x) {
  static const Complex kFirst = root(1, 5);
  static const Complex kSecond = root(2, 5);
  const Complex outer = x[1] + x[4];
  const Complex outer_difference = x[1] - x[4];
  const Complex inner = x[2] + x[3];
  const Complex inner_difference = x[2] - x[3];
  const Complex along_1 = x[0] + outer * kFirst.real() + inner * kSecond.real();
  const Complex along_2 = x[0] + outer * kSecond.real() + inner * kFirst.real();
  const Complex across_1 = times_i(outer_difference * kFirst.imag() + inner_difference * kSecond.imag());
  const Complex across_2 = times_i(outer_difference * kSecond.imag() - inner_difference * kFirst.imag());
  return {x[0] + outer + inner, along_1 + across_1, along_2 + across_2, along_2 - across_2, along_1 - across_1};
}

Points transform(size_t radix, const Points& x) {
  if (radix == 2) return {x[0] + x[1], x[0] - x[1], {}, {}, {}};
  if (radix == 3) return transform_3(x);
  return radix == 4 ? transform_4(x) : transform_5(x);
}

/// 2 in front of the fours, then 3 and 5; something else at the end where there is another factor.
std::vector<int64_t> factors_of(int64_t length) {
  std::vector<int64_t> factors;
  for (const int64_t factor : {4, 2, 3, 5}) {
    for (; length % factor == 0; length /= factor) factors.push_back(factor);
    if (factor == 2 && !factors.empty()) std::swap(factors.front(), factors.back());
  }
  if (length > 1) factors.push_back(length);
  return factors;
}

}  // namespace

bool SingleFourierTransform::takes(int64_t length) {
  const std::vector<int64_t> factors = factors_of(length);
  return factors.empty() || factors.back() <= static_cast<int64_t>(kMaxRadix);
}

SingleFourierTransform::SingleFourierTransform(int64_t length) {
  int64_t done = 1;
  for (const int64_t radix : factors_of(length)) {
    const int64_t positions = length / (done * radix);
    Pass pass{static_cast<size_t>(radix), {}};
    for (int64_t m = 1; m < radix; ++m) {
      for (int64_t i = 0; i < positions; ++i) pass.turns.push_back(root(m * done * i, length));
    }
    passes_.push_back(std::move(pass));
    done *= radix;
  }
}

void SingleFourierTransform::run(std::span<Complex> values) const {
  const size_t length = values.size();
  std::vector<Complex> work(length);
  std::span<Complex> from = values;
  std::span<Complex> to = work;
  size_t done = 1;
  for (const Pass& pass : passes_) {
    const size_t positions = length / (done * pass.radix);
    for (size_t k = 0; k < done; ++k) {
      for (size_t i = 0; i < positions; ++i) {
        Points points;
        for (size_t j = 0; j < pass.radix; ++j) points[j] = from[i + positions * (j + pass.radix * k)];
        points = transform(pass.radix, points);
        for (size_t m = 0; m < pass.radix; ++m) {
          const bool turns = m > 0 && i > 0;
          to[i + positions * (k + done * m)] =
              turns ? product(points[m], pass.turns[(m - 1) * positions + i]) : points[m];
        }
      }
    }
    std::swap(from, to);
    done *= pass.radix;
  }
  if (from.data() != values.data()) std::copy(from.begin(), from.end(), values.begin());
}

}  // namespace exec::cpu
