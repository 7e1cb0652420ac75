// ScatterElements (and Scatter, its old name), ScatterND, TensorScatter: a copy of a tensor with some elements replaced
// by or combined with updates. Updates are applied in order, so of several to one place the last one stands.

#include <algorithm>
#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/indices.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

enum class Reduction { kNone, kAdd, kMul, kMin, kMax };

Reduction reduction_of(const KernelContext& context) {
  const std::string name = context.attr_string("reduction", "none");
  if (name == "none") return Reduction::kNone;
  if (name == "add") return Reduction::kAdd;
  if (name == "mul") return Reduction::kMul;
  if (name == "min") return Reduction::kMin;
  if (name == "max") return Reduction::kMax;
  context.fail("reduction is '" + name + "', expected none, add, mul, min or max");
}

template <typename T>
T combined(Reduction reduction, T a, T b) {
  switch (reduction) {
    case Reduction::kNone:
      return b;
    case Reduction::kAdd:
      if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
      return static_cast<T>(a + b);
    case Reduction::kMul:
      if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
      return static_cast<T>(a * b);
    case Reduction::kMin:
      return b < a || is_nan(b) ? b : a;
    case Reduction::kMax:
      return b > a || is_nan(b) ? b : a;
  }
  return b;
}

/// Calls `place(target, source, combine)` with the data's copy and the updates as T; combine(old, new) gives what is
/// stored. Types that cannot be combined are only moved.
template <typename Place>
void with_elements(KernelContext& context, Reduction reduction, const Tensor& updates, Tensor& output, Place place) {
  const auto run = [&]<typename T>(auto combine) {
    place(mutable_elements<T>(output).data(), elements<T>(updates).data(), combine);
  };
  if (reduction == Reduction::kNone) {
    return dispatch_movable(context, output.type(), [&]<typename T>() {
      run.template operator()<T>([](T& old, const T& value) { old = value; });
    });
  }
  dispatch_numbers(context, output.type(), [&]<typename T>() {
    run.template operator()<T>([reduction](T& old, const T& value) { old = combined(reduction, old, value); });
  });
}

/// Output 0 as a copy of input 0.
Tensor& copied_input(KernelContext& context) {
  const Tensor& data = context.input(0);
  Tensor& output = context.output(0, data.type(), data.dims());
  dispatch_movable(context, data.type(), [&]<typename T>() {
    const std::span<const T> source = elements<T>(data);
    std::copy(source.begin(), source.end(), mutable_elements<T>(output).begin());
  });
  return output;
}

void require_type(const KernelContext& context, const Tensor& updates) {
  if (updates.type() == context.input(0).type()) return;
  context.fail("updates are " + std::string(to_string(updates.type())) + ", expected the data's " +
               std::string(to_string(context.input(0).type())));
}

void scatter_elements(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& index_tensor = context.input(1);
  const Tensor& updates = context.input(2);
  require_type(context, updates);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  require_indices_fit(context, data, index_tensor, axis);
  if (updates.dims() != index_tensor.dims()) {
    context.fail("updates have shape " + dims_text(updates.dims()) + ", expected that of the indices, " +
                 dims_text(index_tensor.dims()));
  }
  const std::vector<int64_t> indices = read_indices(context, 1, data.dims()[static_cast<size_t>(axis)]);
  const Reduction reduction = reduction_of(context);
  Tensor& output = copied_input(context);
  const Dims& dims = index_tensor.dims();
  const Dims strides = contiguous_strides(data.dims());
  with_elements(context, reduction, updates, output, [&](auto* target, const auto* source, auto combine) {
    Dims place(dims.size(), 0);
    for (size_t i = 0; i < indices.size(); ++i) {
      int64_t offset = indices[i] * strides[static_cast<size_t>(axis)];
      for (size_t k = 0; k < dims.size(); ++k) {
        if (static_cast<int64_t>(k) != axis) offset += place[k] * strides[k];
      }
      combine(target[offset], source[i]);
      for (size_t k = dims.size(); k-- > 0 && ++place[k] == dims[k];) place[k] = 0;
    }
  });
}

void scatter_nd(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Tensor& index_tensor = context.input(1);
  const Tensor& updates = context.input(2);
  require_type(context, updates);
  const IndexTuples tuples = read_index_tuples(context, data, 1, 0);
  Dims wanted(index_tensor.dims().begin(), index_tensor.dims().end() - 1);
  wanted.insert(wanted.end(), data.dims().begin() + tuples.length, data.dims().end());
  if (updates.dims() != wanted) {
    context.fail("updates have shape " + dims_text(updates.dims()) + ", expected " + dims_text(wanted));
  }
  const Reduction reduction = reduction_of(context);
  Tensor& output = copied_input(context);
  with_elements(context, reduction, updates, output, [&](auto* target, const auto* source, auto combine) {
    for (const int64_t offset : tuples.offsets) {
      for (int64_t i = 0; i < tuples.inner; ++i) combine(target[offset + i], *source++);
    }
  });
}

/// Writes `update` [batch, ..., sequence, ...] into the cache [batch, ..., max_sequence, ...] from write_indices[batch]
/// on.
void tensor_scatter(KernelContext& context) {
  const Tensor& cache = context.input(0);
  const Tensor& update = context.input(1);
  require_type(context, update);
  const int64_t axis = normal_axis(context, context.attr_int("axis", -2), cache.rank());
  if (axis == 0) context.fail("axis 0 is the batch, it cannot be written along");
  const std::string mode = context.attr_string("mode", "linear");
  if (mode != "linear" && mode != "circular") context.fail("mode is '" + mode + "', expected linear or circular");
  const auto index = static_cast<size_t>(axis);
  Dims wanted = cache.dims();
  const int64_t length = wanted[index];
  if (update.rank() == cache.rank()) wanted[index] = update.dims()[index];
  if (update.dims() != wanted || wanted[index] > length) {
    context.fail("the update of shape " + dims_text(update.dims()) + " does not fit the cache of shape " +
                 dims_text(cache.dims()) + " along axis " + std::to_string(axis));
  }
  const int64_t batches = cache.dims()[0];
  std::vector<int64_t> starts(static_cast<size_t>(batches), 0);
  if (context.has_input(2)) starts = context.int_values(2);
  if (static_cast<int64_t>(starts.size()) != batches) {
    context.fail("there are " + std::to_string(starts.size()) + " write indices for " + std::to_string(batches) +
                 " batches");
  }
  const int64_t steps = wanted[index];
  for (const int64_t start : starts) {
    if (start < 0 || (mode == "linear" && start > length - steps) || (length > 0 && start >= length && steps > 0)) {
      context.fail("write index " + std::to_string(start) + " is out of range for a cache of length " +
                   std::to_string(length));
    }
  }
  Tensor& output = copied_input(context);
  const int64_t rows = product(cache.dims(), 1, axis);
  const int64_t inner = product(cache.dims(), axis + 1, cache.rank());
  if (update.num_elements() == 0) return;
  dispatch_movable(context, cache.type(), [&]<typename T>() {
    const T* source = elements<T>(update).data();
    T* target = mutable_elements<T>(output).data();
    for (int64_t row = 0; row < batches * rows; ++row) {
      const int64_t start = starts[static_cast<size_t>(row / rows)];
      for (int64_t step = 0; step < steps; ++step, source += inner) {
        std::copy_n(source, inner, target + (row * length + (start + step) % length) * inner);
      }
    }
  });
}

constexpr Kernel kKernels[] = {
    {"Scatter", "", 9, kLatest, kMovableTypes, 0, scatter_elements},
    {"ScatterElements", "", 11, 15, kMovableTypes, 0, scatter_elements},
    {"ScatterElements", "", 16, kLatest, kMovableTypes & ~kHalfFloats, 0, scatter_elements},
    {"ScatterElements", "", 16, kLatest, kHalfFloats, 0, widened<scatter_elements>},
    {"ScatterND", "", 11, 15, kMovableTypes, 0, scatter_nd},
    {"ScatterND", "", 16, kLatest, kMovableTypes & ~kHalfFloats, 0, scatter_nd},
    {"ScatterND", "", 16, kLatest, kHalfFloats, 0, widened<scatter_nd>},
    {"TensorScatter", "", 24, kLatest, kMovableTypes, 0, tensor_scatter},
    {"TensorScatter", "", 24, kLatest, kPackedTypes, 0, unpacked<tensor_scatter>},
};

}  // namespace

std::span<const Kernel> scatter_kernels() { return kKernels; }

}  // namespace exec::cpu
