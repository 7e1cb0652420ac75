// com.microsoft: products with something fused to them, and MatMulNBits. ONNX Runtime is the specification.

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/matrix_product.h"
#include "kernels/cpu/recurrent.h"
#include "kernels/cpu/standard_kernel.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

constexpr std::string_view kDomain = "com.microsoft";

/// values = activation(values), in place.
template <typename T>
void activate(KernelContext& context, const std::string& name, std::optional<float> first, std::optional<float> second,
              std::span<T> values) {
  if (name.empty()) return;
  if (name == "Clip") {
    const T low = static_cast<T>(first.value_or(std::numeric_limits<float>::lowest()));
    const T high = static_cast<T>(second.value_or(std::numeric_limits<float>::max()));
    for (T& value : values) value = std::min(std::max(value, low), high);
    return;
  }
  named_activation(context, name, first, second).apply(values);
}

/// A copy that may be written.
template <typename T>
Tensor writable(const KernelContext& context, const Tensor& tensor) {
  Tensor copy = scratch(context, tensor.type(), tensor.dims());
  const std::span<const T> from = elements<T>(tensor);
  std::copy(from.begin(), from.end(), mutable_elements<T>(copy).begin());
  return copy;
}

/// FusedConv: activation(Conv(X, W, B) + Z).
void fused_conv(KernelContext& context) {
  const Tensor* inputs[] = {&context.input(0), &context.input(1), context.optional_input(2)};
  const Tensor result = run_standard(context, "Conv", 22, inputs)[0];
  const std::vector<float> parameters = context.attr_floats("activation_params");
  const auto parameter = [&](size_t i) { return i < parameters.size() ? std::optional(parameters[i]) : std::nullopt; };
  dispatch_floats(context, result.type(), [&]<typename T>() {
    Tensor y = writable<T>(context, result);
    const std::span<T> values = mutable_elements<T>(y);
    if (context.has_input(3)) {
      require_type(context, 3, result.type());
      require_shape(context, 3, result.dims());
      const std::span<const T> added = elements<T>(context.input(3));
      for (size_t i = 0; i < values.size(); ++i) values[i] += added[i];
    }
    activate<T>(context, context.attr_string("activation", ""), parameter(0), parameter(1), values);
    context.set_output(0, std::move(y));
  });
}

/// FusedGemm: activation(Gemm(A, B, C)).
void fused_gemm(KernelContext& context) {
  const Tensor* inputs[] = {&context.input(0), &context.input(1), context.optional_input(2)};
  const Tensor result = run_standard(context, "Gemm", 13, inputs)[0];
  const auto parameter = [&](std::string_view name) {
    return context.attribute(name) == nullptr ? std::nullopt : std::optional(context.attr_float(name, 0));
  };
  dispatch_floats(context, result.type(), [&]<typename T>() {
    Tensor y = writable<T>(context, result);
    activate<T>(context, context.attr_string("activation", ""), parameter("activation_alpha"),
                parameter("activation_beta"), mutable_elements<T>(y));
    context.set_output(0, std::move(y));
  });
}

/// An operand of FusedMatMul with its axes in the order of the product.
Tensor ordered(const KernelContext& context, size_t input, bool swaps_batch, bool swaps_last) {
  const Tensor& tensor = context.input(input);
  const int64_t rank = tensor.rank();
  if (rank < 2 || (!swaps_batch && !swaps_last)) return tensor;
  Dims order;
  for (int64_t axis = 0; axis < rank; ++axis) order.push_back(axis);
  // The first axis goes behind the batch axes.
  if (swaps_batch) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (swaps_last) std::swap(order[order.size() - 1], order[order.size() - 2]);
  return permuted(context, tensor, order);
}

/// FusedMatMul: alpha * op(A) * op(B).
void fused_matmul(KernelContext& context) {
  const auto is_set = [&](std::string_view name) { return context.attr_int(name, 0) != 0; };
  const Tensor a = ordered(context, 0, is_set("transBatchA"), is_set("transA"));
  const Tensor b = ordered(context, 1, is_set("transBatchB"), is_set("transB"));
  const Tensor* inputs[] = {&a, &b};
  const Tensor product = run_standard(context, "MatMul", 13, inputs)[0];
  const float alpha = context.attr_float("alpha", 1);
  if (alpha == 1) return context.set_output(0, product);
  dispatch_floats(context, product.type(), [&]<typename T>() {
    Tensor y = writable<T>(context, product);
    for (T& value : mutable_elements<T>(y)) value *= static_cast<T>(alpha);
    context.set_output(0, std::move(y));
  });
}

/// The weights of MatMulNBits: B [N, blocks, block_size * bits / 8] uint8, scales [N * blocks], zero points packed like
/// B (each row of N from a byte of its own) or as numbers, g_idx [K]: the block of each k.
template <typename T>
class BlockedWeights {
 public:
  explicit BlockedWeights(const KernelContext& context)
      : n_(context.attr_int("N", 0)),
        k_(context.attr_int("K", 0)),
        bits_(context.attr_int("bits", 4)),
        block_(context.attr_int("block_size", 0)) {
    if (n_ < 1 || k_ < 1 || n_ > kLimit || k_ > kLimit) {
      context.fail("attributes 'N' and 'K' are " + std::to_string(n_) + " and " + std::to_string(k_) +
                   ", expected positive numbers");
    }
    if (bits_ != 2 && bits_ != 4 && bits_ != 8) {
      context.unsupported("attribute 'bits' is " + std::to_string(bits_) + ", expected 2, 4 or 8");
    }
    if (block_ < 1 || block_ > kLimit || block_ * bits_ % 8 != 0) {
      context.fail("attribute 'block_size' is " + std::to_string(block_) + ", which does not fill whole bytes");
    }
    if (context.attr_int("weight_prepacked", 0) != 0) context.unsupported("prepacked weights are not supported");
    blocks_ = (k_ + block_ - 1) / block_;
    require_type(context, 1, DataType::kUint8);
    require_elements(context, 1, n_ * blocks_ * (block_ * bits_ / 8));
    require_elements(context, 2, n_ * blocks_);
    require_type(context, 2, data_type_of<T>());
    packed_ = context.input(1).values<uint8_t>().data();
    scales_ = context.input(2).values<T>().data();
    if (context.has_input(3)) read_zero_points(context);
    if (context.has_input(4)) {
      require_type(context, 4, DataType::kInt32);
      require_elements(context, 4, k_);
      groups_ = context.input(4).values<int32_t>().data();
      for (int64_t k = 0; k < k_; ++k) {
        if (groups_[k] < 0 || groups_[k] >= blocks_) {
          context.fail("g_idx has " + std::to_string(groups_[k]) + ", there are " + std::to_string(blocks_) +
                       " blocks");
        }
      }
    }
  }

  int64_t n() const { return n_; }
  int64_t k() const { return k_; }

  /// Row `row` of the weights, k() numbers.
  void unpack(int64_t row, T* to) const {
    const auto default_zero = static_cast<T>(int64_t{1} << (bits_ - 1));
    const int64_t per_byte = 8 / bits_;
    const unsigned mask = (1U << bits_) - 1;
    for (int64_t k = 0; k < k_; ++k) {
      const int64_t stored = row * blocks_ * block_ + k;  // blocks are whole, the last one is filled up
      const unsigned value = packed_[stored / per_byte] >> (stored % per_byte * bits_) & mask;
      const int64_t block = groups_ != nullptr ? groups_[k] : k / block_;
      const int64_t parameter = row * blocks_ + block;
      T zero = default_zero;
      if (zeros_ != nullptr) zero = zeros_[parameter];
      if (packed_zeros_ != nullptr) {
        const uint8_t byte = packed_zeros_[row * zero_row_bytes_ + block / per_byte];
        zero = static_cast<T>(byte >> (block % per_byte * bits_) & mask);
      }
      to[k] = (static_cast<T>(value) - zero) * scales_[parameter];
    }
  }

 private:
  static constexpr int64_t kLimit = int64_t{1} << 28;

  static void require_elements(const KernelContext& context, size_t input, int64_t count) {
    if (context.input(input).num_elements() == count) return;
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(context.input(input).dims()) +
                 ", expected " + std::to_string(count) + " elements");
  }

  void read_zero_points(const KernelContext& context) {
    if (context.input(3).type() == data_type_of<T>()) {
      require_elements(context, 3, n_ * blocks_);
      zeros_ = context.input(3).values<T>().data();
      return;
    }
    require_type(context, 3, DataType::kUint8);
    zero_row_bytes_ = (blocks_ * bits_ + 7) / 8;
    require_elements(context, 3, n_ * zero_row_bytes_);
    packed_zeros_ = context.input(3).values<uint8_t>().data();
  }

  int64_t n_;
  int64_t k_;
  int64_t bits_;
  int64_t block_;
  int64_t blocks_ = 0;
  const uint8_t* packed_ = nullptr;
  const T* scales_ = nullptr;
  const T* zeros_ = nullptr;
  const uint8_t* packed_zeros_ = nullptr;
  int64_t zero_row_bytes_ = 0;
  const int32_t* groups_ = nullptr;
};

/// MatMulNBits: A [..., K] * weights^T + bias. accuracy_level lets others be less exact, and is not needed here.
template <typename T>
void matmul_n_bits_of(KernelContext& context) {
  const BlockedWeights<T> weights(context);
  const Tensor& a = context.input(0);
  if (a.rank() < 1 || a.dims().back() != weights.k()) {
    context.fail("input 0 has shape " + dims_text(a.dims()) + ", expected [..., " + std::to_string(weights.k()) + "]");
  }
  if (context.has_input(5)) require_shape(context, 5, {weights.n()});
  Dims dims = a.dims();
  dims.back() = weights.n();
  T* y = context.output(0, data_type_of<T>(), dims).template mutable_values<T>().data();
  const int64_t rows = a.num_elements() / weights.k();
  constexpr int64_t kRowsAtATime = 64;
  parallel_for(weights.n(), kRowsAtATime, [&](int64_t begin, int64_t end) {
    std::vector<T> unpacked(static_cast<size_t>((end - begin) * weights.k()));
    for (int64_t row = begin; row < end; ++row) weights.unpack(row, unpacked.data() + (row - begin) * weights.k());
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = begin; column < end; ++column) {
        y[row * weights.n() + column] =
            context.has_input(5) ? context.input(5).values<T>()[static_cast<size_t>(column)] : 0;
      }
    }
    const MatrixProduct<T> product{.m = rows,
                                   .n = end - begin,
                                   .k = weights.k(),
                                   .a = a.values<T>().data(),
                                   .lda = weights.k(),
                                   .b = unpacked.data(),
                                   .ldb = weights.k(),
                                   .transpose_b = true,
                                   .c = y + begin,
                                   .ldc = weights.n(),
                                   .beta = 1};
    for (int64_t tile = 0; tile < num_tiles(product); ++tile) multiply_tile(product, tile);
  });
}

void matmul_n_bits(KernelContext& context) {
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() { matmul_n_bits_of<T>(context); });
}

void trilu(KernelContext& context) {
  const Tensor* inputs[] = {&context.input(0), context.optional_input(1)};
  context.set_output(0, run_standard(context, "Trilu", 14, inputs)[0]);
}

/// CDist: the distance of each row of A [M, K] to each row of B [N, K]; skl2onnx writes it for neighbours.
void c_dist(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  require_same_type(context, 0, 1);
  if (a.rank() != 2 || b.rank() != 2 || a.dims()[1] != b.dims()[1]) {
    context.fail("inputs have shapes " + dims_text(a.dims()) + " and " + dims_text(b.dims()) +
                 ", expected [M, K] and [N, K]");
  }
  const std::string metric = context.attr_string("metric", "sqeuclidean");
  if (metric != "sqeuclidean" && metric != "euclidean") {
    context.unsupported("metric " + surgery::quote(metric) + " is not supported");
  }
  const int64_t rows = a.dims()[0];
  const int64_t columns = b.dims()[0];
  const int64_t length = a.dims()[1];
  dispatch_floats(context, a.type(), [&]<typename T>() {
    const T* left = elements<T>(a).data();
    const T* right = elements<T>(b).data();
    T* to = context.output(0, a.type(), {rows, columns}).template mutable_values<T>().data();
    parallel_for(
        rows, std::max<int64_t>(1, 65536 / std::max<int64_t>(columns * length, 1)), [&](int64_t first, int64_t last) {
          for (int64_t row = first; row < last; ++row) {
            for (int64_t column = 0; column < columns; ++column) {
              double sum = 0;
              for (int64_t i = 0; i < length; ++i) {
                const double difference =
                    static_cast<double>(left[row * length + i]) - static_cast<double>(right[column * length + i]);
                sum += difference * difference;
              }
              to[row * columns + column] = static_cast<T>(metric == "euclidean" ? std::sqrt(sum) : sum);
            }
          }
        });
  });
}

constexpr Kernel kKernels[] = {
    takes_double({"CDist", kDomain, 1, kLatest, kFullFloats, 0, c_dist}),
    takes_double({"FusedConv", kDomain, 1, kLatest, kFullFloats, 0, fused_conv}),
    takes_double({"FusedConv", kDomain, 1, kLatest, kHalfFloats, 0, widened<fused_conv>}),
    takes_double({"FusedGemm", kDomain, 1, kLatest, kFullFloats, 0, fused_gemm}),
    takes_double({"FusedGemm", kDomain, 1, kLatest, kHalfFloats, 0, widened<fused_gemm>}),
    takes_double({"FusedMatMul", kDomain, 1, kLatest, kFullFloats, 0, fused_matmul}),
    takes_double({"FusedMatMul", kDomain, 1, kLatest, kHalfFloats, 0, widened<fused_matmul>}),
    takes_double({"MatMulNBits", kDomain, 1, kLatest, type_bit(DataType::kFloat), 0, matmul_n_bits}),
    takes_double({"MatMulNBits", kDomain, 1, kLatest, kHalfFloats, 0, widened<matmul_n_bits>}),
    takes_double({"Trilu", kDomain, 1, kLatest, kMovableTypes & ~kStrings, 0, trilu}),
};

}  // namespace

std::span<const Kernel> contrib_product_kernels() { return kKernels; }

}  // namespace exec::cpu
