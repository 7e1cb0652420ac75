#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// RNN, GRU, LSTM. X is [steps, batch, features], with layout = 1 [batch, steps, features].
namespace surgery::infer {
namespace {

void infer_recurrent(InferContext& c) {
  const DataType type = c.element_type(0);
  for (size_t i = 0; i < c.num_outputs(); ++i) c.set(i, type);
  if (c.rank(0) && !require_rank(c, 0, 3, "X")) return;
  if (c.rank(1) && !require_rank(c, 1, 3, "W")) return;
  if (c.rank(2) && !require_rank(c, 2, 3, "R")) return;
  require_equal(c, c.dim(0, 2), c.dim(1, 2), "features of X and W");
  const bool batch_first = c.int_or("layout", 0) != 0;
  const Dim steps = c.dim(0, batch_first ? 1 : 0);
  const size_t batch_axis = batch_first ? 0 : 1;
  const Dim batch = c.dim(0, batch_axis);
  require_equal(c, batch, c.dim(4, 0), "batch of X and length of sequence_lens");
  require_equal(c, batch, c.dim(5, batch_axis), "batches of X and initial_h");
  require_equal(c, batch, c.dim(6, batch_axis), "batches of X and initial_c");
  const Dim directions = c.string_or("direction", "forward") == "bidirectional" ? 2 : 1;
  const int64_t hidden_size = c.int_or("hidden_size", 0);
  const Dim hidden = hidden_size > 0 ? Dim(hidden_size) : c.dim(2, 2);
  if (batch_first) {
    c.set(0, type, Shape{batch, steps, directions, hidden});
    for (size_t i = 1; i < 3; ++i) c.set(i, type, Shape{batch, directions, hidden});
  } else {
    c.set(0, type, Shape{steps, directions, batch, hidden});
    for (size_t i = 1; i < 3; ++i) c.set(i, type, Shape{directions, batch, hidden});
  }
}

constexpr Operator kOperators[] = {
    {"GRU", infer_recurrent},
    {"LSTM", infer_recurrent},
    {"RNN", infer_recurrent},
};

}  // namespace

std::span<const Operator> recurrent_operators() { return kOperators; }

}  // namespace surgery::infer
