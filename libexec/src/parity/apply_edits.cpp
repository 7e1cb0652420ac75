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
                              std::vector<EditReport>* reports = nullptr) {
  std::unique_ptr<Model> model = surgery::load(path);  // valid or not: an edit may be what mends it
  const std::unique_ptr<surgery::Evaluator> evaluator = make_evaluator(*model);
  const surgery::EditContext context{.evaluator = evaluator.get()};
  for (const EditStep& step : steps.first(count)) {
    try {
      model->journal().begin_step(step.edit->option, step.argument);
      EditReport report = step.edit->apply(*model, step.argument, context);
      if (reports != nullptr) reports->push_back(std::move(report));
    } catch (const Error& error) {
      throw error.within(step.edit->option);
    }
  }
  surgery::refresh_declared_types(*model);
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

Proof prove(const Model& before, const Model& after, size_t first, size_t last, std::span<const EditStep> steps,
            std::span<const EditReport> reports, const VerifyOptions& options) {
  const size_t count = last - first + 1;
  Proof proof{first, last, verify(before, after, weakest(reports.subspan(first, count)), options)};
  const std::string names = names_of(steps.subspan(first, count));
  if (proof.result.ran && !proof.result.equal) {
    throw Error(ErrorCode::kAnswerIsNo, "not written: " + names + " changed the results: " + proof.result.message);
  }
  if (!proof.result.ran && proof.result.obstacle == ErrorCode::kUnsupported) {
    throw Error(ErrorCode::kUnsupported, "not written: " + names + " cannot be proven: " + proof.result.message +
                                             "; --verify off writes without a proof");
  }
  return proof;
}

}  // namespace

EditOutcome apply_edits(const std::filesystem::path& path, std::span<const EditStep> steps,
                        const std::optional<VerifyOptions>& verify) {
  EditOutcome outcome;
  outcome.model = replay(path, steps, steps.size(), &outcome.reports);
  try {
    surgery::require_valid(*outcome.model, {.payloads = verify.has_value()});  // without a proof no weight is needed
  } catch (const Error& error) {
    throw error.within("not written: the edited model is not valid");
  }
  if (!verify) return outcome;
  for (size_t first = 0; first < steps.size(); ++first) {
    if (outcome.reports[first].meaning == Meaning::kChanged) continue;
    size_t last = first;
    while (last + 1 < steps.size() && outcome.reports[last + 1].meaning != Meaning::kChanged) ++last;
    const std::unique_ptr<Model> before = replay(path, steps, first);
    const bool is_end = last + 1 == steps.size();
    const std::unique_ptr<Model> middle = is_end ? nullptr : replay(path, steps, last + 1);
    const Model& after = is_end ? *outcome.model : *middle;
    outcome.proofs.push_back(prove(*before, after, first, last, steps, outcome.reports, *verify));
    first = last;
  }
  return outcome;
}

}  // namespace exec
