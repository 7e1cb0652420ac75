#include "options/model_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>

#include "surgery/error.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using surgery::Error;
using surgery::ErrorCode;

double parse_tolerance(const std::string& text, std::string_view option) {
  const std::optional<double> value = surgery::parse_double(text);
  if (!value || !(*value >= 0)) {
    throw Error(ErrorCode::kUsage, std::string(option) + ": " + surgery::quote(text) + " is no number of 0 or more");
  }
  return *value;
}

/// Calls `set(name, value)` for each "NAME:X" and `set("", value)` for each bare "X".
template <typename Set>
void for_each_tolerance(const std::vector<std::string>& texts, std::string_view option, Set&& set) {
  for (const std::string& text : texts) {
    const size_t colon = text.rfind(':');
    const bool is_bare = colon == std::string::npos;
    set(is_bare ? "" : text.substr(0, colon), parse_tolerance(is_bare ? text : text.substr(colon + 1), option));
  }
}

}  // namespace

std::pair<std::string, std::string> split_pair(const std::string& text, std::string_view option) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ErrorCode::kUsage, std::string(option) + ": expected NAME=VALUE, found " + surgery::quote(text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void RuntimeArguments::add_to(CLI::App& command) {
  command.add_option("--threads", threads, "Threads to use; 0: one per core")->check(CLI::Range(0, 1024));
  command.add_option("--max-memory", max_memory_bytes, "Largest memory for tensors (K, M, G); 0: what is free")
      ->transform(CLI::AsSizeValue(false));
}

exec::RunOptions RuntimeArguments::to_options() const {
  return {.threads = threads, .max_bytes = static_cast<int64_t>(max_memory_bytes)};
}

void InputArguments::add_to(CLI::App& command) {
  command.add_option("--input", files, "An input: NAME=FILE, a .npy, .npz (or .npz:KEY), PNG or JPEG file")
      ->type_name("NAME=FILE")
      ->expected(1)
      ->take_all();
  command.add_option("--seed", seed, "Seed of the inputs that are not given");
  command.add_option("--dim", dims, "A size for a symbolic dimension: N=2")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->take_all();
}

exec::InputSpec InputArguments::to_spec() const {
  exec::InputSpec spec;
  spec.seed = seed;
  for (const std::string& text : dims) {
    const auto [name, value] = split_pair(text, "--dim");
    const std::optional<int64_t> size = surgery::parse_int(value);
    if (!size || *size < 0) {
      throw Error(ErrorCode::kUsage, "--dim: " + surgery::quote(value) + " is no size of 0 or more");
    }
    spec.dims[name] = *size;
  }
  return spec;
}

exec::Values InputArguments::load_given(const surgery::Model& model) const {
  exec::Values given;
  for (const std::string& text : files) {
    const auto [name, file] = split_pair(text, "--input");
    given[name] = exec::load_input(model, name, file);
  }
  return given;
}

void ToleranceArguments::add_to(CLI::App& command) {
  command.add_option("--rtol", rtol, "Relative tolerance (by type: 1e-3 for float): X, or NAME:X for one tensor")
      ->expected(1)
      ->take_all();
  command.add_option("--atol", atol, "Absolute tolerance (by type: 1e-4 for float): X, or NAME:X for one tensor")
      ->expected(1)
      ->take_all();
}

std::optional<exec::Tolerance> ToleranceArguments::to_default() const {
  std::optional<exec::Tolerance> tolerance;
  for_each_tolerance(rtol, "--rtol", [&](const std::string& name, double x) {
    if (name.empty()) (tolerance ? *tolerance : tolerance.emplace()).rtol = x;
  });
  for_each_tolerance(atol, "--atol", [&](const std::string& name, double x) {
    if (name.empty()) (tolerance ? *tolerance : tolerance.emplace()).atol = x;
  });
  return tolerance;
}

std::map<std::string, exec::Tolerance, std::less<>> ToleranceArguments::to_per_tensor() const {
  std::map<std::string, exec::Tolerance, std::less<>> tolerances;
  const exec::Tolerance base = to_default().value_or(exec::Tolerance{});
  for_each_tolerance(rtol, "--rtol", [&](const std::string& name, double x) {
    if (!name.empty()) tolerances.try_emplace(name, base).first->second.rtol = x;
  });
  for_each_tolerance(atol, "--atol", [&](const std::string& name, double x) {
    if (!name.empty()) tolerances.try_emplace(name, base).first->second.atol = x;
  });
  return tolerances;
}

void VerifyArguments::add_to(CLI::App& command) {
  command
      .add_option("--verify", mode, "auto: run before and after and compare; off: write without a proof, and say so")
      ->check(CLI::IsMember({"auto", "off"}));
  inputs.add_to(command);
  tolerance.add_to(command);
  runtime.add_to(command);
}

void SaveArguments::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Writing";
  external_data =
      command
          .add_option("--external-data", data_file, "Put the weights into one data file beside the model (OUT.data)")
          ->type_name("[FILE]")
          ->expected(0, 1)
          ->group(kGroup);
  command.add_option("--threshold", threshold_bytes, "With --external-data: smaller tensors stay inside (1K; K, M, G)")
      ->needs(external_data)
      ->transform(CLI::AsSizeValue(false))
      ->group(kGroup);
  CLI::Option* const inside = command.add_flag("--inline", is_inline, "Take external data into the model");
  inside->excludes(external_data)->group(kGroup);
  command.add_flag("--reuse-data", reuses_data, "Share the data file of the input, or fail where that cannot be")
      ->excludes(external_data)
      ->excludes(inside)
      ->group(kGroup);
  command.add_flag("--fsync", fsync, "Wait for the disk before saying done")->group(kGroup);
}

bool SaveArguments::places_weights() const { return external_data->count() > 0 || is_inline || reuses_data; }

surgery::SaveOptions SaveArguments::to_options() const {
  using surgery::WeightPlace;
  surgery::SaveOptions options;
  options.fsync = fsync;
  if (external_data->count() > 0) options.weights = WeightPlace::kExternal;
  if (is_inline) options.weights = WeightPlace::kInline;
  if (reuses_data) options.weights = WeightPlace::kReused;
  options.data_file = data_file;
  options.min_external_bytes = static_cast<int64_t>(std::min<uint64_t>(threshold_bytes, INT64_MAX));
  return options;
}

std::optional<exec::VerifyOptions> VerifyArguments::to_options(const std::filesystem::path& model) const {
  if (mode == "off") return std::nullopt;
  exec::VerifyOptions options{
      .inputs = inputs.to_spec(), .given = {}, .tolerance = tolerance.to_default(), .run = runtime.to_options()};
  if (!inputs.files.empty()) options.given = inputs.load_given(*surgery::load(model));
  return options;
}

}  // namespace app
