#pragma once

#include <doctest/doctest.h>

#include <string_view>

#include "edit_helpers.h"
#include "exec/verify.h"
#include "graph_text.h"

/// Sets the batch of the model and checks that the new one agrees with the old one sample by sample.
inline surgery::EditReport check_sample_by_sample(std::string_view model, std::string_view batch) {
  const auto before = graph_text::parse(model);
  const auto after = graph_text::parse(model);
  const auto evaluator = exec::make_evaluator(*after);
  surgery::EditReport report = apply(*after, "--set-batch", batch, {.evaluator = evaluator.get()});
  CHECK(report.meaning == surgery::Meaning::kPerSample);
  const exec::VerifyResult proof = exec::verify(*before, *after, surgery::Meaning::kPerSample, {});
  CAPTURE(proof.message);
  CHECK(proof.ran);
  CHECK(proof.equal);
  return report;
}
