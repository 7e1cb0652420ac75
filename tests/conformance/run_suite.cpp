// Runs the cases that run_suite.py wrote, all in this process.
// usage: conformance_suite FOLDER EXPECTED-FAILURES [--update] [NAME-PART...]
//
// Prints each case whose result is not the expected one, passes and failures by operator, and ends with
// "N passed, M failed, K skipped": a failure that is expected counts as skipped, an unexpected pass as failed. With
// name parts, only the cases that contain one are run, and every failure is printed. Exit code 1 when something is not
// as expected.

#include <bit>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "exec/session.h"
#include "surgery/io.h"

namespace {

using surgery::DataType;
using surgery::Tensor;

struct Case {
  std::string name;
  std::string op;
  double rtol = 0;
  double atol = 0;
  int num_data_sets = 0;  ///< 0: the data are not all tensors
};

std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    Case next;
    std::getline(fields, next.name, '\t');
    std::getline(fields, next.op, '\t');
    fields >> next.rtol >> next.atol >> next.num_data_sets;
    cases.push_back(std::move(next));
  }
  return cases;
}

std::set<std::string> read_names(const std::string& path) {
  std::set<std::string> names;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

std::string shape_text(const Tensor& tensor) {
  std::string text(to_string(tensor.type()));
  text += "[";
  for (const int64_t dim : tensor.dims()) text += (text.back() == '[' ? "" : ",") + std::to_string(dim);
  return text + "]";
}

/// The elements of a complex tensor as pairs of double; otherwise as to_doubles() has them.
std::optional<std::vector<double>> numbers(const Tensor& tensor) {
  if (tensor.type() != DataType::kComplex64 && tensor.type() != DataType::kComplex128) return tensor.to_doubles();
  std::vector<double> values;
  const Tensor aligned = tensor.aligned();
  const std::span<const std::byte> bytes = aligned.bytes();
  if (tensor.type() == DataType::kComplex64) {
    const auto* parts = reinterpret_cast<const float*>(bytes.data());
    for (size_t i = 0; i < bytes.size() / sizeof(float); ++i) values.push_back(static_cast<double>(parts[i]));
  } else {
    const auto* parts = reinterpret_cast<const double*>(bytes.data());
    values.assign(parts, parts + bytes.size() / sizeof(double));
  }
  return values;
}

/// What is wrong with `found`; empty when nothing is.
std::string difference(const Tensor& found, const Tensor& expected, double rtol, double atol) {
  if (found.type() != expected.type() || found.dims() != expected.dims()) {
    return "found " + shape_text(found) + ", expected " + shape_text(expected);
  }
  if (found.type() == DataType::kString) {
    for (size_t i = 0; i < found.strings().size(); ++i) {
      if (found.strings()[i] != expected.strings()[i]) {
        return "element " + std::to_string(i) + " is '" + found.strings()[i] + "', expected '" + expected.strings()[i] +
               "'";
      }
    }
    return "";
  }
  const std::optional<std::vector<double>> a = numbers(found);
  const std::optional<std::vector<double>> b = numbers(expected);
  if (!a || !b) {
    return std::equal(found.bytes().begin(), found.bytes().end(), expected.bytes().begin(), expected.bytes().end())
               ? ""
               : "the bytes differ";
  }
  if (found.type() == DataType::kBfloat16) rtol = std::max(rtol, 0x1p-6);
  for (size_t i = 0; i < a->size(); ++i) {
    const double x = (*a)[i];
    const double y = (*b)[i];
    const bool equal = x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= atol + rtol * std::abs(y);
    if (!equal) {
      std::ostringstream text;
      text.precision(9);
      text << "element " << i << " of " << a->size() << " is " << x << ", expected " << y;
      return text.str();
    }
  }
  return "";
}

std::string run_data_set(const surgery::Model& model, const std::string& data_path, const Case& current) {
  const std::unique_ptr<surgery::Model> data = surgery::load(data_path);
  exec::Tensors inputs;
  std::vector<Tensor> expected;
  for (const surgery::Value* value : data->graph().initializers()) {
    const std::string& name = value->name();
    if (name.starts_with("input:")) {
      inputs.emplace(name.substr(6), *value->initializer());
    } else {
      expected.push_back(value->initializer()->aligned());
    }
  }
  exec::Session session(model);
  const exec::Tensors outputs = session.run(std::move(inputs));
  if (model.graph().outputs().size() != expected.size()) {
    return std::to_string(model.graph().outputs().size()) + " outputs, expected " + std::to_string(expected.size());
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto found = outputs.find(model.graph().outputs()[i]->name());
    if (found == outputs.end()) return "output " + std::to_string(i) + " is missing";
    const std::string wrong = difference(found->second, expected[i], current.rtol, current.atol);
    if (!wrong.empty()) return "output " + std::to_string(i) + ": " + wrong;
  }
  return "";
}

/// What went wrong; empty for a pass.
std::string run_case(const std::string& folder, const Case& current) {
  if (current.num_data_sets == 0) return "the data are not all tensors";
  try {
    const std::unique_ptr<surgery::Model> model = surgery::load(folder + "/" + current.name + ".onnx");
    for (int i = 0; i < current.num_data_sets; ++i) {
      std::string wrong =
          run_data_set(*model, folder + "/" + current.name + ".data" + std::to_string(i) + ".onnx", current);
      if (!wrong.empty()) return wrong;
    }
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

bool is_selected(const std::string& name, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (name.find(part) != std::string::npos) return true;
  }
  return parts.empty();
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) {
    std::fputs("usage: conformance_suite FOLDER EXPECTED-FAILURES [--update] [NAME-PART...]\n", stderr);
    return 2;
  }
  std::vector<std::string> parts(arguments.begin() + 2, arguments.end());
  const bool updates = std::erase(parts, "--update") > 0;
  const std::set<std::string> expected = read_names(arguments[1]);
  std::map<std::string, std::pair<int, int>> by_operator;
  std::vector<std::string> failures;
  int passed_as_expected = 0;
  int known_failures = 0;
  int unexpected = 0;
  int passed = 0;
  for (const Case& current : read_cases(arguments[0] + "/cases.txt")) {
    if (!is_selected(current.name, parts)) continue;
    const std::string wrong = run_case(arguments[0], current);
    const bool is_expected = wrong.empty() != expected.contains(current.name);
    ++(!is_expected ? unexpected : wrong.empty() ? passed_as_expected : known_failures);
    passed += wrong.empty() ? 1 : 0;
    ++(wrong.empty() ? by_operator[current.op].first : by_operator[current.op].second);
    if (!wrong.empty()) failures.push_back(current.name);
    if (!is_expected || (!parts.empty() && !wrong.empty())) {
      std::printf("%s %s (%s): %s\n", is_expected ? "known" : "UNEXPECTED", current.name.c_str(), current.op.c_str(),
                  wrong.empty() ? "passes" : wrong.c_str());
    }
  }
  for (const auto& [op, counts] : by_operator) {
    if (counts.second > 0) std::printf("%-32s %4d pass %4d fail\n", op.c_str(), counts.first, counts.second);
  }
  if (updates) {
    std::ofstream file(arguments[1]);
    file << "# The cases of the ONNX backend suite that are expected to fail, one a line.\n";
    for (const std::string& name : failures) file << name << "\n";
  }
  std::printf("%d of %zu cases pass\n", passed, failures.size() + static_cast<size_t>(passed));
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
