#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"
#include "infer/windows.h"
#include "surgery/text.h"

/// Conv and its quantized forms, ConvTranspose, DeformConv, CausalConvWithState. Data is [N, C, spatial...].
namespace surgery::infer {
namespace {

std::vector<Dim> spatial(const Shape& shape) { return {shape.begin() + 2, shape.end()}; }

/// The shape of a convolution of input `x` with weights `w` [M, C/group, kernel...].
std::optional<Shape> convolved(InferContext& c, size_t x, size_t w, std::string_view x_name, std::string_view w_name) {
  if (!require_min_rank(c, x, 3, x_name)) {
    // Weights alone tell the rank and the channels.
    if (c.failed() || !require_min_rank(c, w, 3, w_name)) return std::nullopt;
    Shape shape = unknown_dims(c.shape(w)->size());
    shape[1] = c.dim(w, 0);
    return shape;
  }
  const Shape& data = *c.shape(x);
  const size_t rank = data.size() - 2;
  std::vector<Dim> kernel;
  if (c.shape(w) != nullptr) {
    if (!require_rank(c, w, static_cast<int64_t>(data.size()), w_name)) return std::nullopt;
    kernel = spatial(*c.shape(w));
    const int64_t group = c.int_or("group", 1);
    if (group < 1) {
      c.fail("group is " + std::to_string(group));
      return std::nullopt;
    }
    if (proven_different(data[1], c.dim(w, 1) * Dim(group))) {
      c.fail("input " + std::string(x_name) + " has " + escape(data[1].to_string()) + " channels, the weights take " +
             std::to_string(group) + " groups of " + escape(c.dim(w, 1).to_string()));
      return std::nullopt;
    }
    if (c.dim(w, 0).is_known() && c.dim(w, 0).value() % group != 0) {
      c.fail("the weights make " + c.dim(w, 0).to_string() + " channels, which " + std::to_string(group) +
             " groups cannot share");
      return std::nullopt;
    }
  }
  const std::optional<Windows> windows = read_windows(c, rank, kernel);
  if (!windows) return std::nullopt;
  Shape shape{data[0], c.dim(w, 0)};
  for (size_t i = 0; i < rank; ++i) shape.push_back(window_positions(c, *windows, i, data[i + 2]));
  return shape;
}

void infer_conv(InferContext& c) {
  c.set(0, c.element_type(0), convolved(c, 0, 1, "X", "W"));
  if (c.failed() || !c.has_input(2) || !c.rank(2)) return;
  if (require_rank(c, 2, 1, "B")) require_equal(c, c.dim(2, 0), c.dim(1, 0), "bias length and output channels");
}

void infer_conv_integer(InferContext& c) { c.set(0, DataType::kInt32, convolved(c, 0, 1, "x", "w")); }

void infer_qlinear_conv(InferContext& c) { c.set(0, c.element_type(7), convolved(c, 0, 3, "x", "w")); }

/// Inputs X, W, offset, B, mask.
void infer_deform_conv(InferContext& c) { c.set(0, c.element_type(0), convolved(c, 0, 1, "X", "W")); }

/// ConvTranspose-1, -11, -22: weights are [C, M/group, kernel...].
void infer_conv_transpose(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (!require_min_rank(c, 0, 3, "X")) return;
  const Shape& data = *c.shape(0);
  const size_t rank = data.size() - 2;
  std::vector<Dim> kernel;
  const Dim group = c.int_or("group", 1);
  if (c.shape(1) != nullptr) {
    if (!require_rank(c, 1, static_cast<int64_t>(data.size()), "W")) return;
    kernel = spatial(*c.shape(1));
    if (proven_different(data[1], c.dim(1, 0))) {
      return c.fail("input X has " + escape(data[1].to_string()) + " channels, the weights take " +
                    escape(c.dim(1, 0).to_string()));
    }
  }
  const std::optional<Windows> windows = read_windows(c, rank, kernel);
  if (!windows) return;
  Shape shape{data[0], c.dim(1, 1) * group};
  const std::vector<int64_t>* output_shape = c.ints("output_shape");
  const std::vector<int64_t>* output_padding = c.ints("output_padding");
  if (output_padding != nullptr && !output_padding->empty() && output_padding->size() != rank) {
    return c.fail("output_padding has " + std::to_string(output_padding->size()) + " entries, expected " +
                  std::to_string(rank));
  }
  const bool same = windows->auto_pad == "SAME_UPPER" || windows->auto_pad == "SAME_LOWER";
  for (size_t i = 0; i < rank; ++i) {
    if (output_shape != nullptr && output_shape->size() >= rank) {
      shape.emplace_back((*output_shape)[output_shape->size() - rank + i]);  // some files list N and C too
      continue;
    }
    const Dim stride = windows->strides[i];
    if (same) {
      shape.push_back(data[i + 2] * stride);
      continue;
    }
    const Dim span = (windows->kernel[i] - Dim(1)) * Dim(windows->dilations[i]) + Dim(1);
    const Dim extra = output_padding != nullptr && !output_padding->empty() ? Dim((*output_padding)[i]) : Dim(0);
    shape.push_back(stride * (data[i + 2] - Dim(1)) + extra + span - Dim(windows->pads[i]) -
                    Dim(windows->pads[i + rank]));
    if (shape.back().is_known() && shape.back().value() < 0) {
      return c.fail("the result would have size " + shape.back().to_string() + " along axis " + std::to_string(i + 2));
    }
  }
  c.set(0, type, std::move(shape));
}

/// CausalConvWithState-27: input [B, C, L], weight [C, 1, k], state [B, C, k - 1].
void infer_causal_conv(InferContext& c) {
  same_type(c, 0, 0);
  const Dim state = c.has_input(3) ? c.dim(3, 2) : Dim();
  const Dim kernel = c.dim(1, 2) - Dim(1);
  c.set(1, c.element_type(0), Shape{c.dim(0, 0), c.dim(0, 1), kernel.is_unknown() ? state : kernel});
}

constexpr Operator kOperators[] = {
    {"CausalConvWithState", infer_causal_conv}, {"Conv", infer_conv},
    {"FusedConv", infer_conv, "com.microsoft"}, {"ConvInteger", infer_conv_integer},
    {"ConvTranspose", infer_conv_transpose},    {"DeformConv", infer_deform_conv},
    {"QLinearConv", infer_qlinear_conv},
};

}  // namespace

std::span<const Operator> convolution_operators() { return kOperators; }

}  // namespace surgery::infer
