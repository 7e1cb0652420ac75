#include "surgery/journal.h"

#include <utility>

namespace surgery {

void Journal::begin_step(std::string_view action, std::string place, std::string detail) {
  steps_.push_back({std::string(action), std::move(place), std::move(detail)});
}

void Journal::correspond(std::string before, std::string after, std::string relation) {
  const auto step = static_cast<uint32_t>(steps_.empty() ? 0 : steps_.size() - 1);
  correspondences_.push_back({step, std::move(before), std::move(after), std::move(relation)});
}

}  // namespace surgery
