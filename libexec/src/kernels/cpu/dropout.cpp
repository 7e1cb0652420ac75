// Dropout. In inference form (all that the models have, unless training_mode says so) it passes its input on.

#include "kernels/cpu/cast.h"
#include "kernels/cpu/dims.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/numpy_random.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The mask of a run that drops nothing. Up to version 7 it has the input's type, from 10 on it is bool.
void make_full_mask(KernelContext& context) {
  if (!context.has_output(1)) return;
  const Tensor& data = context.input(0);
  if (context.opset() >= 10) {
    for (uint8_t& kept : context.output(1, DataType::kBool, data.dims()).mutable_values<uint8_t>()) kept = 1;
    return;
  }
  dispatch_floats(context, data.type(), [&]<typename T>() {
    for (T& kept : context.output(1, data.type(), data.dims()).template mutable_values<T>()) kept = T{1};
  });
}

void pass_on(KernelContext& context) {
  context.set_output(0, context.input(0));
  make_full_mask(context);
}

double ratio_input(const KernelContext& context) {
  if (!context.has_input(1)) return 0.5;
  const std::optional<std::vector<double>> values = context.input(1).to_doubles(1);
  if (!values || values->size() != 1 || !((*values)[0] >= 0 && (*values)[0] < 1)) {
    context.fail("the ratio is no scalar in [0, 1)");
  }
  return (*values)[0];
}

/// Version 12 on: drops with probability `ratio` in training mode. The draws are those of numpy's RandomState(seed);
/// an element is kept where its number is not below the ratio.
void dropout(KernelContext& context) {
  const bool training = context.has_input(2) && context.int_values(2) == Dims{1};
  const double ratio = ratio_input(context);
  if (!training || ratio == 0) return pass_on(context);
  const DataType type = context.input(0).type();
  const bool is_float8 = (kFloat8s & type_bit(type)) != 0;
  if (is_float8) context.reserve_bytes(2 * static_cast<int64_t>(sizeof(float)) * context.input(0).num_elements());
  const Tensor data = is_float8 ? cast_tensor(context, 0, DataType::kFloat) : context.input(0);
  NumpyRandom random(static_cast<uint32_t>(context.attr_int("seed", 0)));
  Tensor mask = Tensor::zeros(DataType::kBool, data.dims());
  const std::span<uint8_t> kept = mask.mutable_values<uint8_t>();
  for (uint8_t& keep : kept) keep = random.uniform() >= ratio;
  Tensor wide = is_float8 ? Tensor::zeros(DataType::kFloat, data.dims()) : Tensor();
  Tensor& result = is_float8 ? wide : context.output(0, type, data.dims());
  dispatch_floats(context, data.type(), [&]<typename T>() {
    const T scale = static_cast<T>(1.0 / (1.0 - ratio));
    const std::span<const T> source = data.values<T>();
    const std::span<T> target = result.template mutable_values<T>();
    for (size_t i = 0; i < target.size(); ++i) target[i] = kept[i] != 0 ? source[i] * scale : T{0};
  });
  if (is_float8) context.set_output(0, cast_tensor(context, wide, type));
  if (context.has_output(1)) context.set_output(1, mask);
}

// Up to version 6, is_test = 0 (the default) asks for training. Exporters of that time left it out of models that were
// made for inference, and every runtime takes them so.
constexpr TypeMask kSignedFloat8s = kFloat8s & ~type_bit(DataType::kFloat8E8M0);

constexpr Kernel kKernels[] = {
    {"Dropout", "", 1, 11, kFullFloats, 0, pass_on},
    {"Dropout", "", 1, 11, kHalfFloats, 0, widened<pass_on>},
    {"Dropout", "", 12, kLatest, kFullFloats, 0, dropout},
    {"Dropout", "", 12, kLatest, kHalfFloats, 0, widened<dropout>},
    {"Dropout", "", 22, kLatest, kSignedFloat8s, 0, dropout},
};

}  // namespace

std::span<const Kernel> dropout_kernels() { return kKernels; }

}  // namespace exec::cpu
