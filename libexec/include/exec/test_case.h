#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "exec/parity.h"
#include "exec/session.h"

namespace exec {

/// A model with recorded inputs and outputs beside it, as the Model Zoo and the ONNX backend suite lay them out:
/// FOLDER/model.onnx (or the only .onnx file there) and FOLDER/test_data_set_0/input_0.pb, output_0.pb, ...
struct TestCase {
  std::string name;  ///< the folder's name
  std::filesystem::path model;
  std::vector<std::filesystem::path> data_sets;  ///< in the order of their numbers
  Tolerance tolerance{.rtol = 1e-3, .atol = 1e-7};
};

/// The values of one data set: inputs by name, outputs in the order of the graph's.
struct DataSet {
  Values inputs;
  std::vector<Datum> outputs;
};

struct TestResult {
  std::string failure;  ///< why it failed; empty for a pass
  double seconds = 0;
  bool passed() const { return failure.empty(); }
};

/// Every test case in `folder` and below it, sorted by path. Throws Error(kRead) where the folder cannot be read.
std::vector<TestCase> find_test_cases(const std::filesystem::path& folder);

/// The folders test_data_set_* of a folder by number.
std::vector<std::filesystem::path> find_data_sets(const std::filesystem::path& folder);

/// Reads input_K.pb for the K-th graph input (weights that are listed as inputs left out where there are fewer files)
/// and output_K.pb for the K-th output. Throws Error(kRead).
DataSet load_data_set(const surgery::Model& model, const std::filesystem::path& folder);

/// What differs between the outputs found and those expected; empty when nothing does. The rule of the ONNX backend
/// suite: count, type and shape equal, |a - b| <= atol + rtol * |b| with NaN equal to NaN, rtol at least 2^-6 for
/// bfloat16, strings exact, sequences, maps and optionals element by element.
std::string compare_outputs(const surgery::Model& model, const Values& found, const std::vector<Datum>& expected,
                            const Tolerance& tolerance);

/// Runs one case: never throws for what the case does.
TestResult run_test_case(const TestCase& test_case, const RunOptions& options);

/// Runs the cases several at a time, each on one thread and with its share of the memory. `done` is called for each as
/// it ends, one at a time, in no fixed order.
std::vector<TestResult> run_test_cases(std::span<const TestCase> cases, const RunOptions& options,
                                       const std::function<void(size_t index, const TestResult& result)>& done = {});

}  // namespace exec
