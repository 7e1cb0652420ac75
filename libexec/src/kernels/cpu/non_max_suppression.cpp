// NonMaxSuppression: boxes [batches, boxes, 4], scores [batches, classes, boxes].

#include <algorithm>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "runtime/threads.h"

namespace exec::cpu {
namespace {

/// A box by its corners. Everything is calculated in float: an overlap that equals the threshold keeps the box.
struct Box {
  float x_low;
  float x_high;
  float y_low;
  float y_high;

  float area() const { return (x_high - x_low) * (y_high - y_low); }
};

Box read_box(const float* values, bool is_centre) {
  if (is_centre) {  // [x, y, width, height]
    const float half_width = values[2] / 2;
    const float half_height = values[3] / 2;
    return {values[0] - half_width, values[0] + half_width, values[1] - half_height, values[1] + half_height};
  }
  // [y1, x1, y2, x2], any two opposite corners
  return {std::min(values[1], values[3]), std::max(values[1], values[3]), std::min(values[0], values[2]),
          std::max(values[0], values[2])};
}

bool overlap_exceeds(const Box& a, const Box& b, float threshold) {
  const float width = std::min(a.x_high, b.x_high) - std::max(a.x_low, b.x_low);
  const float height = std::min(a.y_high, b.y_high) - std::max(a.y_low, b.y_low);
  if (!(width > 0) || !(height > 0)) return false;
  const float shared = width * height;
  const float either = a.area() + b.area() - shared;
  if (!(shared > 0) || !(a.area() > 0) || !(b.area() > 0) || !(either > 0)) return false;
  return shared / either > threshold;
}

float scalar_input(const KernelContext& context, size_t input, float fallback) {
  const Tensor* tensor = context.optional_input(input);
  if (tensor == nullptr || tensor->num_elements() == 0) return fallback;
  require_type(context, input, DataType::kFloat);
  if (tensor->num_elements() != 1) {
    context.fail("input " + std::to_string(input) + " has shape " + dims_text(tensor->dims()) + ", expected a scalar");
  }
  return tensor->values<float>()[0];
}

struct Limits {
  int64_t boxes = 0;  ///< per class
  float overlap = 0;
  float score = 0;
  bool has_score = false;
};

Limits read_limits(const KernelContext& context) {
  Limits limits;
  if (context.has_input(2)) {
    const std::vector<int64_t> values = context.int_values(2);
    if (values.size() > 1) context.fail("max_output_boxes_per_class is no scalar");
    limits.boxes = values.empty() ? 0 : std::max<int64_t>(values[0], 0);
  }
  limits.overlap = scalar_input(context, 3, 0);
  if (!(limits.overlap >= 0 && limits.overlap <= 1)) {
    context.fail("iou_threshold is " + std::to_string(limits.overlap) + ", expected 0 to 1");
  }
  limits.has_score = context.has_input(4) && context.input(4).num_elements() > 0;
  limits.score = scalar_input(context, 4, 0);
  return limits;
}

/// The boxes of one class to keep, the best first; of equal scores the first.
std::vector<int64_t> select(std::span<const Box> boxes, const float* scores, const Limits& limits) {
  std::vector<int64_t> candidates;
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (!limits.has_score || scores[i] > limits.score) candidates.push_back(static_cast<int64_t>(i));
  }
  // A NaN has no place in an order: it goes last.
  std::stable_sort(candidates.begin(), candidates.end(), [&](int64_t a, int64_t b) {
    return scores[a] > scores[b] || (is_nan(scores[b]) && !is_nan(scores[a]));
  });
  std::vector<int64_t> selected;
  for (const int64_t candidate : candidates) {
    if (static_cast<int64_t>(selected.size()) >= limits.boxes) break;
    const Box& box = boxes[static_cast<size_t>(candidate)];
    const bool is_covered = std::any_of(selected.begin(), selected.end(), [&](int64_t kept) {
      return overlap_exceeds(box, boxes[static_cast<size_t>(kept)], limits.overlap);
    });
    if (!is_covered) selected.push_back(candidate);
  }
  return selected;
}

void non_max_suppression(KernelContext& context) {
  const Tensor& boxes = context.input(0);
  const Tensor& scores = context.input(1);
  require_type(context, 1, DataType::kFloat);
  require_rank(context, 0, 3);
  require_rank(context, 1, 3);
  const int64_t batches = boxes.dims()[0];
  const int64_t count = boxes.dims()[1];
  const int64_t classes = scores.dims()[1];
  if (boxes.dims()[2] != 4) context.fail("boxes have shape " + dims_text(boxes.dims()) + ", expected [N, boxes, 4]");
  require_shape(context, 1, {batches, classes, count});
  const int64_t format = context.attr_int("center_point_box", 0);
  if (format != 0 && format != 1) {
    context.fail("attribute 'center_point_box' is " + std::to_string(format) + ", expected 0 or 1");
  }
  const Limits limits = read_limits(context);

  if (count == 0) {  // the other dims may be anything
    context.output(0, DataType::kInt64, {0, 3});
    return;
  }
  std::vector<Box> corners;
  corners.reserve(static_cast<size_t>(batches * count));
  for (int64_t i = 0; i < batches * count; ++i) {
    corners.push_back(read_box(boxes.values<float>().data() + i * 4, format == 1));
  }
  std::vector<std::vector<int64_t>> selected(static_cast<size_t>(batches * classes));
  parallel_for(batches * classes, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const std::span<const Box> image(corners.data() + i / classes * count, static_cast<size_t>(count));
      selected[static_cast<size_t>(i)] = select(image, scores.values<float>().data() + i * count, limits);
    }
  });
  int64_t total = 0;
  for (const std::vector<int64_t>& found : selected) total += static_cast<int64_t>(found.size());
  int64_t* to = context.output(0, DataType::kInt64, {total, 3}).mutable_values<int64_t>().data();
  for (int64_t i = 0; i < batches * classes; ++i) {
    for (const int64_t box : selected[static_cast<size_t>(i)]) {
      *to++ = i / classes;
      *to++ = i % classes;
      *to++ = box;
    }
  }
}

constexpr Kernel kKernels[] = {
    {"NonMaxSuppression", "", 10, kLatest, type_bit(DataType::kFloat), 0, non_max_suppression},
};

}  // namespace

std::span<const Kernel> non_max_suppression_kernels() { return kKernels; }

}  // namespace exec::cpu
