#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exec/verify.h"
#include "surgery/edit.h"
#include "surgery/model.h"
#include "surgery/rewrite.h"

namespace exec {

/// One edit of a command line with its argument.
struct EditStep {
  const surgery::Edit* edit;
  std::string argument;
};

/// What was shown for a run of neighbouring edits that all claim to keep the meaning in some way.
struct Proof {
  size_t first;  ///< index of the first edit it covers
  size_t last;   ///< index of the last one
  VerifyResult result;
};

struct EditOutcome {
  std::unique_ptr<surgery::Model> model;
  std::vector<surgery::EditReport> reports;  ///< one per edit
  std::vector<Proof> proofs;                 ///< edits in none of them change the results on purpose
  std::vector<std::string> warnings;         ///< with `force`: what would have been a refusal
};

/// How edits are applied.
struct EditOptions {
  std::optional<VerifyOptions> verify{};  ///< nothing: no proof
  std::vector<std::string> batch_axes{};  ///< see surgery::EditContext
  /// What an edit cannot mend, a model that is not valid afterwards and a proof that fails are warnings, and the result
  /// is given all the same.
  bool force = false;
};

/// Reads the model, applies the edits in order, checks what came of them and, with `verify`, proves each run of edits
/// that keep the meaning by running the model before and after it. Where the model before cannot be run because it is
/// itself wrong (that is often why it is edited), the proof says so and is not `ran`. Throws Error: kAnswerIsNo when a
/// proof fails, kUnsupported when an operator cannot be run, and as load(), check and the edits do. Nothing is written.
EditOutcome apply_edits(const std::filesystem::path& path, std::span<const EditStep> steps, const EditOptions& options);

/// A rewrite that broke parity on this model: found by bisection, not used in the result.
struct UndoneRewrite {
  std::string rewrite;
  std::string place;    ///< where it broke parity first
  std::string finding;  ///< what differed
};

struct SimplifyOutcome {
  std::unique_ptr<surgery::Model> model;
  surgery::SimplifyReport report;
  std::optional<VerifyResult> proof;  ///< of the model as returned
  std::vector<UndoneRewrite> undone;
};

/// Reads, checks and simplifies the model and, with `verify`, proves it equal to the original; a rewrite that breaks
/// parity is found by bisection over the number of steps, left out, and reported. Throws as apply_edits() does.
SimplifyOutcome simplify_verified(const std::filesystem::path& path, const surgery::SimplifyOptions& options,
                                  const std::optional<VerifyOptions>& verify);

}  // namespace exec
