// Einsum: operands are contracted from left to right, each pair as a batch of matrix products.

#include <algorithm>
#include <string>
#include <type_traits>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/copy.h"
#include "kernels/cpu/einsum_equation.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// A tensor seen with one axis per label: strides 0 where it is repeated, sums of strides on a diagonal.
struct Operand {
  std::vector<int> labels;
  Dims strides;
  Tensor tensor;

  bool has(int label) const { return std::find(labels.begin(), labels.end(), label) != labels.end(); }
};

/// C[p] = A[p] * B[p] for contiguous matrices; C is 0 before.
template <typename T>
void multiply_batch(const T* a, const T* b, T* c, int64_t count, int64_t m, int64_t n, int64_t k) {
  if constexpr (std::is_floating_point_v<T>) {
    const MatrixProduct<T> shape{.m = m, .n = n, .k = k, .lda = k, .ldb = n, .ldc = n};
    const int64_t tiles = num_tiles(shape);
    parallel_for(count * tiles, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t index = task / tiles;
        MatrixProduct<T> product = shape;
        product.a = a + index * m * k;
        product.b = b + index * k * n;
        product.c = c + index * m * n;
        multiply_tile(product, task % tiles);
      }
    });
  } else {
    parallel_for(count * m, 64, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* left = a + row * k;
        const T* right = b + row / m * k * n;
        for (int64_t p = 0; p < k; ++p) {
          for (int64_t j = 0; j < n; ++j) c[row * n + j] += left[p] * right[p * n + j];
        }
      }
    });
  }
}

template <typename T>
class Contraction {
 public:
  Contraction(KernelContext& context, const EinsumEquation& equation, DataType type)
      : context_(context), equation_(equation), type_(type) {}

  Tensor run() {
    Operand sum = read(0);
    for (size_t next = 1; next < equation_.inputs.size(); ++next) sum = contract(sum, read(next), next);
    sum = without(sum, [&](int label) { return equation_.is_in_output(label); });
    return packed(sum, equation_.output);
  }

 private:
  int64_t extent(int label) const { return equation_.extents.at(label); }
  Dims extents(const std::vector<int>& labels) const {
    Dims result;
    for (const int label : labels) result.push_back(extent(label));
    return result;
  }
  int64_t count(const std::vector<int>& labels) const {
    int64_t result = 1;
    for (const int label : labels) result = checked_mul(context_, result, extent(label));
    return result;
  }

  Operand read(size_t index) const {
    const Tensor& input = context_.input(index);
    Operand operand;
    operand.tensor = cast_tensor(context_, input, type_);
    const Dims strides = contiguous_strides(input.dims());
    for (size_t axis = 0; axis < strides.size(); ++axis) {
      const int label = equation_.inputs[index][axis];
      const int64_t stride = input.dims()[axis] == 1 ? 0 : strides[axis];
      const auto found = std::find(operand.labels.begin(), operand.labels.end(), label);
      if (found == operand.labels.end()) {
        operand.labels.push_back(label);
        operand.strides.push_back(stride);
      } else {
        operand.strides[static_cast<size_t>(found - operand.labels.begin())] += stride;
      }
    }
    return operand;
  }

  /// The elements in the order of `order`, which has all labels of the operand; those it has not repeat.
  Tensor packed(const Operand& operand, const std::vector<int>& order) const {
    const Dims target = extents(order);
    Tensor result = scratch(context_, type_, target);
    Dims strides;
    for (const int label : order) {
      const auto found = std::find(operand.labels.begin(), operand.labels.end(), label);
      strides.push_back(
          found == operand.labels.end() ? 0 : operand.strides[static_cast<size_t>(found - operand.labels.begin())]);
    }
    copy_strided(target, elements<T>(operand.tensor).data(), strides, mutable_elements<T>(result).data(),
                 contiguous_strides(target));
    return result;
  }

  Operand wrapped(std::vector<int> labels, Tensor tensor) const {
    Dims strides = contiguous_strides(extents(labels));
    return {std::move(labels), std::move(strides), std::move(tensor)};
  }

  /// Sums over the labels that `is_kept` denies.
  template <typename IsKept>
  Operand without(const Operand& operand, IsKept&& is_kept) const {
    std::vector<int> kept;
    std::vector<int> summed;
    for (const int label : operand.labels) (is_kept(label) ? kept : summed).push_back(label);
    if (summed.empty()) return operand;
    std::vector<int> order = kept;
    order.insert(order.end(), summed.begin(), summed.end());
    const Tensor terms = packed(operand, order);
    Tensor sums = scratch(context_, type_, extents(kept));
    const int64_t length = count(summed);
    const T* from = elements<T>(terms).data();
    T* to = mutable_elements<T>(sums).data();
    using Sum = std::conditional_t<std::is_floating_point_v<T>, double, T>;
    parallel_for(sums.num_elements(), std::max<int64_t>(1, 16384 / std::max<int64_t>(1, length)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     Sum sum = 0;
                     for (int64_t k = 0; k < length; ++k) sum += static_cast<Sum>(from[i * length + k]);
                     to[i] = static_cast<T>(sum);
                   }
                 });
    return wrapped(std::move(kept), std::move(sums));
  }

  Operand contract(const Operand& left, const Operand& right, size_t position) const {
    const auto is_needed = [&](int label) {
      if (equation_.is_in_output(label)) return true;
      return std::any_of(equation_.inputs.begin() + static_cast<int64_t>(position) + 1, equation_.inputs.end(),
                         [&](const std::vector<int>& labels) {
                           return std::find(labels.begin(), labels.end(), label) != labels.end();
                         });
    };
    const Operand a = without(left, [&](int label) { return right.has(label) || is_needed(label); });
    const Operand b = without(right, [&](int label) { return left.has(label) || is_needed(label); });
    std::vector<int> batch;
    std::vector<int> rows;
    std::vector<int> columns;
    std::vector<int> inner;
    for (const int label : a.labels) (!b.has(label) ? rows : is_needed(label) ? batch : inner).push_back(label);
    for (const int label : b.labels) {
      if (!a.has(label)) columns.push_back(label);
    }
    const auto joined = [&](const std::vector<int>& first, const std::vector<int>& second) {
      std::vector<int> labels = batch;
      labels.insert(labels.end(), first.begin(), first.end());
      labels.insert(labels.end(), second.begin(), second.end());
      return labels;
    };
    const Tensor a_packed = packed(a, joined(rows, inner));
    const Tensor b_packed = packed(b, joined(inner, columns));
    std::vector<int> labels = joined(rows, columns);
    Tensor product = scratch(context_, type_, extents(labels));
    if (product.num_elements() > 0) {
      multiply_batch(elements<T>(a_packed).data(), elements<T>(b_packed).data(), mutable_elements<T>(product).data(),
                     count(batch), count(rows), count(columns), count(inner));
    }
    return wrapped(std::move(labels), std::move(product));
  }

  KernelContext& context_;
  const EinsumEquation& equation_;
  DataType type_;
};

void einsum(KernelContext& context) {
  if (context.num_inputs() == 0) context.fail("it has no inputs");
  const DataType type = context.input(0).type();
  require_same_type(context, 0, context.num_inputs() - 1);
  const EinsumEquation equation = read_einsum_equation(context);
  // Sums and products of integers are the same modulo 2^n in a wider type.
  const DataType working = surgery::is_integer(type) ? DataType::kUint64 : type;
  dispatch<float, double, uint64_t>(context, working, [&]<typename T>() {
    context.set_output(0, cast_tensor(context, Contraction<T>(context, equation, working).run(), type));
  });
}

constexpr Kernel kKernels[] = {
    {"Einsum", "", 12, kLatest, kFullFloats | kInts, 0, einsum},
    {"Einsum", "", 12, kLatest, kHalfFloats, 0, widened<einsum>},
};

}  // namespace

std::span<const Kernel> einsum_kernels() { return kKernels; }

}  // namespace exec::cpu
