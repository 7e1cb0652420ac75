#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Losses: scores [N, C, D1, ...], labels [N, D1, ...].
namespace surgery::infer {
namespace {

void infer_loss(InferContext& c) {
  const DataType type = c.element_type(0);
  if (c.string_or("reduction", "mean") != "none") {
    c.set(0, type, Shape{});
  } else if (const Shape* labels = c.shape(1)) {
    c.set(0, type, *labels);
  } else if (const Shape* scores = c.shape(0); scores != nullptr && scores->size() >= 2) {
    Shape shape = *scores;
    shape.erase(shape.begin() + 1);
    c.set(0, type, std::move(shape));
  } else {
    c.set(0, type);
  }
  same_type(c, 1, 0);  // log_prob of SoftmaxCrossEntropyLoss
}

constexpr Operator kOperators[] = {
    {"NegativeLogLikelihoodLoss", infer_loss},
    {"SoftmaxCrossEntropyLoss", infer_loss},
};

}  // namespace

std::span<const Operator> loss_operators() { return kOperators; }

}  // namespace surgery::infer
