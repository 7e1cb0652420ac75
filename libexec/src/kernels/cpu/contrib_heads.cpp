#include "kernels/cpu/contrib_heads.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace exec::cpu::contrib {

void refuse_input(const KernelContext& context, size_t input, const char* name) {
  if (context.has_input(input)) context.unsupported("input '" + std::string(name) + "' is not supported");
}

void refuse_attribute(const KernelContext& context, const char* name, int64_t neutral) {
  if (context.attr_int(name, neutral) != neutral) {
    context.unsupported("attribute '" + std::string(name) + "' is not supported");
  }
}

int64_t read_heads(const KernelContext& context, const char* name) {
  const int64_t heads = context.attr_int(name, 0);
  if (heads < 1 || heads > int64_t{1} << 20) {
    context.fail("attribute '" + std::string(name) + "' is " + std::to_string(heads) + ", expected a positive number");
  }
  return heads;
}

int64_t share(const KernelContext& context, int64_t hidden, int64_t heads) {
  if (hidden % heads != 0) {
    context.fail("rows of " + std::to_string(hidden) + " elements cannot be shared by " + std::to_string(heads) +
                 " heads");
  }
  return hidden / heads;
}

template <typename T>
T read_scale(const KernelContext& context, int64_t head_size) {
  const auto scale = static_cast<T>(context.attr_float("scale", 0));
  return scale != 0 ? scale : 1 / std::sqrt(static_cast<T>(std::max<int64_t>(head_size, 1)));
}
template float read_scale(const KernelContext& context, int64_t head_size);
template double read_scale(const KernelContext& context, int64_t head_size);

template <typename T>
void place_rows(const HeadRows<const T>& from, int64_t batch, int64_t heads, int64_t rows, int64_t size, const T* bias,
                int64_t first, Tensor& target) {
  if (target.num_elements() == 0) return;
  const int64_t all = target.dims()[2];
  T* to = target.mutable_values<T>().data();
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t row = 0; row < rows; ++row) {
        const T* source = from.at(b, h, row);
        T* place = to + ((b * heads + h) * all + first + row) * size;
        for (int64_t i = 0; i < size; ++i) place[i] = source[i] + (bias == nullptr ? 0 : bias[h * size + i]);
      }
    }
  }
}

template void place_rows(const HeadRows<const float>& from, int64_t batch, int64_t heads, int64_t rows, int64_t size,
                         const float* bias, int64_t first, Tensor& target);
template void place_rows(const HeadRows<const double>& from, int64_t batch, int64_t heads, int64_t rows, int64_t size,
                         const double* bias, int64_t first, Tensor& target);

}  // namespace exec::cpu::contrib
