// LSTM, every version.

#include <string_view>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/recurrent.h"
#include "kernels/cpu/substitute.h"

namespace exec::cpu {
namespace {

/// The gates i, o, f, c, with peepholes P in the order i, o, f:
///   i = f(... + Pi * C), f = f(... + Pf * C) or 1 - i where input_forget, C = f * C + i * g(...),
///   o = f(... + Po * the new C), H = o * h(C).
template <typename T>
class LstmCell final : public RecurrentCell<T> {
 public:
  LstmCell(KernelContext& context, const RecurrentDims& dims, std::vector<GateActivation> activations)
      : context_(context),
        dims_(dims),
        activations_(std::move(activations)),
        couples_(context.attr_int("input_forget", 0) != 0),
        cells_(scratch(context, context.input(0).type(), {dims.batch, dims.hidden})),
        activated_(scratch(context, context.input(0).type(), {dims.hidden})),
        was_live_(static_cast<size_t>(dims.batch)) {
    require_recurrent_input(context, 6, dims.state_dims());
    require_recurrent_input(context, 7, {dims.directions, 3 * dims.hidden});
    if (context.has_output(2)) {
      last_ = mutable_elements<T>(context.output(2, context.input(0).type(), dims.state_dims())).data();
    }
  }

  void begin(int64_t direction) override {
    const std::span<T> cells = mutable_elements<T>(cells_);
    std::fill(cells.begin(), cells.end(), T{0});
    std::fill(was_live_.begin(), was_live_.end(), 0);
    if (!context_.has_input(6)) return;
    const T* initial = elements<T>(context_.input(6)).data();
    for (int64_t row = 0; row < dims_.batch; ++row) {
      std::copy_n(initial + dims_.state_offset(direction, row), dims_.hidden, cells.data() + row * dims_.hidden);
    }
  }

  void step(const RecurrentStep<T>& step) override {
    step.add_recurrence(4, 0, 4, step.state);
    for (int64_t row = 0; row < step.batch; ++row) {
      if (step.is_live[static_cast<size_t>(row)] == 0) continue;
      was_live_[static_cast<size_t>(row)] = 1;
      row_step(step, row);
    }
  }

  void end(int64_t direction) override {
    if (last_ == nullptr) return;
    const T* cells = elements<T>(cells_).data();
    for (int64_t row = 0; row < dims_.batch; ++row) {
      if (was_live_[static_cast<size_t>(row)] == 0) continue;
      std::copy_n(cells + row * dims_.hidden, dims_.hidden, last_ + dims_.state_offset(direction, row));
    }
  }

 private:
  void row_step(const RecurrentStep<T>& step, int64_t row) {
    const int64_t hidden = step.hidden;
    const auto first = static_cast<size_t>(step.direction) * 3;
    const T* peepholes =
        context_.has_input(7) ? elements<T>(context_.input(7)).data() + step.direction * 3 * hidden : nullptr;
    T* i = step.gates + row * 4 * hidden;
    T* o = i + hidden;
    T* f = o + hidden;
    T* c = f + hidden;
    T* cell = mutable_elements<T>(cells_).data() + row * hidden;
    const auto gate = [&](T* values) { return std::span<T>(values, static_cast<size_t>(hidden)); };
    const auto peep = [&](T* values, int64_t which) {
      if (peepholes == nullptr) return;
      for (int64_t k = 0; k < hidden; ++k) values[k] += peepholes[which * hidden + k] * cell[k];
    };
    peep(i, 0);
    activations_[first].apply(gate(i));
    if (couples_) {
      for (int64_t k = 0; k < hidden; ++k) f[k] = T{1} - i[k];
    } else {
      peep(f, 2);
      activations_[first].apply(gate(f));
    }
    activations_[first + 1].apply(gate(c));
    for (int64_t k = 0; k < hidden; ++k) cell[k] = f[k] * cell[k] + i[k] * c[k];
    peep(o, 1);
    activations_[first].apply(gate(o));
    T* activated = mutable_elements<T>(activated_).data();
    std::copy_n(cell, hidden, activated);
    activations_[first + 2].apply(gate(activated));
    T* state = step.state + row * hidden;
    for (int64_t k = 0; k < hidden; ++k) state[k] = o[k] * activated[k];
  }

  KernelContext& context_;
  const RecurrentDims& dims_;
  std::vector<GateActivation> activations_;
  bool couples_;
  Tensor cells_;
  Tensor activated_;
  std::vector<unsigned char> was_live_;
  T* last_ = nullptr;  // Y_c
};

void lstm(KernelContext& context) {
  static constexpr std::string_view kDefaults[] = {"Sigmoid", "Tanh", "Tanh"};
  const RecurrentDims dims = read_recurrent_dims(context, 4);
  std::vector<GateActivation> activations = read_gate_activations(context, dims.directions, kDefaults);
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    LstmCell<T> cell(context, dims, std::move(activations));
    run_recurrent<T>(context, dims, cell);
  });
}

constexpr Kernel kKernels[] = {
    {"LSTM", "", 1, kLatest, kFullFloats, 0, lstm},
    {"LSTM", "", 1, kLatest, kHalfFloats, 0, widened<lstm>},
};

}  // namespace

std::span<const Kernel> lstm_kernels() { return kKernels; }

}  // namespace exec::cpu
