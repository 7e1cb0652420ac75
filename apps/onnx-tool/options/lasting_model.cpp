#include "options/lasting_model.h"

#include <memory>
#include <vector>

#include "surgery/io.h"

namespace app {

surgery::Model& load_lasting(const std::filesystem::path& path) {
  // Never destroyed, and always reachable from here.
  static auto& models = *new std::vector<std::unique_ptr<surgery::Model>>();  // NOLINT(cppcoreguidelines-owning-memory)
  return *models.emplace_back(surgery::load(path));
}

}  // namespace app
