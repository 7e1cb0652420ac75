#pragma once

#include <filesystem>

#include "surgery/model.h"

namespace app {

/// A model that stays until the process ends: freeing 100,000 nodes one by one takes longer than some commands do. For
/// the models that a command was given, a handful at most.
surgery::Model& load_lasting(const std::filesystem::path& path);

}  // namespace app
