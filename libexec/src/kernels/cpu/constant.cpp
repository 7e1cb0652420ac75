// Constant, ConstantOfShape, EyeLike, Range: tensors that come from attributes and small inputs.

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/packed.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The dense tensor with `sparse`'s values at its indices (linear ones [nnz], or coordinates [nnz, rank]).
Tensor densified(KernelContext& context, const surgery::SparseTensor& sparse) {
  const int64_t count = sparse.values.num_elements();
  const auto rank = static_cast<int64_t>(sparse.dims.size());
  const bool linear = sparse.indices.rank() == 1;
  const std::optional<std::vector<int64_t>> indices = sparse.indices.to_int64s(INT64_MAX);
  if (!indices || sparse.values.rank() != 1 ||
      static_cast<int64_t>(indices->size()) != (linear ? count : count * rank)) {
    context.fail("sparse value has indices of shape " + dims_text(sparse.indices.dims()) + " for " +
                 std::to_string(count) + " values of rank " + std::to_string(rank));
  }
  const DataType type = sparse.values.type();
  Tensor& dense = context.output(0, type, sparse.dims);
  const Dims strides = contiguous_strides(sparse.dims);
  const Tensor values = sparse.values.aligned();
  dispatch_movable(context, type, [&]<typename T>() {
    const std::span<const T> source = elements<T>(values);
    const std::span<T> target = mutable_elements<T>(dense);
    for (int64_t i = 0; i < count; ++i) {
      int64_t position = 0;
      bool inside = true;
      if (linear) {
        position = (*indices)[static_cast<size_t>(i)];
        inside = position >= 0 && position < dense.num_elements();
      } else {
        for (size_t axis = 0; axis < sparse.dims.size(); ++axis) {
          const int64_t index = (*indices)[static_cast<size_t>(i * rank) + axis];
          inside = inside && index >= 0 && index < sparse.dims[axis];
          if (inside) position += index * strides[axis];
        }
      }
      if (!inside) context.fail("an index of the sparse value is outside of " + dims_text(sparse.dims));
      target[static_cast<size_t>(position)] = source[static_cast<size_t>(i)];
    }
  });
  return dense;
}

void constant(KernelContext& context) {
  if (const Tensor* value = context.attr_tensor("value")) return context.set_output(0, value->aligned());
  const surgery::Attribute* found = nullptr;
  for (const char* name :
       {"value_float", "value_floats", "value_int", "value_ints", "value_string", "value_strings", "sparse_value"}) {
    if (found == nullptr) found = context.attribute(name);
  }
  if (found == nullptr) context.fail("no value is given");
  if (const auto* number = found->get_if<float>()) return context.set_output(0, Tensor::scalar(*number));
  if (const auto* number = found->get_if<int64_t>()) return context.set_output(0, Tensor::scalar(*number));
  if (const auto* text = found->get_if<std::string>()) return context.set_output(0, Tensor::from_strings({}, {*text}));
  if (const auto* numbers = found->get_if<std::vector<int64_t>>()) {
    return context.set_output(0, Tensor::vector(*numbers));
  }
  if (const auto* numbers = found->get_if<std::vector<float>>()) {
    const auto count = static_cast<int64_t>(numbers->size());
    return context.set_output(0, Tensor::from_values<float>(DataType::kFloat, {count}, *numbers));
  }
  if (const auto* texts = found->get_if<std::vector<std::string>>()) {
    return context.set_output(0, Tensor::from_strings({static_cast<int64_t>(texts->size())}, *texts));
  }
  if (const auto* sparse = found->get_if<surgery::SparseTensor>()) {
    densified(context, *sparse);
    return;
  }
  context.fail("the value's type does not go with its name");
}

void constant_of_shape(KernelContext& context) {
  const Dims dims = context.int_values(0);
  for (const int64_t dim : dims) {
    if (dim < 0) context.fail("shape " + dims_text(dims) + " has a negative dim");
  }
  const Tensor zero = Tensor::zeros(DataType::kFloat, {1});
  const Tensor* value = context.attr_tensor("value");
  if (value == nullptr) value = &zero;
  if (value->num_elements() != 1) {
    context.fail("value has " + std::to_string(value->num_elements()) + " elements, expected 1");
  }
  Tensor& output = context.output(0, value->type(), dims);
  const Tensor aligned = value->aligned();
  if (is_packed(value->type())) {
    const int width = surgery::bit_width(value->type());
    const uint8_t bits = read_packed(aligned.bytes().data(), 0, width);
    for (int64_t i = 0; i < output.num_elements(); ++i) write_packed(output.mutable_bytes().data(), i, width, bits);
    return;
  }
  dispatch_movable(context, value->type(), [&]<typename T>() {
    const T& element = elements<T>(aligned)[0];
    for (T& target : mutable_elements<T>(output)) target = element;
  });
}

/// The bits of 1 in a type, as the unsigned word that dispatch_movable() moves.
template <typename T>
T one_of(DataType type) {
  const auto bits_of = [](auto number) {
    T word{};
    static_assert(sizeof(number) <= sizeof(Word128));
    std::memcpy(&word, &number, std::min(sizeof(word), sizeof(number)));
    return word;
  };
  switch (type) {
    case DataType::kFloat:
      return bits_of(1.0F);
    case DataType::kDouble:
      return bits_of(1.0);
    case DataType::kFloat16:
      return bits_of(uint16_t{0x3c00});
    case DataType::kBfloat16:
      return bits_of(uint16_t{0x3f80});
    default:
      return bits_of(uint64_t{1});
  }
}

void eye_like(KernelContext& context) {
  require_rank(context, 0, 2);
  const Tensor& like = context.input(0);
  const auto type = static_cast<DataType>(context.attr_int("dtype", static_cast<int64_t>(like.type())));
  if (!is_valid(type) || ((kFloats | kInts | kBools) & type_bit(type)) == 0) {
    context.unsupported("element type " + std::to_string(static_cast<int64_t>(type)) + " is not supported");
  }
  const int64_t k = context.attr_int("k", 0);
  const int64_t rows = like.dims()[0];
  const int64_t columns = like.dims()[1];
  Tensor& output = context.output(0, type, like.dims());
  dispatch_movable(context, type, [&]<typename T>() {
    if constexpr (std::is_integral_v<T>) {
      const std::span<T> target = output.mutable_values<T>();
      for (int64_t row = 0; row < rows; ++row) {
        if (k < -row || k >= columns - row) continue;
        target[static_cast<size_t>(row * columns + row + k)] = one_of<T>(type);
      }
    }
  });
}

void range(KernelContext& context) {
  const Tensor& start = context.input(0);
  for (size_t i = 0; i < 3; ++i) {
    const Tensor& input = context.input(i);
    if (input.num_elements() != 1 || input.type() != start.type()) {
      context.fail("input " + std::to_string(i) + " is no scalar of the type of input 0");
    }
  }
  dispatch<float, double, int16_t, int32_t, int64_t>(context, start.type(), [&]<typename T>() {
    const T first = start.values<T>()[0];
    const T limit = context.input(1).values<T>()[0];
    const T delta = context.input(2).values<T>()[0];
    if (delta == T{0}) context.fail("delta is 0");
    int64_t count = 0;
    if constexpr (std::is_integral_v<T>) {
      // Unsigned, since limit - start may not fit.
      const bool up = delta > 0;
      if (up ? limit > first : limit < first) {
        const uint64_t span = up ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(first)
                                 : static_cast<uint64_t>(first) - static_cast<uint64_t>(limit);
        const uint64_t step = up ? static_cast<uint64_t>(delta) : 0 - static_cast<uint64_t>(delta);
        const uint64_t steps = (span - 1) / step + 1;
        count = steps > static_cast<uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(steps);
      }
    } else {
      const double steps =
          std::ceil((static_cast<double>(limit) - static_cast<double>(first)) / static_cast<double>(delta));
      if (std::isnan(steps) || steps >= 0x1p62) context.fail("the number of elements is not finite");
      count = steps > 0 ? static_cast<int64_t>(steps) : 0;
    }
    const std::span<T> target = context.output(0, start.type(), {count}).template mutable_values<T>();
    for (size_t i = 0; i < target.size(); ++i) {
      if constexpr (std::is_integral_v<T>) {
        target[i] = static_cast<T>(static_cast<uint64_t>(first) + i * static_cast<uint64_t>(delta));
      } else {
        target[i] = first + static_cast<T>(i) * delta;
      }
    }
  });
}

constexpr Kernel kKernels[] = {
    {"Constant", "", 1, kLatest, kAllTypes, -1, constant},
    {"ConstantOfShape", "", 9, kLatest, kInts, 0, constant_of_shape},
    {"EyeLike", "", 9, kLatest, kFloats | kInts | kBools, 0, eye_like},
    {"Range", "", 11, kLatest, kFullFloats | type_mask({DataType::kInt16, DataType::kInt32, DataType::kInt64}), 0,
     range},
    {"Range", "", 11, kLatest, kHalfFloats, 0, widened<range>},
};

}  // namespace

std::span<const Kernel> constant_kernels() { return kKernels; }

}  // namespace exec::cpu
