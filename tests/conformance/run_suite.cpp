// Runs the cases that run_suite.py wrote, all in this process.
// usage: conformance_suite FOLDER EXPECTED-FAILURES [--update] [NAME-PART...]
//
// Prints each case whose result is not the expected one, passes and failures by operator, and ends with
// "N passed, M failed, K skipped": a failure that is expected counts as skipped, an unexpected pass as failed. With
// name parts, only the cases that contain one are run, and every failure is printed. Exit code 1 when something is not
// as expected.

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "exec/test_case.h"

namespace {

/// The cases of FOLDER/cases.txt (name, operators, rtol, atol), those selected; operators by case beside them.
struct Cases {
  std::vector<exec::TestCase> cases;
  std::vector<std::string> operators;
};

bool is_selected(const std::string& name, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (name.find(part) != std::string::npos) return true;
  }
  return parts.empty();
}

Cases read_cases(const std::filesystem::path& folder, const std::vector<std::string>& parts) {
  Cases result;
  std::ifstream file(folder / "cases.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    exec::TestCase next;
    std::string operators;
    std::getline(fields, next.name, '\t');
    std::getline(fields, operators, '\t');
    fields >> next.tolerance.rtol >> next.tolerance.atol;
    if (!is_selected(next.name, parts)) continue;
    next.model = folder / next.name / "model.onnx";
    next.data_sets = exec::find_data_sets(folder / next.name);
    result.cases.push_back(std::move(next));
    result.operators.push_back(std::move(operators));
  }
  return result;
}

std::set<std::string> read_names(const std::string& path) {
  std::set<std::string> names;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

void update(const std::string& path, const std::vector<std::string>& failures) {
  std::ofstream file(path);
  file << "# The cases of the ONNX backend suite that are expected to fail, one a line.\n";
  for (const std::string& name : failures) file << name << "\n";
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) {
    std::fputs("usage: conformance_suite FOLDER EXPECTED-FAILURES [--update] [NAME-PART...]\n", stderr);
    return 2;
  }
  std::vector<std::string> parts(arguments.begin() + 2, arguments.end());
  const bool updates = std::erase(parts, "--update") > 0;
  const std::set<std::string> expected = read_names(arguments[1]);
  const Cases suite = read_cases(arguments[0], parts);
  const std::vector<exec::TestResult> results = exec::run_test_cases(suite.cases, {});

  std::map<std::string, std::pair<int, int>> by_operator;
  std::vector<std::string> failures;
  int passed_as_expected = 0;
  int known_failures = 0;
  int unexpected = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string& name = suite.cases[i].name;
    const bool passed = results[i].passed();
    const bool is_expected = passed != expected.contains(name);
    ++(!is_expected ? unexpected : passed ? passed_as_expected : known_failures);
    auto& [good, bad] = by_operator[suite.operators[i]];
    ++(passed ? good : bad);
    if (!passed) failures.push_back(name);
    if (!is_expected || (!parts.empty() && !passed)) {
      std::printf("%s %s (%s): %s\n", is_expected ? "known" : "UNEXPECTED", name.c_str(), suite.operators[i].c_str(),
                  passed ? "passes" : results[i].failure.c_str());
    }
  }
  for (const auto& [op, counts] : by_operator) {
    if (counts.second > 0) std::printf("%-32s %4d pass %4d fail\n", op.c_str(), counts.first, counts.second);
  }
  if (updates) update(arguments[1], failures);
  std::printf("%zu of %zu cases pass\n", results.size() - failures.size(), results.size());
  std::printf("%d passed, %d failed, %d skipped\n", passed_as_expected, unexpected, known_failures);
  return unexpected == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conformance_suite: %s\n", error.what());
    return 70;
  }
}
