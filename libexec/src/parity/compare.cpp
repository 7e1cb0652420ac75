#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "exec/parity.h"
#include "runtime/threads.h"

namespace exec {
namespace {

using surgery::DataType;

/// Elements that are compared as one piece of work; fixed, so that sums do not depend on the number of threads.
constexpr int64_t kPiece = int64_t{1} << 15;

struct Partial {
  double max_abs = 0;
  double max_rel = 0;
  double dot = 0;
  double squares_actual = 0;
  double squares_expected = 0;
  int64_t num_outside = 0;
  int64_t num_unlike = 0;  // NaN or infinity against something else
  int64_t worst_index = -1;
};

/// |actual - expected|, and never 0 for two integers that differ but round to the same double.
template <typename T>
double distance(T actual, T expected) {
  if constexpr (std::is_integral_v<T>) {
    if (actual == expected) return 0;
    return std::max(1.0, std::abs(static_cast<double>(actual) - static_cast<double>(expected)));
  } else {
    return std::abs(static_cast<double>(actual) - static_cast<double>(expected));
  }
}

/// One pair of which at least one is NaN or infinite.
void add_unusual(double actual, double expected, Partial& partial) {
  if ((std::isnan(actual) && std::isnan(expected)) || actual == expected) return;
  ++partial.num_outside;
  ++partial.num_unlike;
}

/// `load` turns a stored element into a number: the identity but for half-precision types.
template <typename T, typename Load>
Partial compare_piece(const T* actual, const T* expected, int64_t begin, int64_t end, const Tolerance& tolerance,
                      Load load) {
  Partial partial;
  for (int64_t i = begin; i < end; ++i) {
    const auto a = load(actual[i]);
    const auto e = load(expected[i]);
    const auto x = static_cast<double>(a);
    const auto y = static_cast<double>(e);
    if (!std::isfinite(x) || !std::isfinite(y)) {
      add_unusual(x, y, partial);
      continue;
    }
    const double apart = distance(a, e);
    const double size = std::abs(y);
    partial.num_outside += apart > tolerance.atol + tolerance.rtol * size ? 1 : 0;
    if (apart > partial.max_abs) {
      partial.max_abs = apart;
      partial.worst_index = i;
    }
    if (size > 0) partial.max_rel = std::max(partial.max_rel, apart / size);
    partial.dot += x * y;
    partial.squares_actual += x * x;
    partial.squares_expected += y * y;
  }
  return partial;
}

void add(const Partial& piece, Partial& total) {
  if (piece.max_abs > total.max_abs) total.worst_index = piece.worst_index;
  total.max_abs = std::max(total.max_abs, piece.max_abs);
  total.max_rel = std::max(total.max_rel, piece.max_rel);
  total.dot += piece.dot;
  total.squares_actual += piece.squares_actual;
  total.squares_expected += piece.squares_expected;
  total.num_outside += piece.num_outside;
  total.num_unlike += piece.num_unlike;
}

double cosine_of(const Partial& total) {
  if (total.squares_actual == 0 && total.squares_expected == 0) return 1;
  if (total.squares_actual == 0 || total.squares_expected == 0) return 0;
  const double cosine = total.dot / (std::sqrt(total.squares_actual) * std::sqrt(total.squares_expected));
  return std::clamp(cosine, -1.0, 1.0);  // rounding may carry it past the end
}

template <typename T, typename Load>
void compare_numbers(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance, Load load,
                     Difference& difference) {
  const Tensor aligned_actual = actual.aligned();
  const Tensor aligned_expected = expected.aligned();
  const auto* a = reinterpret_cast<const T*>(aligned_actual.bytes().data());
  const auto* e = reinterpret_cast<const T*>(aligned_expected.bytes().data());
  const auto count = static_cast<int64_t>(aligned_actual.bytes().size() / sizeof(T));  // two per complex element
  std::vector<Partial> pieces(static_cast<size_t>((count + kPiece - 1) / kPiece));
  parallel_for(count, kPiece, [&](int64_t begin, int64_t end) {
    pieces[static_cast<size_t>(begin / kPiece)] = compare_piece(a, e, begin, end, tolerance, load);
  });
  Partial total;
  for (const Partial& piece : pieces) add(piece, total);
  difference.max_abs = total.max_abs;
  difference.max_rel = total.max_rel;
  difference.cosine = cosine_of(total);
  difference.num_outside = total.num_outside;
  difference.worst_index = total.worst_index;
  difference.within = total.num_outside == 0;
  if (total.num_unlike > 0) {
    difference.reason = "NaN or infinity against another value at " + std::to_string(total.num_unlike) + " elements";
  }
}

/// Types without arithmetic here: equal or not.
void compare_exactly(const Tensor& actual, const Tensor& expected, Difference& difference) {
  if (identical(actual, expected)) return;
  difference.within = false;
  difference.num_outside = 1;
  if (actual.type() == DataType::kString) {
    const auto a = actual.strings();
    const auto e = expected.strings();
    difference.num_outside = 0;
    for (size_t i = 0; i < a.size(); ++i) difference.num_outside += a[i] != e[i] ? 1 : 0;
  }
  difference.reason = "elements differ";
}

std::string dims_text(const std::vector<int64_t>& dims) {
  return surgery::to_string(surgery::Shape(dims.begin(), dims.end()));
}

constexpr auto kAsIs = [](auto value) { return value; };

void compare_elements(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance,
                      Difference& difference) {
  switch (actual.type()) {
    case DataType::kFloat:
    case DataType::kComplex64:
      return compare_numbers<float>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kDouble:
    case DataType::kComplex128:
      return compare_numbers<double>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kFloat16:
      return compare_numbers<uint16_t>(actual, expected, tolerance, surgery::half_to_float, difference);
    case DataType::kBfloat16:
      return compare_numbers<uint16_t>(actual, expected, tolerance, surgery::bfloat16_to_float, difference);
    case DataType::kInt8:
      return compare_numbers<int8_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kInt16:
      return compare_numbers<int16_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kInt32:
      return compare_numbers<int32_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kInt64:
      return compare_numbers<int64_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kBool:
    case DataType::kUint8:
      return compare_numbers<uint8_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kUint16:
      return compare_numbers<uint16_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kUint32:
      return compare_numbers<uint32_t>(actual, expected, tolerance, kAsIs, difference);
    case DataType::kUint64:
      return compare_numbers<uint64_t>(actual, expected, tolerance, kAsIs, difference);
    default:
      return compare_exactly(actual, expected, difference);
  }
}

}  // namespace

Tolerance default_tolerance(DataType type) {
  if (type == DataType::kFloat16) return {.rtol = 1e-2, .atol = 1e-2};
  if (type == DataType::kBfloat16 || (surgery::is_float(type) && surgery::bit_width(type) <= 8)) {
    return {.rtol = 5e-2, .atol = 5e-2};
  }
  return {};
}

Difference compare(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance) {
  Difference difference;
  difference.num_elements = actual.num_elements();
  if (actual.type() != expected.type()) {
    difference.reason = "type " + std::string(surgery::to_string(actual.type())) + ", expected " +
                        std::string(surgery::to_string(expected.type()));
  } else if (actual.dims() != expected.dims()) {
    difference.reason = "shape " + dims_text(actual.dims()) + ", expected " + dims_text(expected.dims());
  }
  if (!difference.reason.empty()) {
    difference.within = false;
    difference.num_outside = difference.num_elements;
    return difference;
  }
  compare_elements(actual, expected, tolerance, difference);
  return difference;
}

}  // namespace exec
