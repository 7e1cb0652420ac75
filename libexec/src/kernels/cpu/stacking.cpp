#include "kernels/cpu/stacking.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "kernels/cpu/elements.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// Copies runs of elements, whatever their type: `count` from position `from` of `source` to `to` of `target`.
void copy_elements(const Tensor& source, int64_t from, Tensor& target, int64_t to, int64_t count) {
  if (source.type() == DataType::kString) {
    const auto strings = source.strings().subspan(static_cast<size_t>(from), static_cast<size_t>(count));
    std::copy(strings.begin(), strings.end(), target.mutable_strings().begin() + to);
    return;
  }
  if (count == 0) return;
  const int64_t size = surgery::bit_width(source.type()) / 8;
  std::memcpy(target.mutable_bytes().data() + to * size, source.bytes().data() + from * size,
              static_cast<size_t>(count * size));
}

}  // namespace

Tensor slice_along(const Tensor& tensor, int64_t axis, int64_t first, int64_t count) {
  const int64_t outer = product(tensor.dims(), 0, axis);
  const int64_t inner = product(tensor.dims(), axis + 1, tensor.rank());
  const int64_t extent = tensor.dims()[static_cast<size_t>(axis)];
  Dims dims = tensor.dims();
  dims[static_cast<size_t>(axis)] = count;
  Tensor result = Tensor::zeros(tensor.type(), std::move(dims));
  for (int64_t i = 0; i < outer; ++i) {
    copy_elements(tensor, (i * extent + first) * inner, result, i * count * inner, count * inner);
  }
  return result;
}

Tensor slice_at(const Tensor& tensor, int64_t axis, int64_t index) {
  Dims dims = tensor.dims();
  dims.erase(dims.begin() + axis);
  return slice_along(tensor, axis, index, 1).reshaped(std::move(dims));
}

Tensor& join_output(KernelContext& context, size_t output, std::span<const Tensor> tensors, int64_t axis) {
  if (tensors.empty()) context.fail("there is no tensor to join");
  const Tensor& first = tensors.front();
  if (is_packed(first.type())) context.unsupported("tensors of type " + std::string(to_string(first.type())));
  axis = normal_axis(context, axis, first.rank());
  const auto along = static_cast<size_t>(axis);
  Dims dims = first.dims();
  dims[along] = 0;
  for (const Tensor& tensor : tensors) {
    Dims fitting = tensor.dims();
    if (tensor.rank() == first.rank()) fitting[along] = first.dims()[along];
    if (tensor.type() != first.type() || fitting != first.dims()) {
      context.fail(std::string(to_string(tensor.type())) + dims_text(tensor.dims()) + " cannot be joined to " +
                   std::string(to_string(first.type())) + dims_text(first.dims()) + " along axis " +
                   std::to_string(axis));
    }
    dims[along] = checked_add(context, dims[along], tensor.dims()[along]);
  }
  const int64_t whole = dims[along];
  Tensor& result = context.output(output, first.type(), std::move(dims));
  const int64_t outer = product(result.dims(), 0, axis);
  const int64_t inner = product(result.dims(), axis + 1, result.rank());
  int64_t offset = 0;
  for (const Tensor& tensor : tensors) {
    const int64_t length = tensor.dims()[along];
    for (int64_t i = 0; i < outer; ++i) {
      copy_elements(tensor, i * length * inner, result, (i * whole + offset) * inner, length * inner);
    }
    offset += length;
  }
  return result;
}

Tensor& stack_output(KernelContext& context, size_t output, std::span<const Tensor> tensors, int64_t axis,
                     bool reversed, const Tensor& empty) {
  const Tensor& model = tensors.empty() ? empty : tensors.front();
  if (is_packed(model.type())) context.unsupported("tensors of type " + std::string(to_string(model.type())));
  for (const Tensor& tensor : tensors) {
    if (tensor.type() != model.type() || tensor.dims() != model.dims()) {
      context.fail("output " + std::to_string(output) + " has shape " + dims_text(model.dims()) +
                   " in the first iteration and " + dims_text(tensor.dims()) + " in another");
    }
  }
  axis = normal_axis(context, axis, model.rank() + 1);
  const auto count = static_cast<int64_t>(tensors.size());
  Dims dims = model.dims();
  dims.insert(dims.begin() + axis, count);
  const int64_t outer = product(model.dims(), 0, axis);
  const int64_t inner = product(model.dims(), axis, model.rank());
  Tensor& result = context.output(output, model.type(), std::move(dims));
  for (int64_t i = 0; i < count; ++i) {
    const Tensor& tensor = tensors[static_cast<size_t>(reversed ? count - 1 - i : i)];
    for (int64_t j = 0; j < outer; ++j) copy_elements(tensor, j * inner, result, (j * count + i) * inner, inner);
  }
  return result;
}

Tensor empty_of_declared(const KernelContext& context, const surgery::Value& value) {
  const surgery::Type& type = value.type();
  if (!type.is_tensor() || !is_valid(type.element_type) || !type.shape) {
    context.fail("does not iterate, and its subgraph does not declare the type of " + surgery::quote(value.name()));
  }
  Dims dims;
  for (const surgery::Dim& dim : *type.shape) dims.push_back(dim.is_known() ? dim.value() : 0);
  return Tensor(type.element_type, std::move(dims), nullptr);
}

}  // namespace exec::cpu
