#include "exec/inputs.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;

Tensor pick(const std::filesystem::path& path, std::string_view key, bool key_is_required) {
  std::vector<std::pair<std::string, Tensor>> arrays = surgery::load_npz(path);
  std::vector<std::string> names;
  for (auto& [name, tensor] : arrays) {
    if (name == key) return std::move(tensor);
    names.push_back(name);
  }
  if (!key_is_required && arrays.size() == 1) return std::move(arrays[0].second);
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + surgery::quote(name);
  throw Error(ErrorCode::kUsage, surgery::escape(path.string()) + ": no array " + surgery::quote(key) +
                                     "; the archive holds " + (listed.empty() ? "none" : listed));
}

}  // namespace

Tensor load_tensor(std::string_view file, std::string_view preferred) {
  const std::filesystem::path path(file);
  if (path.extension() == ".npy") return surgery::load_npy(path);
  if (path.extension() == ".npz") return pick(path, preferred, false);
  // "FILE.npz:KEY": the last ".npz:" splits, since keys hold no such thing and paths rarely do.
  const size_t at = file.rfind(".npz:");
  if (at != std::string_view::npos) {
    const size_t end = at + std::string_view(".npz").size();
    return pick(std::filesystem::path(file.substr(0, end)), file.substr(end + 1), true);
  }
  throw Error(ErrorCode::kUsage,
              surgery::escape(file) + ": expected a .npy or .npz file, or FILE.npz:KEY for one array of an archive");
}

}  // namespace exec
