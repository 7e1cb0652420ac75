#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exec/session.h"
#include "graph_text.h"
#include "surgery/rewrite.h"

/// What tests of rewrites share.
namespace rewrite_testing {

using namespace surgery;  // NOLINT(google-build-using-namespace): in a header of tests alone

const Rewrite& find_rewrite(std::string_view name);

/// Runs these rewrites alone, to a fixpoint.
SimplifyReport apply(Model& model, std::vector<std::string> only, SimplifyOptions options = {});

/// The nodes after these rewrites alone, printed; the model stays to be looked at.
std::string after(Model& model, std::vector<std::string> only);

std::string after(std::string_view text, std::vector<std::string> only);

/// Why the rewrite declines at the last node of the main graph that it may start from. The graph must not match.
std::string reason(std::string_view name, std::string_view text);

/// Inputs of a model's declared types: numbers between 0.5 and 1.5, every symbol `size`.
exec::Tensors inputs_for(const Model& model, int64_t size);

/// Whether two models compute the same on the same inputs: names, types, dims, and numbers within 1e-5 (16-bit types
/// 1e-2) of the magnitude or of 1. Symbols are 2, and 1, and what `sizes` says.
bool same_results(const Model& before, const Model& changed, const std::vector<int64_t>& sizes = {2, 1});

bool same_results(std::string_view before, const Model& changed, const std::vector<int64_t>& sizes = {2, 1});

/// Applies the rewrites and proves that the results stay.
bool keeps_results(std::string_view text, std::vector<std::string> only, const std::vector<int64_t>& sizes = {2, 1});

/// A constant of the model's main graph, as numbers.
std::vector<double> constant_values(const Model& model, std::string_view name);

}  // namespace rewrite_testing
