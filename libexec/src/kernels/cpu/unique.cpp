// Unique: the distinct elements, or the distinct slices along an axis, with where they are and how often.

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Items are slices of `rows` x `inner` elements; element (row, i) of item k lies at (row * length + k) * inner + i.
struct Items {
  int64_t rows;
  int64_t length;
  int64_t inner;
};

/// -1, 0, 1 as item a comes before, equals or comes after item b, element by element.
template <typename T>
int compare_items(const Items& items, const T* source, int64_t a, int64_t b) {
  for (int64_t row = 0; row < items.rows; ++row) {
    const T* x = source + (row * items.length + a) * items.inner;
    const T* y = source + (row * items.length + b) * items.inner;
    for (int64_t i = 0; i < items.inner; ++i) {
      if (x[i] < y[i]) return -1;
      if (y[i] < x[i]) return 1;
      // NaNs come last and are all one.
      if constexpr (std::is_floating_point_v<T>) {
        const bool x_nan = is_nan(x[i]);
        const bool y_nan = is_nan(y[i]);
        if (x_nan != y_nan) return x_nan ? 1 : -1;
      }
    }
  }
  return 0;
}

struct Found {
  std::vector<int64_t> first;    ///< per distinct item, where it is first
  std::vector<int64_t> inverse;  ///< per item, which distinct one it is
  std::vector<int64_t> counts;
};

template <typename T>
Found find_unique(const Items& items, const T* source, bool sorted) {
  std::vector<int64_t> order(static_cast<size_t>(items.length));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return compare_items(items, source, a, b) < 0; });
  Found found;
  found.inverse.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || compare_items(items, source, order[i - 1], order[i]) != 0) {
      found.first.push_back(order[i]);
      found.counts.push_back(0);
    }
    ++found.counts.back();
    found.inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(found.first.size()) - 1;
  }
  if (sorted) return found;
  // In the order of first appearance instead.
  std::vector<int64_t> ranks(found.first.size());
  std::iota(ranks.begin(), ranks.end(), 0);
  std::sort(ranks.begin(), ranks.end(), [&](int64_t a, int64_t b) {
    return found.first[static_cast<size_t>(a)] < found.first[static_cast<size_t>(b)];
  });
  Found ordered;
  std::vector<int64_t> place(ranks.size());
  for (size_t i = 0; i < ranks.size(); ++i) {
    const auto rank = static_cast<size_t>(ranks[i]);
    ordered.first.push_back(found.first[rank]);
    ordered.counts.push_back(found.counts[rank]);
    place[rank] = static_cast<int64_t>(i);
  }
  for (const int64_t item : found.inverse) ordered.inverse.push_back(place[static_cast<size_t>(item)]);
  return ordered;
}

/// The elements, each as kParts numbers of type T: 2 for complex ones, the real part first.
template <typename T, int64_t kParts>
const T* parts_of(const Tensor& tensor) {
  if constexpr (kParts == 1) {
    return elements<T>(tensor).data();
  } else {
    return reinterpret_cast<const T*>(tensor.bytes().data());
  }
}

template <typename T, int64_t kParts>
T* mutable_parts_of(Tensor& tensor) {
  if constexpr (kParts == 1) {
    return mutable_elements<T>(tensor).data();
  } else {
    return reinterpret_cast<T*>(tensor.mutable_bytes().data());
  }
}

/// `kParts`: numbers of type T that make an element, which are compared in their order.
template <typename T, int64_t kParts = 1>
void run_unique(KernelContext& context) {
  const Tensor& data = context.input(0);
  const bool flattens = context.attribute("axis") == nullptr;
  const bool sorted = context.attr_int("sorted", 1) != 0;
  Dims dims = flattens ? Dims{data.num_elements()} : data.dims();
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t axis = flattens ? 0 : normal_axis(context, context.attr_int("axis", 0), rank);
  const auto index = static_cast<size_t>(axis);
  // Slices without elements are all equal: no rows to compare or copy, however many the dims say.
  const int64_t rows = data.num_elements() == 0 ? 0 : product(dims, 0, axis);
  const Items items{rows, dims[index], product(dims, axis + 1, rank) * kParts};
  const T* source = parts_of<T, kParts>(data);
  const Found found = find_unique(items, source, sorted);
  dims[index] = static_cast<int64_t>(found.first.size());
  Tensor& output = context.output(0, data.type(), dims);
  T* target = mutable_parts_of<T, kParts>(output);
  for (int64_t row = 0; row < items.rows; ++row) {
    for (const int64_t item : found.first) {
      target = std::copy_n(source + (row * items.length + item) * items.inner, items.inner, target);
    }
  }
  if (context.has_output(1)) context.set_output(1, Tensor::vector(found.first));
  if (context.has_output(2)) context.set_output(2, Tensor::vector(found.inverse));
  if (context.has_output(3)) context.set_output(3, Tensor::vector(found.counts));
}

void unique(KernelContext& context) {
  const DataType type = context.input(0).type();
  if (type == DataType::kBool) return run_unique<uint8_t>(context);
  // As numpy orders them: by the real part, then by the imaginary one.
  if (type == DataType::kComplex64) return run_unique<float, 2>(context);
  if (type == DataType::kComplex128) return run_unique<double, 2>(context);
  dispatch<float, double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, std::string>(
      context, type, [&]<typename T>() { run_unique<T>(context); });
}

constexpr Kernel kKernels[] = {
    {"Unique", "", 11, kLatest, kFullFloats | kInts | kBools | kStrings | kComplexes, 0, unique},
    {"Unique", "", 11, kLatest, kHalfFloats, 0, widened<unique>},
};

}  // namespace

std::span<const Kernel> unique_kernels() { return kKernels; }

}  // namespace exec::cpu
