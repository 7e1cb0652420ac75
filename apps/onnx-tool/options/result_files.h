#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "exec/datum.h"
#include "exec/parity.h"
#include "surgery/model.h"

namespace app {

/// Where the results of a run go: a .npz or .npy file, or, with a format, a folder with a file output_N for each.
struct ResultFiles {
  std::string path;
  std::string format;  ///< "pb", "npy", "json", or "" for a file

  /// Throws Error(kUsage) for a path that fits no form. Before anything is run.
  void require_form() const;
  /// Writes them in the order of `names`. Of an oracle run, `doubles` has those that are kept as double: they become
  /// arrays NAME@double of a .npz file, files output_N@double of a folder. Throws Error: kUsage for what the form
  /// cannot hold, kWrite.
  void save(const surgery::Model& model, const std::vector<std::string>& names, const exec::Values& results,
            const exec::Values& doubles) const;
};

/// Sentences on where the results differ from those recorded: a folder with output_0.pb (or .npy), ..., in the order of
/// the graph outputs, or a .npz file with arrays by name. Throws Error(kRead) where nothing is recorded.
std::vector<std::string> differences_from(const std::filesystem::path& recorded, const surgery::Model& model,
                                          const exec::Values& results, const exec::ToleranceOf& tolerance_of);

}  // namespace app
