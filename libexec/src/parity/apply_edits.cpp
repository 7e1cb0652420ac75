#include "exec/verified.h"
#include "surgery/check.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::EditReport;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Meaning;
using surgery::Model;

/// The model of `path` after the first `count` edits. Edits are deterministic, so a model between two edits is made
/// again by replay: reading a model costs its graph, and no copy of one is ever needed.
std::unique_ptr<Model> replay(const std::filesystem::path& path, std::span<const EditStep> steps, size_t count,
                              const EditOptions& options, std::vector<EditReport>* reports = nullptr) {
  std::unique_ptr<Model> model = surgery::load(path);  // valid or not: an edit may be what mends it
  const std::unique_ptr<surgery::Evaluator> evaluator = make_evaluator(*model);
  surgery::ModelFacts facts(*model);
  const surgery::EditContext context{
      .facts = &facts, .evaluator = evaluator.get(), .batch_axes = options.batch_axes, .force = options.force};
  for (const EditStep& step : steps.first(count)) {
    EditReport report = apply_edit(*model, *step.edit, step.argument, context);
    if (reports != nullptr) reports->push_back(std::move(report));
  }
  return model;
}

/// The weakest claim of a run of edits: what the whole of it can be held to.
Meaning weakest(std::span<const EditReport> reports) {
  Meaning meaning = Meaning::kKept;
  for (const EditReport& report : reports) meaning = std::max(meaning, report.meaning);
  return meaning;
}

std::string names_of(std::span<const EditStep> steps) {
  std::string names;
  for (const EditStep& step : steps) {
    names += (names.empty() ? "" : ", ") + std::string(step.edit->option);
    if (!step.argument.empty()) names += " " + surgery::escape(step.argument, 60);
  }
  return names;
}

Proof prove(const Model& before, const Model& after, size_t first, size_t last, std::span<const EditReport> all_reports,
            VerifyOptions options) {
  const std::span<const EditReport> reports = all_reports.subspan(first, last - first + 1);
  std::string sizes;
  for (const EditReport& report : reports) {
    for (const auto& [symbol, size] : report.old_sizes) {
      if (!options.inputs.dims.try_emplace(symbol, size).second) continue;
      sizes += (sizes.empty() ? "" : ", ") + surgery::escape(symbol) + " = " + std::to_string(size);
    }
  }
  Proof proof{first, last, verify(before, after, weakest(reports), options)};
  if (!sizes.empty() && proof.result.ran && proof.result.equal) {
    proof.result.message += "; with " + sizes + " alone, as it was before: other sizes have nothing to compare with";
  }
  return proof;
}

/// Throws for a proof that does not let the result be written.
void require_proof(const Proof& proof, std::span<const EditStep> steps) {
  const std::string names = names_of(steps.subspan(proof.first, proof.last - proof.first + 1));
  if (proof.result.ran && !proof.result.equal) {
    throw Error(ErrorCode::kAnswerIsNo, "not written: " + names + " changed the results: " + proof.result.message);
  }
  if (!proof.result.ran && proof.result.obstacle == ErrorCode::kUnsupported) {
    throw Error(ErrorCode::kUnsupported, "not written: " + names + " cannot be proven: " + proof.result.message +
                                             "; --verify off writes without a proof");
  }
}

/// Runs what may refuse the result; with `force` a refusal is a warning.
template <typename Check>
void unless_forced(const EditOptions& options, std::vector<std::string>& warnings, Check&& check) {
  try {
    check();
  } catch (const Error& error) {
    if (!options.force) throw;
    std::string message = error.what();
    constexpr std::string_view kNotWritten = "not written: ";
    if (message.starts_with(kNotWritten)) message.erase(0, kNotWritten.size());
    warnings.push_back(std::move(message));
  }
}

}  // namespace

EditOutcome apply_edits(const std::filesystem::path& path, std::span<const EditStep> steps,
                        const EditOptions& options) {
  EditOutcome outcome;
  const auto& verify = options.verify;
  outcome.model = replay(path, steps, steps.size(), options, &outcome.reports);
  unless_forced(options, outcome.warnings, [&] {
    try {
      surgery::require_valid(*outcome.model, {.payloads = verify.has_value()});  // without a proof no weight is needed
    } catch (const Error& error) {
      throw error.within("not written: the edited model is not valid");
    }
  });
  if (!verify) return outcome;
  for (size_t first = 0; first < steps.size(); ++first) {
    if (outcome.reports[first].meaning == Meaning::kChanged) continue;
    size_t last = first;
    while (last + 1 < steps.size() && outcome.reports[last + 1].meaning != Meaning::kChanged) ++last;
    const std::unique_ptr<Model> before = replay(path, steps, first, options);
    const bool is_end = last + 1 == steps.size();
    const std::unique_ptr<Model> middle = is_end ? nullptr : replay(path, steps, last + 1, options);
    const Model& after = is_end ? *outcome.model : *middle;
    outcome.proofs.push_back(prove(*before, after, first, last, outcome.reports, *verify));
    unless_forced(options, outcome.warnings, [&] { require_proof(outcome.proofs.back(), steps); });
    first = last;
  }
  return outcome;
}

}  // namespace exec
