#include <algorithm>
#include <tuple>

#include "surgery/text.h"

namespace surgery {
namespace {

// Beyond this length nobody has typed the name, and what it costs to compare names is bounded.
constexpr size_t kMaxLength = 256;
// As far off as a misspelt name may be.
constexpr size_t kMaxDistance = 6;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// The number of insertions, deletions and replacements between two texts, or limit + 1 when it is over `limit`. Looks
/// only at the diagonal band that a distance within the limit can touch. `row` is working space.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit, std::vector<size_t>& row) {
  const size_t beyond = limit + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return beyond;
  row.resize(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = std::min(j, beyond);
  for (size_t i = 1; i <= a.size(); ++i) {
    const size_t first = i > limit ? i - limit : 1;
    const size_t last = std::min(b.size(), i + limit);
    size_t diagonal = row[first - 1];  // of the row above
    size_t left = first == 1 ? i : beyond;
    size_t smallest = left;
    row[first - 1] = left;
    for (size_t j = first; j <= last; ++j) {
      const size_t above = j < i + limit ? row[j] : beyond;
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      left = std::min({replaced, above + 1, left + 1, beyond});
      row[j] = left;
      smallest = std::min(smallest, left);
    }
    if (smallest > limit) return beyond;
  }
  return std::min(row[b.size()], beyond);
}

}  // namespace

std::vector<std::string> nearest(std::string_view name, std::span<const std::string> candidates, size_t count) {
  if (name.empty() || name.size() > kMaxLength || count == 0) return {};
  const std::string wanted = lower(name);
  const size_t limit = std::min(kMaxDistance, (wanted.size() + 2) / 3);

  // Best first: names a few letters off, by distance; then names that contain the wanted one or are contained in it, by
  // how much longer they are. Equals keep the order of the candidates.
  using Rank = std::tuple<bool, size_t, size_t>;  // by containment, distance, index
  std::vector<Rank> best;
  std::vector<size_t> row;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].empty() || candidates[i].size() > kMaxLength) continue;
    const bool full = best.size() == count;
    const size_t bound = full && !std::get<0>(best.back()) ? std::get<1>(best.back()) : limit;
    const std::string candidate = lower(candidates[i]);
    const size_t distance = edit_distance(wanted, candidate, bound, row);
    Rank rank{false, distance, i};
    if (distance > bound) {
      const bool contained = (wanted.size() >= 3 && candidate.find(wanted) != std::string::npos) ||
                             (candidate.size() >= 3 && wanted.find(candidate) != std::string::npos);
      if (!contained) continue;
      const size_t longer = std::max(candidate.size(), wanted.size()) - std::min(candidate.size(), wanted.size());
      rank = {true, longer, i};
    }
    if (full && best.back() < rank) continue;
    const bool known = std::any_of(best.begin(), best.end(),
                                   [&](const Rank& other) { return candidates[std::get<2>(other)] == candidates[i]; });
    if (known) continue;
    if (full) best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), rank), rank);
  }
  std::vector<std::string> names;
  names.reserve(best.size());
  for (const auto& [contained, distance, index] : best) {
    // Beside a name that is nearly right, one that is much farther off is noise.
    const bool as_near = contained == std::get<0>(best[0]) && (contained || distance <= std::get<1>(best[0]) + 1);
    if (as_near) names.push_back(candidates[index]);
  }
  return names;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  std::string text;
  for (const std::string& candidate : nearest(name, candidates)) {
    text += text.empty() ? "; did you mean " : ", ";
    text += quote(candidate);
  }
  return text.empty() ? text : text + "?";
}

}  // namespace surgery
