#pragma once

#include <string>

#include "exec/test_case.h"

/// Whether a case of the backend suite draws from Bernoulli's distribution, so that no result can be expected.
bool is_bernoulli(const std::string& name);

/// What is wrong with what such a case draws; empty when nothing is: its type and shape are those expected, and of
/// 20,000 draws with other probabilities each is 0 or 1, and their mean is within five standard deviations of that of
/// the probabilities, in each tenth of them. A right generator exceeds that for one seed in 200,000.
std::string wrong_draws(const exec::TestCase& test_case);
