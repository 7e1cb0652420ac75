#include "rewrite/affine.h"

#include <cmath>
#include <cstring>
#include <optional>

#include "rewrite/match.h"

namespace surgery {
namespace {

bool is_inference_form(const Node& node, int64_t opset) {
  if (node.int_or("spatial", 1) == 0) return false;  // up to version 8: statistics per element
  if (opset < 7) return node.int_or("is_test", 0) != 0;
  if (opset < 14) return node.outputs().size() == 1;  // listing the others asks for training mode
  return node.int_or("training_mode", 0) == 0 && only_first_output_used(node);
}

bool all_finite(const std::vector<double>& values) {
  for (const double value : values) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

/// The constant per channel: one number repeated, or the channel's own. Nothing when it varies along another axis.
std::optional<std::vector<double>> per_channel(const Tensor& tensor, int64_t rank, int64_t num_channels) {
  if (tensor.rank() > rank) return std::nullopt;  // the result would have a higher rank than the data
  const int64_t channel_axis = 1 - (rank - tensor.rank());
  for (int64_t axis = 0; axis < tensor.rank(); ++axis) {
    const int64_t dim = tensor.dims()[static_cast<size_t>(axis)];
    if (dim != 1 && !(axis == channel_axis && dim == num_channels)) return std::nullopt;
  }
  auto values = tensor.to_doubles();
  if (!values) return std::nullopt;
  if (values->size() == 1) return std::vector<double>(static_cast<size_t>(num_channels), (*values)[0]);
  return values;
}

/// Reads the weight where it lies, aligned or not: a copy would cost as much as the product.
template <typename T, typename Load, typename Store>
Tensor scaled_as(const Tensor& weight, const ChannelLayout& layout, const std::vector<double>& factors, Load load,
                 Store store) {
  Tensor result = Tensor::zeros(weight.type(), weight.dims());
  const std::byte* from = weight.bytes().data();
  T* to = result.mutable_values<T>().data();
  const auto inner = static_cast<size_t>(layout.inner);
  for (int64_t outer = 0; outer < layout.outer; ++outer) {
    for (int64_t channel = 0; channel < layout.channels; ++channel) {
      const double factor = factors[static_cast<size_t>(channel)];
      for (size_t i = 0; i < inner; ++i) {
        T element;
        std::memcpy(&element, from + i * sizeof(T), sizeof(T));
        to[i] = store(load(element) * factor);
      }
      from += inner * sizeof(T);
      to += inner;
    }
  }
  return result;
}

/// Whether rounding made an infinity of a finite number. Only the 16-bit types are so narrow that weights may do that.
template <typename Load>
bool overflowed(const Tensor& before, const Tensor& after, Load load) {
  const Tensor aligned = before.aligned();
  const auto old_values = aligned.values<uint16_t>();
  const auto new_values = after.values<uint16_t>();
  for (size_t i = 0; i < new_values.size(); ++i) {
    if (std::isinf(load(new_values[i])) && !std::isinf(load(old_values[i]))) return true;
  }
  return false;
}

}  // namespace

Found<ChannelAffine> affine_of_batch_norm(const Node& node, const Rewriter& rewriter) {
  using Result = Found<ChannelAffine>;
  if (node.inputs().size() != 5) return Result::none("the batch-norm does not have five inputs");
  if (!is_inference_form(node, rewriter.opset())) return Result::none("the batch-norm is not in inference form");
  std::vector<std::vector<double>> parameters;
  for (size_t i = 1; i < 5; ++i) {
    const auto tensor = rewriter.constant(node.input(i));
    if (tensor == nullptr) return Result::none("a parameter of the batch-norm is not constant");
    auto values = tensor->to_doubles();
    if (!values || tensor->rank() != 1) return Result::none("a parameter of the batch-norm is not a real vector");
    parameters.push_back(std::move(*values));
    if (parameters.back().size() != parameters[0].size())
      return Result::none("the batch-norm's parameters differ in length");
  }
  const double epsilon = static_cast<double>(node.float_or("epsilon", 1e-5F));
  ChannelAffine affine;
  for (size_t c = 0; c < parameters[0].size(); ++c) {
    const double scale = parameters[0][c] / std::sqrt(parameters[3][c] + epsilon);
    affine.scale.push_back(scale);
    affine.shift.push_back(parameters[1][c] - parameters[2][c] * scale);
  }
  if (!all_finite(affine.scale) || !all_finite(affine.shift)) {
    return Result::none("a parameter of the batch-norm is not finite, or its variance is negative");
  }
  return {std::move(affine), {}};
}

Found<ChannelAffine> affine_of_arithmetic(const Node& node, size_t data_index, int64_t rank, int64_t num_channels,
                                          const Rewriter& rewriter) {
  using Result = Found<ChannelAffine>;
  if (node.inputs().size() != 2 || rewriter.opset() < 7) return Result::none("no numpy-style arithmetic on two inputs");
  const auto tensor = rewriter.constant(node.input(1 - data_index));
  if (tensor == nullptr) return Result::none("the other operand is not constant");
  const auto numbers = is_float(tensor->type()) ? per_channel(*tensor, rank, num_channels) : std::nullopt;
  if (!numbers) return Result::none("the constant is not one number per channel");
  ChannelAffine affine;
  for (const double number : *numbers) {
    double scale = 1;
    double shift = 0;
    if (node.is("Add")) {
      shift = number;
    } else if (node.is("Sub")) {
      shift = data_index == 0 ? -number : number;
      scale = data_index == 0 ? 1 : -1;
    } else if (node.is("Mul")) {
      scale = number;
    } else if (node.is("Div") && data_index == 0) {
      scale = 1 / number;
    } else {
      return Result::none("not an affine map of the data");
    }
    affine.scale.push_back(scale);
    affine.shift.push_back(shift);
  }
  if (!all_finite(affine.scale) || !all_finite(affine.shift)) return Result::none("the constant is not finite");
  return {std::move(affine), {}};
}

Tensor scaled(const Tensor& weight, const ChannelLayout& layout, const std::vector<double>& factors) {
  const auto checked_16_bits = [&](auto load, auto store) {
    Tensor result = scaled_as<uint16_t>(weight, layout, factors, load, store);
    return overflowed(weight, result, load) ? Tensor() : result;
  };
  switch (weight.type()) {
    case DataType::kFloat:
      return scaled_as<float>(
          weight, layout, factors, [](float x) { return static_cast<double>(x); },
          [](double x) { return static_cast<float>(x); });
    case DataType::kDouble:
      return scaled_as<double>(
          weight, layout, factors, [](double x) { return x; }, [](double x) { return x; });
    case DataType::kFloat16:
      return checked_16_bits([](uint16_t x) { return static_cast<double>(half_to_float(x)); },
                             [](double x) { return float_to_half(static_cast<float>(x)); });
    case DataType::kBfloat16:
      return checked_16_bits([](uint16_t x) { return static_cast<double>(bfloat16_to_float(x)); },
                             [](double x) { return float_to_bfloat16(static_cast<float>(x)); });
    default:
      return {};
  }
}

Tensor rounded(DataType type, std::vector<int64_t> dims, const std::vector<double>& values) {
  Tensor exact = Tensor::from_values<double>(DataType::kDouble, dims, values);
  if (type == DataType::kDouble) return exact;
  Tensor result = Tensor::zeros(type, std::move(dims));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto number = static_cast<float>(values[i]);
    float stored = number;
    if (type == DataType::kFloat) {
      result.mutable_values<float>()[i] = number;
    } else if (type == DataType::kFloat16) {
      const uint16_t half = float_to_half(number);
      result.mutable_values<uint16_t>()[i] = half;
      stored = half_to_float(half);
    } else if (type == DataType::kBfloat16) {
      const uint16_t half = float_to_bfloat16(number);
      result.mutable_values<uint16_t>()[i] = half;
      stored = bfloat16_to_float(half);
    } else {
      return {};
    }
    if (!std::isfinite(stored)) return {};
  }
  return result;
}

}  // namespace surgery
