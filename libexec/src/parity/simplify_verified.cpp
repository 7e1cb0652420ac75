#include <algorithm>

#include "exec/verified.h"
#include "surgery/check.h"
#include "surgery/io.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Model;

/// Rewrites that may be left out before the attempt is given up: each costs a bisection.
constexpr int kMaxUndone = 5;

struct Attempt {
  std::unique_ptr<Model> model;
  surgery::SimplifyReport report;
};

Attempt attempt(const std::filesystem::path& path, const surgery::SimplifyOptions& options) {
  Attempt result;
  result.model = surgery::load(path);
  surgery::require_valid(*result.model);
  const std::unique_ptr<surgery::Evaluator> evaluator = make_evaluator(*result.model);
  result.report = surgery::simplify(*result.model, evaluator.get(), options);
  return result;
}

/// Whether folded constants made the file larger than it was, in spite of the nodes that went.
bool grew_by_folding(const Attempt& tried) {
  const auto& counts = tried.report.counts;
  const bool folded = std::any_of(counts.begin(), counts.end(),
                                  [](const auto& entry) { return entry.first == "FoldConstants" && entry.second > 0; });
  return folded && surgery::encoded_size_bytes(*tried.model) > tried.model->file_size_bytes();
}

/// Which of the `steps` changes breaks parity: the smallest count of steps whose result differs from the original.
UndoneRewrite bisect(const std::filesystem::path& path, const Model& original, const surgery::SimplifyOptions& options,
                     int64_t steps, const VerifyOptions& verify_options) {
  int64_t good = 0;
  int64_t bad = steps;
  UndoneRewrite culprit;
  while (good < bad) {
    const int64_t middle = good + (bad - good) / 2;
    surgery::SimplifyOptions limited = options;
    limited.max_steps = middle + 1;
    const Attempt tried = attempt(path, limited);
    const VerifyResult result = verify(original, *tried.model, surgery::Meaning::kKept, verify_options);
    if (result.ran && result.equal) {
      good = middle + 1;
      continue;
    }
    bad = middle;
    const auto& journal = tried.model->journal().steps();
    if (!journal.empty()) culprit = {journal.back().action, journal.back().place, result.message};
  }
  return culprit;
}

}  // namespace

SimplifyOutcome simplify_verified(const std::filesystem::path& path, const surgery::SimplifyOptions& options,
                                  const std::optional<VerifyOptions>& verify_options) {
  SimplifyOutcome outcome;
  surgery::SimplifyOptions current = options;
  const std::unique_ptr<Model> original = verify_options ? surgery::load(path) : nullptr;
  while (true) {
    Attempt tried = attempt(path, current);
    if (current.max_folded_bytes > 0 && grew_by_folding(tried)) {
      current.max_folded_bytes = 0;  // never larger than the input
      tried = attempt(path, current);
    }
    surgery::require_valid(*tried.model);
    outcome.model = std::move(tried.model);
    outcome.report = std::move(tried.report);
    if (!verify_options) return outcome;
    outcome.proof = verify(*original, *outcome.model, surgery::Meaning::kKept, *verify_options);
    if (outcome.proof->ran && outcome.proof->equal) return outcome;
    if (!outcome.proof->ran) {
      const bool inputs_may_fit = outcome.proof->obstacle == ErrorCode::kRead;
      throw Error(outcome.proof->obstacle,
                  "not written: the result cannot be proven equal: " + outcome.proof->message + "; " +
                      (inputs_may_fit ? "--input and --dim give values and sizes that fit, " : "") +
                      "--verify off writes without a proof");
    }
    UndoneRewrite culprit = bisect(path, *original, current, outcome.report.steps, *verify_options);
    if (culprit.rewrite.empty() || outcome.undone.size() == kMaxUndone) {
      throw Error(ErrorCode::kAnswerIsNo, "not written: the result differs: " + outcome.proof->message);
    }
    current.skip.push_back(culprit.rewrite);
    outcome.undone.push_back(std::move(culprit));
  }
}

}  // namespace exec
