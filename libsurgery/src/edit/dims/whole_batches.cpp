#include "edit/dims/whole_batches.h"

namespace surgery::dims {

std::optional<WholeBatches> whole_batches(const Value& value, size_t axis, const Mender& mender) {
  const Factors factors = mender.factors(&value, axis);
  if (factors.size() != 2 || !factors[0].is_known() || !factors[1].is_plain_symbol()) return std::nullopt;
  const Dim size = mender.before(factors[1]);
  if (!mender.is_freed(factors[1]) || !size.is_known() || size.value() < 1) return std::nullopt;
  return WholeBatches{factors[0].value(), factors[1], size.value()};
}

}  // namespace surgery::dims
