#include <algorithm>
#include <string>

#include "exec/parity.h"

namespace exec {
namespace {

Difference unlike(std::string reason) {
  Difference difference;
  difference.within = false;
  difference.reason = std::move(reason);
  difference.num_outside = 1;
  difference.num_elements = 1;
  return difference;
}

/// Adds what one element of a sequence or map showed; the first reason stays.
void add(const Difference& part, const std::string& place, Difference& total) {
  if (!part.within && total.within && !part.reason.empty()) total.reason = place + ": " + part.reason;
  total.within = total.within && part.within;
  total.max_abs = std::max(total.max_abs, part.max_abs);
  total.max_rel = std::max(total.max_rel, part.max_rel);
  total.cosine = std::min(total.cosine, part.cosine);
  total.num_elements += part.num_elements;
  total.num_outside += part.num_outside;
}

Difference compare_sequences(const Sequence& actual, const Sequence& expected, const ToleranceOf& tolerance_of) {
  if (actual.elements.size() != expected.elements.size()) {
    return unlike("a sequence of " + std::to_string(actual.elements.size()) + ", expected one of " +
                  std::to_string(expected.elements.size()));
  }
  Difference total;
  for (size_t i = 0; i < actual.elements.size(); ++i) {
    add(compare_values(actual.elements[i], expected.elements[i], tolerance_of), "element " + std::to_string(i), total);
  }
  return total;
}

Difference compare_maps(const Map& actual, const Map& expected, const ToleranceOf& tolerance_of) {
  if (!identical(actual.keys, expected.keys)) return unlike("a map with other keys");
  Difference total;
  add(compare_values(actual.values, expected.values, tolerance_of), "values", total);
  return total;
}

}  // namespace

Difference compare_values(const Datum& actual, const Datum& expected, const ToleranceOf& tolerance_of) {
  if (actual.is_tensor() && expected.is_tensor()) {
    return compare(actual.tensor(), expected.tensor(), tolerance_of(expected.tensor().type()));
  }
  if (actual.is_sequence() && expected.is_sequence()) {
    return compare_sequences(actual.sequence(), expected.sequence(), tolerance_of);
  }
  if (actual.is_map() && expected.is_map()) return compare_maps(actual.map(), expected.map(), tolerance_of);
  if (actual.is_nothing() && expected.is_nothing()) return {};
  return unlike("is " + to_string(actual.type()) + ", expected " + to_string(expected.type()));
}

}  // namespace exec
