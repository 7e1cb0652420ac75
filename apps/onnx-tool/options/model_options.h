#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "exec/inputs.h"
#include "exec/parity.h"
#include "exec/verify.h"
#include "surgery/io.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace app {

/// --threads, --max-memory and --max-iterations, and --mode for the commands that have it.
struct RuntimeArguments {
  int threads = 0;
  uint64_t max_memory_bytes = 0;
  int64_t max_iterations = exec::RunOptions().max_iterations;
  std::string mode = "exact";

  void add_to(CLI::App& command);
  void add_mode_to(CLI::App& command);
  exec::RunOptions to_options() const;
};

/// --input, --seed, --range, --dim and those for images: where the values of graph inputs come from.
struct InputArguments {
  std::vector<std::string> files;  ///< "x=FILE" or a folder
  uint64_t seed = 0;
  std::vector<std::string> dims;    ///< "N=2"
  std::vector<std::string> ranges;  ///< "0,1" or "x:0,1"
  exec::ImageOptions images;
  std::string layout;
  std::string channels = "rgb";
  std::string resize;

  void add_to(CLI::App& command);
  exec::InputSpec to_spec() const;
  /// The values of the files, each loaded for the input of `model` that it names.
  /// A folder among the files is a data set: its input_K.pb are the K-th inputs.
  exec::Values load_given(const surgery::Model& model) const;
};

/// --rtol and --atol, each X for all tensors or NAME:X for one.
struct ToleranceArguments {
  std::vector<std::string> rtol;
  std::vector<std::string> atol;

  void add_to(CLI::App& command);
  /// What holds for every tensor; nothing when neither option has a bare value.
  std::optional<exec::Tolerance> to_default() const;
  std::map<std::string, exec::Tolerance, std::less<>> to_per_tensor() const;
};

/// --verify and what it runs on, for commands that write a model.
struct VerifyArguments {
  std::string mode = "auto";
  InputArguments inputs;
  ToleranceArguments tolerance;
  RuntimeArguments runtime;

  void add_to(CLI::App& command);
  /// Nothing with --verify off. `model` is the file that --input files are loaded for.
  std::optional<exec::VerifyOptions> to_options(const std::filesystem::path& model) const;
};

/// --external-data, --inline, --reuse-data, --threshold and --fsync, for commands that write a model.
struct SaveArguments {
  CLI::Option* external_data = nullptr;
  std::string data_file;  ///< "": named after the model
  bool is_inline = false;
  bool reuses_data = false;
  uint64_t threshold_bytes = 1024;
  bool fsync = false;

  void add_to(CLI::App& command);
  /// Whether something is asked for that changes the file even where no edit does.
  bool places_weights() const;
  surgery::SaveOptions to_options() const;
};

/// "a=b" split at the first '='; Error(kUsage) naming the option when there is none or a side is empty.
std::pair<std::string, std::string> split_pair(const std::string& text, std::string_view option);

}  // namespace app
