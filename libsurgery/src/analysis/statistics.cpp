#include "surgery/statistics.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>

#include "analysis/block_statistics.h"
#include "analysis/element_blocks.h"

namespace surgery {
namespace {

using analysis::kBlock;
using analysis::kNumBins;

/// Elements that one thread looks at in one go. A fixed number, so that sums do not depend on the number of threads.
constexpr int64_t kPiece = 512 * kBlock;

/// What is known of some elements; that of more follows from two of them.
struct Moments {
  int64_t num_zeros = 0;
  int64_t num_nan = 0;
  int64_t num_inf = 0;
  int64_t num_finite = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double mean = 0;
  double squares = 0;  ///< sum of squared distances from the mean

  void add(const Moments& other) {
    num_zeros += other.num_zeros;
    num_nan += other.num_nan;
    num_inf += other.num_inf;
    if (other.num_finite == 0) return;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    // Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979.
    const auto n = static_cast<double>(num_finite);
    const auto m = static_cast<double>(other.num_finite);
    const double distance = other.mean - mean;
    mean += distance * (m / (n + m));
    squares += other.squares + distance * distance * (n * m / (n + m));
    num_finite += other.num_finite;
  }
};

/// Takes what is not finite out of the block, counts it, and gives the new number of elements.
template <typename Number>
int64_t remove_non_finite(Number* numbers, int64_t count, Moments& moments) {
  int64_t kept = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Number number = numbers[i];
    if (std::isfinite(number)) {
      numbers[kept++] = number;
    } else {
      ++(std::isnan(number) ? moments.num_nan : moments.num_inf);
    }
  }
  return kept;
}

Moments moments_of(const analysis::BlockSums& block, int64_t count) {
  const auto n = static_cast<double>(count);
  Moments moments;
  moments.num_zeros = block.num_zeros;
  moments.num_finite = count;
  moments.min = block.min;
  moments.max = block.max;
  moments.mean = block.shift + block.sum / n;
  moments.squares = std::max(0.0, block.squares - block.sum * (block.sum / n));
  return moments;
}

/// A part of a tensor: the work of one thread at a time.
struct Piece {
  size_t tensor = 0;
  int64_t first = 0;
  int64_t count = 0;
  Moments moments{};
  std::array<int64_t, kNumBins> histogram{};
};

template <typename Number>
void fill_moments(DataType type, std::span<const std::byte> bytes, Piece& piece) {
  std::array<Number, kBlock> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): read_block() fills it
  for (int64_t done = 0; done < piece.count; done += kBlock) {
    int64_t count = std::min(kBlock, piece.count - done);
    analysis::read_block(type, bytes, piece.first + done, count, block.data());
    if (!analysis::all_finite(block.data(), count)) count = remove_non_finite(block.data(), count, piece.moments);
    if (count > 0) piece.moments.add(moments_of(analysis::sum_block(block.data(), count), count));
  }
}

template <typename Number>
void fill_histogram(DataType type, std::span<const std::byte> bytes, const Moments& all, Piece& piece) {
  std::array<Number, kBlock> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): read_block() fills it
  // Halves of everything: the width of all doubles is not a double.
  analysis::Binning binning{.half_min = all.min / 2};
  const double scale = static_cast<double>(kNumBins) / (all.max / 2 - binning.half_min);
  if (std::isfinite(scale)) binning.scale = scale;
  const bool has_others = all.num_nan + all.num_inf > 0;
  Moments ignored;
  for (int64_t done = 0; done < piece.count; done += kBlock) {
    int64_t count = std::min(kBlock, piece.count - done);
    analysis::read_block(type, bytes, piece.first + done, count, block.data());
    if (has_others) count = remove_non_finite(block.data(), count, ignored);
    if (count > 0) analysis::count_bins(block.data(), count, binning, piece.histogram);
  }
}

/// Runs `work(0)` to `work(count - 1)`, each once, on several threads. The first exception is thrown again.
void for_each_in_parallel(size_t count, int threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      for (size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  if (threads <= 0) threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> helpers;
  for (size_t i = 1; i < std::min(count, static_cast<size_t>(threads)); ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

std::vector<std::optional<TensorStatistics>> statistics_of(std::span<const Tensor* const> tensors, int threads) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!analysis::has_numbers(tensors[i]->type())) continue;
    static_cast<void>(tensors[i]->bytes());  // throws where dims promise more than there is
    for (int64_t first = 0; first < tensors[i]->num_elements(); first += kPiece) {
      pieces.push_back({.tensor = i, .first = first, .count = std::min(kPiece, tensors[i]->num_elements() - first)});
    }
  }
  for_each_in_parallel(pieces.size(), threads, [&](size_t i) {
    const Tensor& tensor = *tensors[pieces[i].tensor];
    if (analysis::needs_double(tensor.type())) {
      fill_moments<double>(tensor.type(), tensor.bytes(), pieces[i]);
    } else {
      fill_moments<float>(tensor.type(), tensor.bytes(), pieces[i]);
    }
  });
  std::vector<Moments> moments(tensors.size());
  for (const Piece& piece : pieces) moments[piece.tensor].add(piece.moments);
  // The bins are known only now: the elements are read a second time, as far as they lie in a cache from there.
  for_each_in_parallel(pieces.size(), threads, [&](size_t i) {
    const Tensor& tensor = *tensors[pieces[i].tensor];
    const Moments& all = moments[pieces[i].tensor];
    if (analysis::needs_double(tensor.type())) {
      fill_histogram<double>(tensor.type(), tensor.bytes(), all, pieces[i]);
    } else {
      fill_histogram<float>(tensor.type(), tensor.bytes(), all, pieces[i]);
    }
  });

  std::vector<std::optional<TensorStatistics>> statistics(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!analysis::has_numbers(tensors[i]->type())) continue;
    const Moments& all = moments[i];
    TensorStatistics& one = statistics[i].emplace();
    one.num_elements = tensors[i]->num_elements();
    one.num_zeros = all.num_zeros;
    one.num_nan = all.num_nan;
    one.num_inf = all.num_inf;
    if (all.num_finite == 0) continue;
    one.min = all.min;
    one.max = all.max;
    one.mean = all.mean;
    one.stddev = std::sqrt(all.squares / static_cast<double>(all.num_finite));
  }
  for (const Piece& piece : pieces) {
    for (size_t bin = 0; bin < kNumBins; ++bin) statistics[piece.tensor]->histogram[bin] += piece.histogram[bin];
  }
  return statistics;
}

}  // namespace surgery
