// The Reduce operators: sums, extremes and norms over some axes, accumulated in double (integers: in 64 bits).

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/reduction.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// Which axes go, and the loops over what stays and what goes.
struct Plan {
  Dims output_dims;
  Dims kept_extents;
  Dims kept_strides;
  Dims reduced_extents;
  Dims reduced_strides;
  int64_t num_reduced = 1;
};

/// The version from which on `axes` is an input.
int64_t axes_input_since(const KernelContext& context) { return context.node().op_type() == "ReduceSum" ? 13 : 18; }

Plan make_plan(const KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t rank = data.rank();
  Dims axes;
  if (context.opset() < axes_input_since(context)) {
    axes = context.attr_ints("axes");
  } else if (context.has_input(1)) {
    axes = context.int_values(1);
  }
  axes = normal_axes(context, std::move(axes), rank);
  const bool reduces_all = axes.empty() && context.attr_int("noop_with_empty_axes", 0) == 0;
  const bool keeps_dims = context.attr_int("keepdims", 1) != 0;
  const Dims strides = contiguous_strides(data.dims());
  Plan plan;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const auto i = static_cast<size_t>(axis);
    const bool reduced = reduces_all || std::find(axes.begin(), axes.end(), axis) != axes.end();
    (reduced ? plan.reduced_extents : plan.kept_extents).push_back(data.dims()[i]);
    (reduced ? plan.reduced_strides : plan.kept_strides).push_back(strides[i]);
    if (!reduced || keeps_dims) plan.output_dims.push_back(reduced ? 1 : data.dims()[i]);
  }
  plan.num_reduced = product(plan.reduced_extents);
  return plan;
}

/// Elements of the tensor's type, read as Wide and written from it.
template <typename Wide>
struct Elements {
  int64_t size = 0;                                                                   ///< bytes
  void (*load)(const std::byte* from, int64_t stride, std::span<Wide> to) = nullptr;  ///< `stride` in elements
  void (*store)(std::span<const Wide> from, std::byte* to) = nullptr;
  Wide lowest{};   ///< the largest of no elements
  Wide highest{};  ///< the smallest of no elements
};

template <typename T, typename Wide>
Elements<Wide> elements_of() {
  using Limits = std::numeric_limits<T>;
  return {.size = sizeof(T),
          .load =
              [](const std::byte* from, int64_t stride, std::span<Wide> to) {
                const T* source = reinterpret_cast<const T*>(from);
                for (size_t i = 0; i < to.size(); ++i) {
                  // NOLINTNEXTLINE(bugprone-signed-char-misuse): an int8 is a number here
                  to[i] = static_cast<Wide>(source[static_cast<int64_t>(i) * stride]);
                }
              },
          .store =
              [](std::span<const Wide> from, std::byte* to) {
                T* target = reinterpret_cast<T*>(to);
                for (size_t i = 0; i < from.size(); ++i) target[i] = static_cast<T>(from[i]);
              },
          .lowest = static_cast<Wide>(Limits::has_infinity ? -Limits::infinity() : Limits::lowest()),
          .highest = static_cast<Wide>(Limits::has_infinity ? Limits::infinity() : Limits::max())};
}

/// Booleans of a file may be any byte; all but 0 are true. The largest says whether any is, the smallest whether all.
Elements<uint64_t> boolean_elements() {
  Elements<uint64_t> booleans = elements_of<uint8_t, uint64_t>();
  booleans.load = [](const std::byte* from, int64_t stride, std::span<uint64_t> to) {
    for (size_t i = 0; i < to.size(); ++i) to[i] = from[static_cast<int64_t>(i) * stride] != std::byte{0} ? 1 : 0;
  };
  booleans.highest = 1;
  return booleans;
}

template <typename Wide>
class Reducer {
 public:
  Reducer(ReductionKind kind, const Plan& plan, const Elements<Wide>& elements)
      : plan_(plan),
        elements_(elements),
        reduced_(plan.reduced_extents, {plan.reduced_strides}),
        reduction_(make_reduction<Wide>(kind, elements.lowest, elements.highest)),
        buffer_(kBlock) {}

  /// Results side by side in memory (the innermost axis stays): a block of them grows together, element by element.
  void reduce_neighbours(const std::byte* source, int64_t count, std::byte* target) {
    for (int64_t first = 0; first < count; first += kBlock) {
      const int64_t size = std::min(kBlock, count - first);
      reduction_->start(size);
      reduced_.for_each_run(0, plan_.num_reduced, [&](const LoopNest::Offsets& offsets, int64_t length) {
        for (int64_t i = 0; i < length; ++i) {
          const int64_t offset = first + offsets[0] + i * reduced_.run_stride(0);
          elements_.load(source + offset * elements_.size, 1, block(size));
          reduction_->add_to_each(block(size));
        }
      });
      finish(size, target + first * elements_.size);
    }
  }

  void reduce_one(const std::byte* source, std::byte* target) {
    reduction_->start(1);
    reduced_.for_each_run(0, plan_.num_reduced, [&](const LoopNest::Offsets& offsets, int64_t length) {
      for (int64_t first = 0; first < length; first += kBlock) {
        const int64_t size = std::min(kBlock, length - first);
        const int64_t offset = offsets[0] + first * reduced_.run_stride(0);
        elements_.load(source + offset * elements_.size, reduced_.run_stride(0), block(size));
        reduction_->add_to_first(block(size));
      }
    });
    finish(1, target);
  }

 private:
  static constexpr int64_t kBlock = 256;

  std::span<Wide> block(int64_t size) { return std::span(buffer_).first(static_cast<size_t>(size)); }

  void finish(int64_t size, std::byte* target) {
    reduction_->finish(plan_.num_reduced, block(size));
    elements_.store(block(size), target);
  }

  const Plan& plan_;
  const Elements<Wide>& elements_;
  LoopNest reduced_;
  std::unique_ptr<Reduction<Wide>> reduction_;
  std::vector<Wide> buffer_;
};

template <typename Wide>
void reduce_as(KernelContext& context, ReductionKind kind, const Elements<Wide>& elements) {
  const Tensor& data = context.input(0);
  const Plan plan = make_plan(context);
  Tensor& output = context.output(0, data.type(), plan.output_dims);
  const std::byte* source = data.bytes().data();
  std::byte* target = output.mutable_bytes().data();
  const LoopNest kept(plan.kept_extents, {plan.kept_strides});
  const int64_t grain = std::max<int64_t>(1, LoopNest::kGrain / std::max<int64_t>(1, plan.num_reduced));
  parallel_for(kept.num_elements(), grain, [&](int64_t begin, int64_t end) {
    Reducer<Wide> reducer(kind, plan, elements);
    std::byte* to = target + begin * elements.size;
    kept.for_each_run(begin, end, [&](const LoopNest::Offsets& offsets, int64_t count) {
      const std::byte* from = source + offsets[0] * elements.size;
      if (kept.run_stride(0) == 1) {
        reducer.reduce_neighbours(from, count, to);
      } else {
        for (int64_t i = 0; i < count; ++i) {
          reducer.reduce_one(from + i * kept.run_stride(0) * elements.size, to + i * elements.size);
        }
      }
      to += count * elements.size;
    });
  });
}

template <ReductionKind kind>
void reduce(KernelContext& context) {
  const DataType type = context.input(0).type();
  if (type == DataType::kBool) return reduce_as(context, kind, boolean_elements());
  dispatch_numbers(context, type, [&]<typename T>() {
    using Integer = std::conditional_t<std::is_same_v<T, uint64_t>, uint64_t, int64_t>;
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, Integer>;
    reduce_as(context, kind, elements_of<T, Wide>());
  });
}

constexpr TypeMask kReducible =
    kFullFloats | type_mask({DataType::kInt32, DataType::kInt64, DataType::kUint32, DataType::kUint64});

constexpr Kernel kKernels[] = {
    {"ReduceL1", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kL1>},
    {"ReduceL1", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kL1>>},
    {"ReduceL2", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kL2>},
    {"ReduceL2", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kL2>>},
    {"ReduceLogSum", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kLogSum>},
    {"ReduceLogSum", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kLogSum>>},
    {"ReduceLogSumExp", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kLogSumExp>},
    {"ReduceLogSumExp", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kLogSumExp>>},
    {"ReduceMax", "", 1, kLatest, kFullFloats | kInts, 0, reduce<ReductionKind::kMax>},
    {"ReduceMax", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kMax>>},
    {"ReduceMax", "", 20, kLatest, kBools, 0, reduce<ReductionKind::kMax>},
    {"ReduceMean", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kMean>},
    {"ReduceMean", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kMean>>},
    {"ReduceMin", "", 1, kLatest, kFullFloats | kInts, 0, reduce<ReductionKind::kMin>},
    {"ReduceMin", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kMin>>},
    {"ReduceMin", "", 20, kLatest, kBools, 0, reduce<ReductionKind::kMin>},
    {"ReduceProd", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kProd>},
    {"ReduceProd", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kProd>>},
    {"ReduceSum", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kSum>},
    {"ReduceSum", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kSum>>},
    {"ReduceSumSquare", "", 1, kLatest, kReducible, 0, reduce<ReductionKind::kSumSquare>},
    {"ReduceSumSquare", "", 1, kLatest, kHalfFloats, 0, widened<reduce<ReductionKind::kSumSquare>>},
};

}  // namespace

std::span<const Kernel> reduce_kernels() { return kKernels; }

}  // namespace exec::cpu
