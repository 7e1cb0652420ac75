#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// DFT, STFT, windows, MelWeightMatrix.
namespace surgery::infer {
namespace {

/// The input is [..., 1] (real) or [..., 2] (complex). One-sided: forward takes half the bins, inverse gives reals.
void infer_dft(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  if (!require_min_rank(c, 0, 2, "input")) return;
  Shape shape = *c.shape(0);
  const auto rank = static_cast<int64_t>(shape.size());
  Dim axis = c.opset() >= 20 ? Dim(-2) : Dim(c.int_or("axis", 1));
  if (c.opset() >= 20 && c.has_input(2)) axis = c.scalar(2);
  const bool onesided = c.int_or("onesided", 0) != 0;
  const bool inverse = c.int_or("inverse", 0) != 0;
  if (!axis.is_known()) {
    const bool keeps_sizes = !c.has_input(1) && !onesided;
    if (!keeps_sizes) shape = unknown_dims(shape.size());
    shape.back() = onesided && inverse ? 1 : 2;
    return c.set(0, type, std::move(shape));
  }
  const std::optional<int64_t> along = c.normalize_axis(axis.value(), rank);
  if (!along) return;
  if (*along == rank - 1) return c.fail("the last axis holds the parts of complex numbers");
  Dim& size = shape[static_cast<size_t>(*along)];
  if (c.has_input(1)) {
    size = c.scalar(1);
  } else if (onesided && inverse) {
    size = (size - Dim(1)) * Dim(2);
  }
  if (onesided && !inverse) size = floor_div(size, Dim(2)) + Dim(1);
  shape.back() = onesided && inverse ? 1 : 2;
  c.set(0, type, std::move(shape));
}

/// signal [batch, length, 1 or 2] -> [batch, frames, bins, 2]
void infer_stft(InferContext& c) {
  const Dim length = c.dim(0, 1);
  Dim frame = length;
  if (c.has_input(3)) {
    frame = c.scalar(3);
  } else if (c.has_input(2)) {
    frame = c.dim(2, 0);
  }
  const Dim step = c.scalar(1);
  if (step.is_known() && step.value() < 1) return c.fail("frame_step is " + step.to_string());
  const Dim frames = floor_div(length - frame, step) + Dim(1);
  const Dim bins = c.int_or("onesided", 1) != 0 ? floor_div(frame, Dim(2)) + Dim(1) : frame;
  c.set(0, c.element_type(0), Shape{c.dim(0, 0), frames, bins, 2});
}

void infer_window(InferContext& c) {
  c.set(0, c.data_type_or("output_datatype", DataType::kFloat), Shape{c.scalar(0)});
}

void infer_mel_weight_matrix(InferContext& c) {
  const Dim bins = floor_div(c.scalar(1), Dim(2)) + Dim(1);
  c.set(0, c.data_type_or("output_datatype", DataType::kFloat), Shape{bins, c.scalar(0)});
}

constexpr Operator kOperators[] = {
    {"BlackmanWindow", infer_window},
    {"DFT", infer_dft},
    {"HammingWindow", infer_window},
    {"HannWindow", infer_window},
    {"MelWeightMatrix", infer_mel_weight_matrix},
    {"STFT", infer_stft},
};

}  // namespace

std::span<const Operator> signal_operators() { return kOperators; }

}  // namespace surgery::infer
