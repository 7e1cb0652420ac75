#pragma once

#include <span>
#include <string>

#include "exec/test_case.h"

namespace app {

/// The results as JUnit's XML, which continuous-integration services read: one test suite, one test case each.
std::string junit_xml(std::span<const exec::TestCase> cases, std::span<const exec::TestResult> results);

}  // namespace app
