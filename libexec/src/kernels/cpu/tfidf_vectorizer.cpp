// TfIdfVectorizer-9: counts of the n-grams of a pool, weighted.

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

constexpr int32_t kNone = -1;

/// The n-grams of the pool as a trie over numbered tokens.
class Ngrams {
 public:
  Ngrams() { add_node(); }

  /// The node behind `node` by `token`, made where it is missing.
  int32_t grow(int32_t node, int32_t token) {
    const auto [edge, is_new] = edges_.try_emplace(key(node, token), static_cast<int32_t>(ngram_of_.size()));
    if (is_new) add_node();
    return edge->second;
  }
  int32_t follow(int32_t node, int32_t token) const {
    const auto edge = edges_.find(key(node, token));
    return edge == edges_.end() ? kNone : edge->second;
  }
  void set_ngram(int32_t node, int32_t ngram) { ngram_of_[static_cast<size_t>(node)] = ngram; }
  int32_t ngram(int32_t node) const { return ngram_of_[static_cast<size_t>(node)]; }

 private:
  static uint64_t key(int32_t node, int32_t token) {
    return static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32U | static_cast<uint32_t>(token);
  }
  void add_node() { ngram_of_.push_back(kNone); }

  std::unordered_map<uint64_t, int32_t> edges_;
  std::vector<int32_t> ngram_of_;  // by node; the root is 0
};

/// The attributes, checked.
struct Plan {
  int64_t min_length = 0;
  int64_t max_length = 0;
  int64_t max_skips = 0;
  std::string mode;
  Dims starts;   ///< where in the pool the n-grams of each length begin
  Dims columns;  ///< of the output, by n-gram
  int64_t num_columns = 0;
  std::unordered_map<int64_t, float> weights;  ///< by column: the attribute has them by n-gram
};

Plan read_plan(const KernelContext& context, int64_t pool_size) {
  Plan plan;
  plan.min_length = context.attr_int("min_gram_length", 1);
  plan.max_length = context.attr_int("max_gram_length", 1);
  plan.max_skips = context.attr_int("max_skip_count", 0);
  plan.mode = context.attr_string("mode", "TF");
  plan.starts = context.attr_ints("ngram_counts");
  plan.columns = context.attr_ints("ngram_indexes");
  if (plan.min_length < 1 || plan.max_length < plan.min_length || plan.max_skips < 0) {
    context.fail("n-grams of " + std::to_string(plan.min_length) + " to " + std::to_string(plan.max_length) +
                 " tokens with up to " + std::to_string(plan.max_skips) + " skipped");
  }
  if (plan.mode != "TF" && plan.mode != "IDF" && plan.mode != "TFIDF") {
    context.fail("attribute 'mode' is '" + plan.mode + "', expected TF, IDF or TFIDF");
  }
  if (!std::is_sorted(plan.starts.begin(), plan.starts.end()) || plan.starts.empty() || plan.starts.front() < 0 ||
      plan.starts.back() > pool_size) {
    context.fail("ngram_counts " + dims_text(plan.starts) + " do not divide a pool of " + std::to_string(pool_size));
  }
  for (const int64_t column : plan.columns) {
    if (column < 0 || column == INT64_MAX) context.fail("ngram_indexes has " + std::to_string(column));
    plan.num_columns = std::max(plan.num_columns, column + 1);
  }
  const std::vector<float> weights = context.attr_floats("weights");
  if (weights.empty()) return plan;
  if (weights.size() != plan.columns.size()) {
    context.fail(std::to_string(weights.size()) + " weights for " + std::to_string(plan.columns.size()) + " n-grams");
  }
  for (size_t i = 0; i < weights.size(); ++i) plan.weights[plan.columns[i]] = weights[i];
  return plan;
}

/// `tokens` is the pool, numbered.
Ngrams build(const KernelContext& context, const Plan& plan, std::span<const int32_t> tokens) {
  Ngrams ngrams;
  int32_t ngram = 0;
  for (size_t i = 0; i < plan.starts.size(); ++i) {
    const auto length = static_cast<int64_t>(i + 1);
    const int64_t end = i + 1 < plan.starts.size() ? plan.starts[i + 1] : static_cast<int64_t>(tokens.size());
    const bool is_wanted = plan.min_length <= length && length <= plan.max_length;
    for (int64_t at = plan.starts[i]; at + length <= end; at += length, ++ngram) {
      if (static_cast<size_t>(ngram) >= plan.columns.size()) {
        context.fail("the pool holds more n-grams than the " + std::to_string(plan.columns.size()) +
                     " of ngram_indexes");
      }
      if (!is_wanted) continue;
      int32_t node = 0;
      for (int64_t k = 0; k < length; ++k) node = ngrams.grow(node, tokens[static_cast<size_t>(at + k)]);
      ngrams.set_ngram(node, ngram);
    }
  }
  return ngrams;
}

/// Adds the n-grams of one row of numbered tokens (kNone: not in the pool) to its counts.
void count_row(const Plan& plan, const Ngrams& ngrams, std::span<const int32_t> row, float* counts) {
  const auto size = static_cast<int64_t>(row.size());
  int64_t min_length = plan.min_length;
  for (int64_t step = 1; step <= plan.max_skips + 1; ++step) {
    for (int64_t start = 0; start < size; ++start) {
      // Divided, since step * length may overflow.
      if (min_length > 1 && (size - 1 - start) / (min_length - 1) < step) break;
      int32_t node = 0;
      int64_t at = start;
      for (int64_t length = 1; length <= plan.max_length; ++length) {
        const int32_t token = row[static_cast<size_t>(at)];
        node = token == kNone ? kNone : ngrams.follow(node, token);
        if (node == kNone) break;
        const int32_t ngram = ngrams.ngram(node);
        if (length >= min_length && ngram != kNone) counts[plan.columns[static_cast<size_t>(ngram)]] += 1;
        if (step > size - 1 - at) break;
        at += step;
      }
    }
    // Single tokens skip nothing, so they count once.
    if (min_length == 1 && ++min_length > plan.max_length) break;
    if (step >= size) break;  // no two tokens are that far apart
  }
}

void weigh(const Plan& plan, std::span<float> row) {
  if (plan.mode == "TF") return;
  if (plan.mode == "IDF")
    std::transform(row.begin(), row.end(), row.begin(), [](float x) { return x > 0 ? 1.F : 0.F; });
  for (const auto& [column, weight] : plan.weights) row[static_cast<size_t>(column)] *= weight;
}

/// The numbers of tokens: those of the pool in its order.
template <typename Key>
class Dictionary {
 public:
  template <typename T>
  std::vector<int32_t> add(const std::vector<T>& pool) {
    std::vector<int32_t> numbers;
    numbers.reserve(pool.size());
    for (const T& token : pool) {
      numbers.push_back(numbers_.try_emplace(Key(token), static_cast<int32_t>(numbers_.size())).first->second);
    }
    return numbers;
  }
  int32_t find(const Key& token) const {
    const auto found = numbers_.find(token);
    return found == numbers_.end() ? kNone : found->second;
  }

 private:
  std::unordered_map<Key, int32_t> numbers_;
};

void vectorize(KernelContext& context, const Plan& plan, const Ngrams& ngrams, std::span<const int32_t> tokens) {
  const Dims& dims = context.input(0).dims();
  const int64_t rows = dims.size() == 2 ? dims[0] : 1;
  const int64_t length = dims.empty() ? 1 : dims.back();
  Dims result{plan.num_columns};
  if (dims.size() == 2) result.insert(result.begin(), rows);
  float* counts = context.output(0, DataType::kFloat, std::move(result)).mutable_values<float>().data();
  parallel_for(rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      float* target = counts + row * plan.num_columns;
      count_row(plan, ngrams, tokens.subspan(static_cast<size_t>(row * length), static_cast<size_t>(length)), target);
      weigh(plan, {target, static_cast<size_t>(plan.num_columns)});
    }
  });
}

void tfidf_vectorizer(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() > 2) context.fail("input 0 has shape " + dims_text(input.dims()) + ", expected [C] or [N, C]");
  const std::vector<std::string> strings = context.attr_strings("pool_strings");
  const Dims integers = context.attr_ints("pool_int64s");
  const bool takes_strings = input.type() == DataType::kString;
  if (strings.empty() == integers.empty() || takes_strings == strings.empty()) {
    context.fail("needs one of pool_strings and pool_int64s, that of the type of its input");
  }
  const Plan plan = read_plan(context, static_cast<int64_t>(std::max(strings.size(), integers.size())));
  std::vector<int32_t> pool;
  std::vector<int32_t> tokens;
  if (takes_strings) {
    Dictionary<std::string_view> dictionary;
    pool = dictionary.add(strings);
    for (const std::string& token : input.strings()) tokens.push_back(dictionary.find(token));
  } else {
    Dictionary<int64_t> dictionary;
    pool = dictionary.add(integers);
    const std::optional<Dims> values = input.to_int64s(INT64_MAX);
    for (const int64_t token : *values) tokens.push_back(dictionary.find(token));
  }
  vectorize(context, plan, build(context, plan, pool), tokens);
}

constexpr Kernel kKernels[] = {
    {"TfIdfVectorizer", "", 9, kLatest, kStrings | type_mask({DataType::kInt32, DataType::kInt64}), 0,
     tfidf_vectorizer},
};

}  // namespace

std::span<const Kernel> tfidf_vectorizer_kernels() { return kKernels; }

}  // namespace exec::cpu
