#include "options/model_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>

#include "exec/test_case.h"
#include "options/json_value.h"
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
  command.add_option("--max-iterations", max_iterations, "Most iterations of one Loop (1000000)")
      ->check(CLI::PositiveNumber);
}

void RuntimeArguments::add_mode_to(CLI::App& command) {
  command
      .add_option("--mode", mode,
                  "exact: in the model's types; oracle: floating-point work in double, results rounded to the model's "
                  "types and, beside it, as they are")
      ->check(CLI::IsMember({"exact", "oracle"}));
}

exec::RunOptions RuntimeArguments::to_options() const {
  return {.threads = threads,
          .max_bytes = static_cast<int64_t>(max_memory_bytes),
          .max_iterations = max_iterations,
          .mode = mode == "oracle" ? exec::Mode::kOracle : exec::Mode::kExact};
}

void InputArguments::add_to(CLI::App& command) {
  command
      .add_option("--input", files,
                  "An input: NAME=FILE, a .npy, .npz (or .npz:KEY), .pb, image or raw (FILE:float[1,3]) "
                  "file; NAME=JSON, such as x=[[1,2]]; or a folder with input_0.pb, input_1.pb, ...")
      ->type_name("NAME=FILE")
      ->expected(1)
      ->take_all();
  command.add_option("--seed", seed, "Seed of the inputs that are not given");
  command.add_option("--range", ranges, "Bounds of the values that are not given: LOW,HIGH or NAME:LOW,HIGH")
      ->type_name("[NAME:]LOW,HIGH")
      ->expected(1)
      ->take_all();
  const std::string group = "Images";
  command.add_option("--scale", images.scale, "What pixel values (0 to 255) are multiplied by (1/255)")->group(group);
  command.add_option("--mean", images.mean, "Taken off the scaled values: one number, or one for each channel")
      ->delimiter(',')
      ->group(group);
  command.add_option("--std", images.std, "Then divided by: one number, or one for each channel")
      ->delimiter(',')
      ->group(group);
  command.add_option("--layout", layout, "Where the channels are (as the input is declared)")
      ->check(CLI::IsMember({"NCHW", "NHWC"}))
      ->group(group);
  command.add_option("--channels", channels, "Order of the colours")
      ->check(CLI::IsMember({"rgb", "bgr"}))
      ->group(group);
  command.add_option("--resize", resize, "Scale images to HEIGHTxWIDTH, or to what the input declares; bilinear")
      ->type_name("HxW|declared")
      ->group(group);
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
  for (const std::string& text : ranges) {
    const size_t colon = text.rfind(':');
    const std::string name = colon == std::string::npos ? "" : text.substr(0, colon);
    const std::string bounds = colon == std::string::npos ? text : text.substr(colon + 1);
    const size_t comma = bounds.find(',');
    const auto low = surgery::parse_double(std::string_view(bounds).substr(0, comma));
    const auto high =
        comma == std::string::npos ? std::nullopt : surgery::parse_double(std::string_view(bounds).substr(comma + 1));
    if (!low || !high || !(*low <= *high)) {
      throw Error(ErrorCode::kUsage, "--range: expected LOW,HIGH or NAME:LOW,HIGH, found " + surgery::quote(text));
    }
    spec.ranges[name] = {*low, *high};
  }
  return spec;
}

namespace {

exec::ImageOptions image_options(const InputArguments& arguments) {
  using Layout = exec::ImageOptions::Layout;
  exec::ImageOptions options = arguments.images;
  if (!arguments.layout.empty()) {
    options.layout = arguments.layout == "NHWC" ? Layout::kChannelsLast : Layout::kChannelsFirst;
  }
  options.is_bgr = arguments.channels == "bgr";
  options.resizes = !arguments.resize.empty();
  if (!options.resizes || arguments.resize == "declared") return options;
  const size_t at = arguments.resize.find('x');
  const auto height = surgery::parse_int(std::string_view(arguments.resize).substr(0, at));
  const auto width =
      at == std::string::npos ? std::nullopt : surgery::parse_int(std::string_view(arguments.resize).substr(at + 1));
  constexpr int64_t kMost = 1 << 14;
  if (!height || !width || *height < 1 || *width < 1 || *height > kMost || *width > kMost) {
    throw Error(ErrorCode::kUsage, "--resize: " + surgery::quote(arguments.resize) + " is no HEIGHTxWIDTH of 1 to " +
                                       std::to_string(kMost));
  }
  options.height = *height;
  options.width = *width;
  return options;
}

/// Whether the text is a value and not the name of a file: a list, an object, a string, a number or a keyword of JSON.
bool is_json_literal(const std::string& text) {
  const bool looks_so = text.starts_with('[') || text.starts_with('{') || text.starts_with('"') || text == "true" ||
                        text == "false" || text == "null" || surgery::parse_double(text);
  std::error_code error;
  return looks_so && !std::filesystem::exists(text, error);
}

}  // namespace

exec::Values InputArguments::load_given(const surgery::Model& model) const {
  exec::Values given;
  const exec::ImageOptions images_as = image_options(*this);
  for (const std::string& text : files) {
    if (text.find('=') == std::string::npos && std::filesystem::is_directory(text)) {
      for (auto& [name, value] : exec::load_data_set(model, text).inputs) given[name] = std::move(value);
      continue;
    }
    const auto [name, file] = split_pair(text, "--input");
    given[name] = is_json_literal(file)
                      ? parse_json_value(file, exec::find_input(model, name).type(), "input " + surgery::quote(name))
                      : exec::load_input(model, name, file, images_as);
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
