// Trilu: the upper or lower triangle of each matrix, 0 elsewhere.

#include <algorithm>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

void trilu(KernelContext& context) {
  const Tensor& data = context.input(0);
  if (data.rank() < 2) context.fail("input 0 has rank " + std::to_string(data.rank()) + ", expected 2 or more");
  const bool upper = context.attr_int("upper", 1) != 0;
  int64_t k = 0;
  if (context.has_input(1)) {
    const std::vector<int64_t> values = context.int_values(1);
    if (values.size() != 1) context.fail("k has " + std::to_string(values.size()) + " elements, expected 1");
    k = values[0];
  }
  Tensor& output = context.output(0, data.type(), data.dims());
  if (data.num_elements() == 0) return;
  const int64_t rows = data.dims()[data.dims().size() - 2];
  const int64_t columns = data.dims().back();
  k = std::clamp(k, -rows - 1, columns + 1);
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const T* source = elements<T>(data).data();
    T* target = mutable_elements<T>(output).data();
    for (int64_t row = 0; row < data.num_elements() / columns; ++row) {
      // Columns from row + k on belong to the upper triangle, those up to it to the lower one.
      const int64_t diagonal = row % rows + k;
      const int64_t first = upper ? std::clamp<int64_t>(diagonal, 0, columns) : 0;
      const int64_t last = upper ? columns : std::clamp<int64_t>(diagonal + 1, 0, columns);
      std::copy(source + row * columns + first, source + row * columns + last, target + row * columns + first);
    }
  });
}

constexpr Kernel kKernels[] = {{"Trilu", "", 14, kLatest, kMovableTypes, 0, trilu}};

}  // namespace

std::span<const Kernel> trilu_kernels() { return kKernels; }

}  // namespace exec::cpu
