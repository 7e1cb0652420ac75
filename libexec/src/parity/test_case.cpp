#include "exec/test_case.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>

#include "exec/oracle.h"
#include "exec/value_file.h"
#include "runtime/memory.h"
#include "runtime/threads.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace exec {
namespace {

namespace fs = std::filesystem;

using surgery::Error;
using surgery::ErrorCode;
using surgery::Value;

constexpr std::string_view kDataSet = "test_data_set_";

/// model.onnx, or the only .onnx file of the folder; empty where there is none.
fs::path model_in(const fs::path& folder) {
  if (fs::is_regular_file(folder / "model.onnx")) return folder / "model.onnx";
  std::vector<fs::path> models;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  return models.size() == 1 ? models.front() : fs::path();
}

void collect_cases(const fs::path& folder, std::vector<TestCase>& cases) {
  const fs::path model = model_in(folder);
  std::vector<fs::path> data_sets = find_data_sets(folder);
  if (!model.empty() && !data_sets.empty()) {
    const fs::path whole = fs::weakly_canonical(folder);
    cases.push_back({whole.filename().string(), model, std::move(data_sets)});
    return;
  }
  std::vector<fs::path> inner;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    // Links are not followed: they could lead back up.
    if (entry.is_directory() && !entry.is_symlink()) inner.push_back(entry.path());
  }
  std::sort(inner.begin(), inner.end());
  for (const fs::path& each : inner) collect_cases(each, cases);
}

/// PREFIX_0.pb, PREFIX_1.pb, ... as far as they are there.
std::vector<fs::path> numbered_files(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> files;
  while (true) {
    fs::path next = folder / (prefix + std::to_string(files.size()) + ".pb");
    if (!fs::exists(next)) return files;
    files.push_back(std::move(next));
  }
}

std::string difference_text(const Difference& difference) {
  if (!difference.reason.empty()) return difference.reason;
  std::string text(160, '\0');
  const int size =
      std::snprintf(text.data(), text.size(), "%lld of %lld elements differ, max abs %.3g at %lld",
                    static_cast<long long>(difference.num_outside), static_cast<long long>(difference.num_elements),
                    difference.max_abs, static_cast<long long>(difference.worst_index));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string run_data_sets(const TestCase& test_case, const RunOptions& options) {
  const std::unique_ptr<surgery::Model> model = surgery::load(test_case.model);
  RunOptions each = options;
  each.keep_weights = test_case.data_sets.size() > 1;
  Session session(*model, each);
  for (const fs::path& folder : test_case.data_sets) {
    DataSet data = load_data_set(*model, folder);
    Values found = session.run_values(std::move(data.inputs));
    for (auto& [name, value] : found) value = rounded(std::move(value));
    const std::string wrong = compare_outputs(*model, found, data.outputs, test_case.tolerance);
    if (wrong.empty()) continue;
    return test_case.data_sets.size() == 1 ? wrong : surgery::escape(folder.filename().string()) + ": " + wrong;
  }
  return {};
}

}  // namespace

std::vector<fs::path> find_data_sets(const fs::path& folder) {
  std::vector<std::pair<int64_t, fs::path>> numbered;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || !name.starts_with(kDataSet)) continue;
    const auto number = surgery::parse_int(std::string_view(name).substr(kDataSet.size()));
    if (number) numbered.emplace_back(*number, entry.path());
  }
  std::sort(numbered.begin(), numbered.end());
  std::vector<fs::path> folders;
  folders.reserve(numbered.size());
  for (auto& [number, path] : numbered) folders.push_back(std::move(path));
  return folders;
}

std::vector<TestCase> find_test_cases(const fs::path& folder) {
  std::vector<TestCase> cases;
  try {
    collect_cases(folder, cases);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::kRead, surgery::escape(folder.string()) + ": " + error.code().message());
  }
  return cases;
}

DataSet load_data_set(const surgery::Model& model, const fs::path& folder) {
  DataSet data;
  const std::vector<fs::path> input_files = numbered_files(folder, "input_");
  const std::vector<fs::path> output_files = numbered_files(folder, "output_");
  std::vector<const Value*> inputs(model.graph().inputs().begin(), model.graph().inputs().end());
  if (input_files.size() < inputs.size()) {
    std::erase_if(inputs, [](const Value* input) { return input->is_initializer(); });
  }
  const auto& outputs = model.graph().outputs();
  if (input_files.size() > inputs.size() || output_files.size() > outputs.size()) {
    throw Error(ErrorCode::kRead, surgery::escape(folder.string()) + ": has " + std::to_string(input_files.size()) +
                                      " inputs and " + std::to_string(output_files.size()) +
                                      " outputs, the model has " + std::to_string(inputs.size()) + " and " +
                                      std::to_string(outputs.size()));
  }
  for (size_t i = 0; i < input_files.size(); ++i) {
    data.inputs[inputs[i]->name()] = load_value_proto(input_files[i], inputs[i]->type());
  }
  for (size_t i = 0; i < output_files.size(); ++i) {
    data.outputs.push_back(load_value_proto(output_files[i], outputs[i]->type()));
  }
  return data;
}

std::string compare_outputs(const surgery::Model& model, const Values& found, const std::vector<Datum>& expected,
                            const Tolerance& tolerance) {
  const auto& outputs = model.graph().outputs();
  if (outputs.size() != expected.size()) {
    return std::to_string(outputs.size()) + " outputs, expected " + std::to_string(expected.size());
  }
  const auto tolerance_of = [&](surgery::DataType type) {
    const double rtol = type == surgery::DataType::kBfloat16 ? std::max(tolerance.rtol, 0x1p-6) : tolerance.rtol;
    return Tolerance{.rtol = rtol, .atol = tolerance.atol};
  };
  for (size_t i = 0; i < expected.size(); ++i) {
    const Difference difference = compare_values(found.at(outputs[i]->name()), expected[i], tolerance_of);
    if (!difference.within) {
      return "output " + surgery::quote(outputs[i]->name()) + ": " + difference_text(difference);
    }
  }
  return {};
}

TestResult run_test_case(const TestCase& test_case, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  TestResult result;
  try {
    result.failure = run_data_sets(test_case, options);
  } catch (const std::bad_alloc&) {
    result.failure = "out of memory";
  } catch (const std::exception& error) {
    result.failure = error.what();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::vector<TestResult> run_test_cases(std::span<const TestCase> cases, const RunOptions& options,
                                       const std::function<void(size_t, const TestResult&)>& done) {
  std::vector<TestResult> results(cases.size());
  const int threads = options.threads > 0 ? options.threads : num_threads();
  RunOptions each = options;
  each.threads = 1;
  each.max_bytes = (options.max_bytes > 0 ? options.max_bytes : free_memory_bytes()) / threads;
  const ThreadScope scope(threads);
  std::mutex mutex;
  parallel_for(static_cast<int64_t>(cases.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      results[i] = run_test_case(cases[i], each);
      const std::lock_guard lock(mutex);
      if (done) done(i, results[i]);
    }
  });
  return results;
}

}  // namespace exec
