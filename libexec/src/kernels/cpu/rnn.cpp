// RNN and GRU, every version: before 7 the attribute output_sequence only says whether Y is wanted, which the node's
// outputs say too.

#include <string_view>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/recurrent.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// H = f(X * W^T + H * R^T + Wb + Rb).
template <typename T>
class RnnCell final : public RecurrentCell<T> {
 public:
  explicit RnnCell(std::vector<GateActivation> activations) : activations_(std::move(activations)) {}

  void begin(int64_t /*direction*/) override {}

  void step(const RecurrentStep<T>& step) override {
    step.add_recurrence(1, 0, 1, step.state);
    const auto hidden = static_cast<size_t>(step.hidden);
    for (size_t row = 0; row < step.is_live.size(); ++row) {
      if (step.is_live[row] == 0) continue;
      const std::span<T> gate(step.gates + row * hidden, hidden);
      activations_[static_cast<size_t>(step.direction)].apply(gate);
      std::copy(gate.begin(), gate.end(), step.state + row * hidden);
    }
  }

 private:
  std::vector<GateActivation> activations_;
};

/// The gates z, r, h: H = (1 - z) * h + z * H. Where linear_before_reset is 0, the reset gate is applied to the state,
/// otherwise to what the recurrence makes of it.
template <typename T>
class GruCell final : public RecurrentCell<T> {
 public:
  GruCell(const KernelContext& context, const RecurrentDims& dims, std::vector<GateActivation> activations)
      : activations_(std::move(activations)),
        resets_last_(context.attr_int("linear_before_reset", 0) != 0),
        inner_(scratch(context, context.input(0).type(), {dims.batch, dims.hidden})),
        x_part_(scratch(context, context.input(0).type(), {dims.batch, dims.hidden})) {}

  void begin(int64_t /*direction*/) override {}

  void step(const RecurrentStep<T>& step) override {
    const GateActivation& f = activations_[static_cast<size_t>(step.direction) * 2];
    const GateActivation& g = activations_[static_cast<size_t>(step.direction) * 2 + 1];
    const int64_t hidden = step.hidden;
    step.add_recurrence(3, 0, 2, step.state);
    for (int64_t row = 0; row < step.batch; ++row) {
      f.apply(std::span<T>(step.gates + row * 3 * hidden, static_cast<size_t>(2 * hidden)));
    }
    if (resets_last_) {
      add_reset_after(step);
    } else {
      add_reset_before(step);
    }
    for (int64_t row = 0; row < step.batch; ++row) {
      if (step.is_live[static_cast<size_t>(row)] == 0) continue;
      T* z = step.gates + row * 3 * hidden;
      T* h = z + 2 * hidden;
      T* state = step.state + row * hidden;
      g.apply(std::span<T>(h, static_cast<size_t>(hidden)));
      for (int64_t i = 0; i < hidden; ++i) state[i] = (T{1} - z[i]) * h[i] + z[i] * state[i];
    }
  }

 private:
  /// The third gate += (r * H) * R^T + Rb.
  void add_reset_before(const RecurrentStep<T>& step) {
    T* inner = mutable_elements<T>(inner_).data();
    for (int64_t row = 0; row < step.batch; ++row) {
      const T* r = step.gates + (row * 3 + 1) * step.hidden;
      for (int64_t i = 0; i < step.hidden; ++i) {
        inner[row * step.hidden + i] = r[i] * step.state[row * step.hidden + i];
      }
    }
    step.add_recurrence(3, 2, 3, inner);
  }

  /// The third gate += r * (H * R^T + Rb).
  void add_reset_after(const RecurrentStep<T>& step) {
    T* x_part = mutable_elements<T>(x_part_).data();
    for (int64_t row = 0; row < step.batch; ++row) {
      T* h = step.gates + (row * 3 + 2) * step.hidden;
      std::copy_n(h, step.hidden, x_part + row * step.hidden);
      std::fill_n(h, step.hidden, T{0});
    }
    step.add_recurrence(3, 2, 3, step.state);
    for (int64_t row = 0; row < step.batch; ++row) {
      const T* r = step.gates + (row * 3 + 1) * step.hidden;
      T* h = step.gates + (row * 3 + 2) * step.hidden;
      for (int64_t i = 0; i < step.hidden; ++i) h[i] = x_part[row * step.hidden + i] + r[i] * h[i];
    }
  }

  std::vector<GateActivation> activations_;
  bool resets_last_;
  Tensor inner_;
  Tensor x_part_;
};

void rnn(KernelContext& context) {
  static constexpr std::string_view kDefaults[] = {"Tanh"};
  const RecurrentDims dims = read_recurrent_dims(context, 1);
  std::vector<GateActivation> activations = read_gate_activations(context, dims.directions, kDefaults);
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    RnnCell<T> cell(std::move(activations));
    run_recurrent<T>(context, dims, cell);
  });
}

void gru(KernelContext& context) {
  static constexpr std::string_view kDefaults[] = {"Sigmoid", "Tanh"};
  const RecurrentDims dims = read_recurrent_dims(context, 3);
  std::vector<GateActivation> activations = read_gate_activations(context, dims.directions, kDefaults);
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    GruCell<T> cell(context, dims, std::move(activations));
    run_recurrent<T>(context, dims, cell);
  });
}

constexpr Kernel kKernels[] = {
    {"GRU", "", 1, kLatest, kFullFloats, 0, gru},
    {"GRU", "", 1, kLatest, kHalfFloats, 0, widened<gru>},
    {"RNN", "", 1, kLatest, kFullFloats, 0, rnn},
    {"RNN", "", 1, kLatest, kHalfFloats, 0, widened<rnn>},
};

}  // namespace

std::span<const Kernel> rnn_kernels() { return kKernels; }

}  // namespace exec::cpu
