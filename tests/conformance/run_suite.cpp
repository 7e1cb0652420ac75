// Runs the cases that run_suite.py wrote in every mode, all in this process.
// usage: conformance_suite FOLDER FOLDER-WITH-LISTS [--mode exact|oracle] [--update] [NAME-PART...]
//
// The cases that are expected to fail in a mode stand in expected_failures_MODE.txt, with '#' before remarks. The
// Bernoulli cases are among them, their results being random, and their draws are judged instead. Prints
// each case whose result is not the expected one, passes and failures by operator, and ends with "N passed, M failed,
// K skipped" of all modes: a failure that is expected counts as skipped, an unexpected pass as failed. With name parts,
// only the cases that contain one are run, and every failure is printed. --update brings the lists up to date. Exit
// code 1 when something is not as expected.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "exec/test_case.h"
#include "random_cases.h"

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

struct Mode {
  const char* name;
  exec::Mode mode;
};
constexpr Mode kModes[] = {{"exact", exec::Mode::kExact}, {"oracle", exec::Mode::kOracle}};

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// A list of names with remarks, as a file.
class ExpectedFailures {
 public:
  explicit ExpectedFailures(std::filesystem::path path) : path_(std::move(path)), lines_(read_lines(path_)) {
    for (const std::string& line : lines_) {
      if (!is_remark(line)) names_.insert(line);
    }
  }

  bool contain(const std::string& name) const { return names_.contains(name); }

  /// Names that pass go, new ones come at the end, remarks stay.
  void update(const std::set<std::string>& failures) const {
    std::ofstream file(path_);
    for (const std::string& line : lines_) {
      if (is_remark(line) || failures.contains(line)) file << line << "\n";
    }
    for (const std::string& name : failures) {
      if (!contain(name)) file << name << "\n";
    }
  }

 private:
  static bool is_remark(const std::string& line) { return line.empty() || line[0] == '#'; }

  std::filesystem::path path_;
  std::vector<std::string> lines_;
  std::set<std::string> names_;
};

struct Counts {
  int passed_as_expected = 0;
  int known_failures = 0;
  int unexpected = 0;
  int drawn_right = 0;
};

struct Arguments {
  std::filesystem::path folder;
  std::filesystem::path lists;
  std::string mode;  ///< "": all
  bool updates = false;
  std::vector<std::string> parts;
};

void run_mode(const Arguments& arguments, const Cases& suite, const Mode& mode, Counts& counts) {
  const ExpectedFailures expected(arguments.lists / ("expected_failures_" + std::string(mode.name) + ".txt"));
  const std::vector<exec::TestResult> results = exec::run_test_cases(suite.cases, {.mode = mode.mode});
  std::map<std::string, std::pair<int, int>> by_operator;
  std::set<std::string> failures;
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string& name = suite.cases[i].name;
    const bool passed = results[i].passed();
    const bool is_expected = passed != expected.contain(name);
    ++(!is_expected ? counts.unexpected : passed ? counts.passed_as_expected : counts.known_failures);
    auto& [good, bad] = by_operator[suite.operators[i]];
    ++(passed ? good : bad);
    if (!passed) failures.insert(name);
    if (is_bernoulli(name)) {
      const std::string wrong = wrong_draws(suite.cases[i]);
      if (!wrong.empty()) std::printf("UNEXPECTED %s: %s\n", name.c_str(), wrong.c_str());
      ++(wrong.empty() ? counts.drawn_right : counts.unexpected);
    }
    if (!is_expected || (!arguments.parts.empty() && !passed)) {
      std::printf("%s %s (%s, %s): %s\n", is_expected ? "known" : "UNEXPECTED", name.c_str(),
                  suite.operators[i].c_str(), mode.name, passed ? "passes" : results[i].failure.c_str());
    }
  }
  for (const auto& [op, number] : by_operator) {
    if (number.second > 0) std::printf("%-32s %4d pass %4d fail\n", op.c_str(), number.first, number.second);
  }
  if (arguments.updates) expected.update(failures);
  std::printf("%s: %zu of %zu cases pass\n", mode.name, results.size() - failures.size(), results.size());
}

/// The value of an option that is taken out of `words`; "" where it is not there.
std::string take_option(std::vector<std::string>& words, const std::string& option) {
  const auto found = std::find(words.begin(), words.end(), option);
  if (found == words.end() || found + 1 == words.end()) return {};
  std::string value = *(found + 1);
  words.erase(found, found + 2);
  return value;
}

int run(std::vector<std::string> words) {
  Arguments arguments;
  arguments.mode = take_option(words, "--mode");
  arguments.updates = std::erase(words, "--update") > 0;
  if (words.size() < 2) {
    std::fputs("usage: conformance_suite FOLDER FOLDER-WITH-LISTS [--mode exact|oracle] [--update] [NAME-PART...]\n",
               stderr);
    return 2;
  }
  arguments.folder = words[0];
  arguments.lists = words[1];
  arguments.parts.assign(words.begin() + 2, words.end());
  const Cases suite = read_cases(arguments.folder, arguments.parts);
  Counts counts;
  for (const Mode& mode : kModes) {
    if (arguments.mode.empty() || arguments.mode == mode.name) run_mode(arguments, suite, mode, counts);
  }
  if (counts.drawn_right > 0) {
    std::printf("%d random cases have type, shape and distribution right\n", counts.drawn_right);
  }
  std::printf("%d passed, %d failed, %d skipped\n", counts.passed_as_expected, counts.unexpected,
              counts.known_failures);
  return counts.unexpected == 0 ? 0 : 1;
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
