// What RNN, GRU and LSTM have in common: the walk over directions and time steps.

#include "kernels/cpu/recurrent.h"

#include <algorithm>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/matrix_product.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// Bytes of the buffers for the products X * W^T of several steps; one step is always done at once.
constexpr int64_t kChunkBytes = int64_t{4} << 20;

int64_t read_directions(const KernelContext& context, RecurrentDims& dims) {
  const std::string direction = context.attr_string("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
    context.fail("attribute 'direction' is " + surgery::quote(direction) +
                 ", expected 'forward', 'reverse' or 'bidirectional'");
  }
  dims.starts_reversed = direction == "reverse";
  return direction == "bidirectional" ? 2 : 1;
}

/// Steps of each row: sequence_lens, or the whole sequence.
std::vector<int64_t> read_lengths(const KernelContext& context, const RecurrentDims& dims) {
  if (!context.has_input(4)) return std::vector<int64_t>(static_cast<size_t>(dims.batch), dims.sequence);
  require_shape(context, 4, {dims.batch});
  std::vector<int64_t> lengths = context.int_values(4);
  for (const int64_t length : lengths) {
    if (length < 0 || length > dims.sequence) {
      context.fail("sequence_lens has " + std::to_string(length) + ", expected 0 to " + std::to_string(dims.sequence));
    }
  }
  return lengths;
}

/// One direction of one call.
template <typename T>
class DirectionRun {
 public:
  DirectionRun(KernelContext& context, const RecurrentDims& dims, RecurrentCell<T>& cell, int64_t direction)
      : context_(context),
        dims_(dims),
        cell_(cell),
        direction_(direction),
        columns_(dims.gates * dims.hidden),
        lengths_(read_lengths(context, dims)),
        state_(scratch(context, context.input(0).type(), {dims.batch, dims.hidden})) {
    const int64_t row_bytes =
        (columns_ + dims.input) * static_cast<int64_t>(sizeof(T)) * std::max<int64_t>(dims.batch, 1);
    chunk_ = std::clamp<int64_t>(kChunkBytes / std::max<int64_t>(row_bytes, 1), 1, std::max<int64_t>(dims.sequence, 1));
    rows_ = scratch(context, state_.type(), {chunk_, dims.batch, dims.input});
    gates_ = scratch(context, state_.type(), {chunk_, dims.batch, columns_});
    if (context.has_input(5)) {
      const T* initial = elements<T>(context.input(5)).data();
      T* state = state_.template mutable_values<T>().data();
      for (int64_t row = 0; row < dims.batch; ++row) {
        std::copy_n(initial + dims.state_offset(direction, row), dims.hidden, state + row * dims.hidden);
      }
    }
  }

  /// `y` and `y_h` are the outputs, nullptr where they are not wanted.
  void run(T* y, T* y_h) {
    cell_.begin(direction_);
    for (int64_t first = 0; first < dims_.sequence; first += chunk_) {
      const int64_t last = std::min(first + chunk_, dims_.sequence);
      project(first, last);
      for (int64_t t = first; t < last; ++t) step(t, t - first, y);
    }
    cell_.end(direction_);
    if (y_h == nullptr) return;
    const T* state = state_.template values<T>().data();
    for (int64_t row = 0; row < dims_.batch; ++row) {
      if (length(row) == 0) continue;
      std::copy_n(state + row * dims_.hidden, dims_.hidden, y_h + dims_.state_offset(direction_, row));
    }
  }

 private:
  int64_t length(int64_t row) const { return lengths_[static_cast<size_t>(row)]; }
  /// Which element of the sequence a row reads at step t. Requires t < length(row).
  int64_t time(int64_t t, int64_t row) const { return dims_.is_reversed(direction_) ? length(row) - 1 - t : t; }

  /// gates_[t - first] = X at step t * W^T + the W half of the bias.
  void project(int64_t first, int64_t last) {
    const T* x = elements<T>(context_.input(0)).data();
    T* rows = rows_.template mutable_values<T>().data();
    T* gates = gates_.template mutable_values<T>().data();
    for (int64_t t = first; t < last; ++t) {
      for (int64_t row = 0; row < dims_.batch; ++row) {
        T* to = rows + ((t - first) * dims_.batch + row) * dims_.input;
        if (t >= length(row)) {
          std::fill_n(to, dims_.input, T{0});
          continue;
        }
        const int64_t at = dims_.batch_first ? row * dims_.sequence + time(t, row) : time(t, row) * dims_.batch + row;
        std::copy_n(x + at * dims_.input, dims_.input, to);
      }
    }
    const int64_t num_rows = (last - first) * dims_.batch;
    const T* bias = context_.has_input(3) ? elements<T>(context_.input(3)).data() + direction_ * 2 * columns_ : nullptr;
    for (int64_t i = 0; i < num_rows; ++i) {
      if (bias != nullptr) {
        std::copy_n(bias, columns_, gates + i * columns_);
      } else {
        std::fill_n(gates + i * columns_, columns_, T{0});
      }
    }
    multiply(MatrixProduct<T>{.m = num_rows,
                              .n = columns_,
                              .k = dims_.input,
                              .a = rows,
                              .lda = dims_.input,
                              .b = elements<T>(context_.input(1)).data() + direction_ * columns_ * dims_.input,
                              .ldb = dims_.input,
                              .transpose_b = true,
                              .c = gates,
                              .ldc = columns_,
                              .beta = 1});
  }

  void step(int64_t t, int64_t slot, T* y) {
    live_.resize(static_cast<size_t>(dims_.batch));
    for (int64_t row = 0; row < dims_.batch; ++row) live_[static_cast<size_t>(row)] = t < length(row) ? 1 : 0;
    T* state = state_.template mutable_values<T>().data();
    RecurrentStep<T> next;
    next.direction = direction_;
    next.batch = dims_.batch;
    next.hidden = dims_.hidden;
    next.gates = gates_.template mutable_values<T>().data() + slot * dims_.batch * columns_;
    next.state = state;
    next.recurrence = elements<T>(context_.input(2)).data() + direction_ * columns_ * dims_.hidden;
    if (context_.has_input(3)) {
      next.recurrence_bias = elements<T>(context_.input(3)).data() + (direction_ * 2 + 1) * columns_;
    }
    next.is_live = live_;
    cell_.step(next);
    if (y == nullptr) return;
    for (int64_t row = 0; row < dims_.batch; ++row) {
      if (t >= length(row)) continue;
      const int64_t at = dims_.batch_first ? (row * dims_.sequence + time(t, row)) * dims_.directions + direction_
                                           : (time(t, row) * dims_.directions + direction_) * dims_.batch + row;
      std::copy_n(state + row * dims_.hidden, dims_.hidden, y + at * dims_.hidden);
    }
  }

  KernelContext& context_;
  const RecurrentDims& dims_;
  RecurrentCell<T>& cell_;
  int64_t direction_;
  int64_t columns_;
  std::vector<int64_t> lengths_;
  std::vector<unsigned char> live_;
  Tensor state_;
  int64_t chunk_ = 1;
  Tensor rows_;   // X of the steps of a chunk, [chunk, batch, input]
  Tensor gates_;  // [chunk, batch, gates * hidden]
};

}  // namespace

void require_recurrent_input(const KernelContext& context, size_t input, const Dims& dims) {
  if (!context.has_input(input)) return;
  require_shape(context, input, dims);
  require_type(context, input, context.input(0).type());
}

RecurrentDims read_recurrent_dims(const KernelContext& context, int64_t gates) {
  RecurrentDims dims;
  dims.gates = gates;
  dims.directions = read_directions(context, dims);
  require_rank(context, 0, 3);
  require_rank(context, 2, 3);
  const int64_t layout = context.attr_int("layout", 0);
  if (layout != 0 && layout != 1) context.fail("attribute 'layout' is " + std::to_string(layout) + ", expected 0 or 1");
  dims.batch_first = layout == 1;
  const Dims& x = context.input(0).dims();
  dims.sequence = x[dims.batch_first ? 1 : 0];
  dims.batch = x[dims.batch_first ? 0 : 1];
  dims.input = x[2];
  dims.hidden = context.input(2).dims()[2];
  const int64_t stated = context.attr_int("hidden_size", dims.hidden);
  if (stated != dims.hidden) {
    context.fail("attribute 'hidden_size' is " + std::to_string(stated) + ", R has shape " +
                 dims_text(context.input(2).dims()));
  }
  const int64_t columns = checked_mul(context, gates, dims.hidden);
  require_recurrent_input(context, 1, {dims.directions, columns, dims.input});
  require_recurrent_input(context, 2, {dims.directions, columns, dims.hidden});
  require_recurrent_input(context, 3, {dims.directions, 2 * columns});
  require_recurrent_input(context, 5, dims.state_dims());
  if (!context.has_input(1)) context.fail("input 1 is missing");
  return dims;
}

template <typename T>
void RecurrentStep<T>::add_recurrence(int64_t gates_in_all, int64_t first, int64_t last, const T* states) const {
  const int64_t columns = gates_in_all * hidden;
  const int64_t begin = first * hidden;
  const int64_t count = (last - first) * hidden;
  if (recurrence_bias != nullptr) {
    for (int64_t row = 0; row < batch; ++row) {
      T* to = gates + row * columns + begin;
      for (int64_t i = 0; i < count; ++i) to[i] += recurrence_bias[begin + i];
    }
  }
  multiply(MatrixProduct<T>{.m = batch,
                            .n = count,
                            .k = hidden,
                            .a = states,
                            .lda = hidden,
                            .b = recurrence + begin * hidden,
                            .ldb = hidden,
                            .transpose_b = true,
                            .c = gates + begin,
                            .ldc = columns,
                            .beta = 1});
}

template <typename T>
void run_recurrent(KernelContext& context, const RecurrentDims& dims, RecurrentCell<T>& cell) {
  const DataType type = context.input(0).type();
  T* y = nullptr;
  T* y_h = nullptr;
  if (context.has_output(0)) {
    Dims shape = {dims.sequence, dims.directions, dims.batch, dims.hidden};
    if (dims.batch_first) shape = {dims.batch, dims.sequence, dims.directions, dims.hidden};
    y = mutable_elements<T>(context.output(0, type, std::move(shape))).data();
  }
  if (context.has_output(1)) y_h = mutable_elements<T>(context.output(1, type, dims.state_dims())).data();
  // The steps take time also where Y is not wanted, and X has no elements.
  const Dims states{dims.sequence, dims.directions, dims.batch, dims.hidden};
  require_bounded(context, type, states);
  if (dims.batch == 0 || dims.hidden == 0) return;
  for (int64_t direction = 0; direction < dims.directions; ++direction) {
    DirectionRun<T>(context, dims, cell, direction).run(y, y_h);
  }
}

template struct RecurrentStep<float>;
template struct RecurrentStep<double>;
template void run_recurrent(KernelContext& context, const RecurrentDims& dims, RecurrentCell<float>& cell);
template void run_recurrent(KernelContext& context, const RecurrentDims& dims, RecurrentCell<double>& cell);

}  // namespace exec::cpu
