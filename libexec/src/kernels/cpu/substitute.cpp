#include "kernels/cpu/substitute.h"

#include <vector>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/minifloat.h"
#include "kernels/cpu/packed.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

constexpr int64_t kGrain = 32768;

/// Runs `kernel` on `inputs`, some of them stand-ins for the node's own.
std::vector<Tensor> run_on(const KernelContext& context, KernelFunction kernel, std::span<const Tensor* const> inputs) {
  KernelContext inner(context.node(), inputs, context.environment());
  kernel(inner);
  return inner.take_outputs();
}

template <typename Convert>
DataType substitute_inputs(const KernelContext& context, std::vector<Tensor>& stand_ins,
                           std::vector<const Tensor*>& inputs, bool (*wanted)(DataType), Convert convert) {
  DataType first = DataType::kUndefined;
  stand_ins.reserve(context.num_inputs());
  for (size_t i = 0; i < context.num_inputs(); ++i) {
    const Tensor* input = context.optional_input(i);
    if (input != nullptr && wanted(input->type())) {
      if (first == DataType::kUndefined) first = input->type();
      input = &stand_ins.emplace_back(convert(*input));
    }
    inputs.push_back(input);
  }
  return first;
}

}  // namespace

void run_widened(KernelContext& context, KernelFunction kernel, uint32_t outputs) {
  std::vector<Tensor> stand_ins;
  std::vector<const Tensor*> inputs;
  const DataType type = substitute_inputs(context, stand_ins, inputs, is_half, widen);
  std::vector<Tensor> results = run_on(context, kernel, inputs);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].is_defined()) continue;
    const bool rounds = (outputs >> i & 1U) != 0 && type != DataType::kUndefined;
    if (rounds && results[i].type() == DataType::kFloat) results[i] = narrow(results[i], type);
    context.set_output(i, std::move(results[i]));
  }
}

void run_unpacked(KernelContext& context, KernelFunction kernel) {
  std::vector<Tensor> stand_ins;
  std::vector<const Tensor*> inputs;
  const DataType type = substitute_inputs(context, stand_ins, inputs, is_packed, unpack);
  std::vector<Tensor> results = run_on(context, kernel, inputs);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].is_defined()) continue;
    if (results[i].type() == DataType::kUint8 && type != DataType::kUndefined) results[i] = pack(results[i], type);
    context.set_output(i, std::move(results[i]));
  }
}

Tensor widen(const Tensor& half) {
  Tensor result = Tensor::zeros(DataType::kFloat, half.dims());
  const uint16_t* source = half.values<uint16_t>().data();
  float* target = result.mutable_values<float>().data();
  const bool is_bfloat16 = half.type() == DataType::kBfloat16;
  parallel_for(half.num_elements(), kGrain, [=](int64_t begin, int64_t end) {
    if (is_bfloat16) {
      for (int64_t i = begin; i < end; ++i) target[i] = bfloat16_to_float(source[i]);
    } else {
      for (int64_t i = begin; i < end; ++i) target[i] = half_to_float(source[i]);
    }
  });
  return result;
}

Tensor narrow(const Tensor& values, DataType type) {
  Tensor result = Tensor::zeros(type, values.dims());
  const float* source = values.values<float>().data();
  uint16_t* target = result.mutable_values<uint16_t>().data();
  const bool is_bfloat16 = type == DataType::kBfloat16;
  parallel_for(values.num_elements(), kGrain, [=](int64_t begin, int64_t end) {
    if (is_bfloat16) {
      for (int64_t i = begin; i < end; ++i) target[i] = float_to_bfloat16(source[i]);
    } else {
      for (int64_t i = begin; i < end; ++i) target[i] = float_to_half(source[i]);
    }
  });
  return result;
}

Tensor unpack(const Tensor& packed) {
  Tensor result = Tensor::zeros(DataType::kUint8, packed.dims());
  const int width = surgery::bit_width(packed.type());
  const std::byte* source = packed.bytes().data();
  const std::span<uint8_t> target = result.mutable_values<uint8_t>();
  for (int64_t i = 0; i < packed.num_elements(); ++i) {
    target[static_cast<size_t>(i)] = read_packed(source, i, width);
  }
  return result;
}

Tensor pack(const Tensor& bytes, DataType type) {
  Tensor result = Tensor::zeros(type, bytes.dims());
  const int width = surgery::bit_width(type);
  const std::span<const uint8_t> source = bytes.values<uint8_t>();
  std::byte* target = result.mutable_bytes().data();
  for (int64_t i = 0; i < bytes.num_elements(); ++i) write_packed(target, i, width, source[static_cast<size_t>(i)]);
  return result;
}

}  // namespace exec::cpu
