#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/cpu/dims.h"

namespace exec::cpu {

/// One of the functions that RNN, GRU and LSTM name in `activations`; its input is clipped first (attribute `clip`).
class GateActivation {
 public:
  enum class Kind {
    kRelu,
    kTanh,
    kSigmoid,
    kAffine,
    kLeakyRelu,
    kThresholdedRelu,
    kScaledTanh,
    kHardSigmoid,
    kElu,
    kSoftsign,
    kSoftplus
  };

  GateActivation(Kind kind, float alpha, float beta, float clip)
      : kind_(kind), alpha_(alpha), beta_(beta), clip_(clip) {}

  /// values[i] = f(values[i]).
  template <typename T>
  void apply(std::span<T> values) const;

 private:
  Kind kind_;
  float alpha_;
  float beta_;
  float clip_;  // infinite: none
};

/// The activation of that name (compared without case) with these parameters; those that are not given have the
/// defaults of the operator of the name. Fails for an unknown name and for a parameter without a default.
GateActivation named_activation(const KernelContext& context, std::string_view name, std::optional<float> alpha,
                                std::optional<float> beta);

/// The activations of each direction, `per_direction` of them, in order. `defaults` has the names of one direction.
/// Names are compared without case. Fails for an unknown name, a wrong count and missing or spare parameters.
std::vector<GateActivation> read_gate_activations(const KernelContext& context, int64_t directions,
                                                  std::span<const std::string_view> defaults);

/// What the inputs of a recurrent operator say (RNN-22, GRU-22, LSTM-22): X [sequence, batch, input],
/// W [directions, gates * hidden, input], R [directions, gates * hidden, hidden].
struct RecurrentDims {
  int64_t sequence = 0;
  int64_t batch = 0;
  int64_t input = 0;
  int64_t hidden = 0;
  int64_t directions = 1;
  int64_t gates = 1;
  bool starts_reversed = false;  ///< direction "reverse": the first direction runs backwards
  bool batch_first = false;      ///< layout 1: X [batch, sequence, input], states [batch, directions, hidden]

  bool is_reversed(int64_t direction) const { return starts_reversed || direction == 1; }
  /// Of initial_h, Y_h and their kin.
  Dims state_dims() const { return batch_first ? Dims{batch, directions, hidden} : Dims{directions, batch, hidden}; }
  /// Where the state of one row lies in a tensor of state_dims().
  int64_t state_offset(int64_t direction, int64_t row) const {
    return (batch_first ? row * directions + direction : direction * batch + row) * hidden;
  }
};

/// One time step of one direction, for all rows of the batch.
template <typename T>
struct RecurrentStep {
  int64_t direction = 0;
  int64_t batch = 0;
  int64_t hidden = 0;
  T* gates = nullptr;                      ///< [batch, gates * hidden]: X * W^T + the W half of B
  T* state = nullptr;                      ///< [batch, hidden]: before the step, and after it
  const T* recurrence = nullptr;           ///< R of the direction
  const T* recurrence_bias = nullptr;      ///< R half of B of the direction, [gates * hidden]; nullptr: none
  std::span<const unsigned char> is_live;  ///< [batch]: rows whose sequence has not ended; others keep their state

  /// gates[:, first * hidden : last * hidden] += states * R[first * hidden : last * hidden]^T + the bias.
  void add_recurrence(int64_t gates_in_all, int64_t first, int64_t last, const T* states) const;
};

/// What tells RNN, GRU and LSTM apart: how a step changes the state.
template <typename T>
class RecurrentCell {
 public:
  virtual ~RecurrentCell() = default;
  virtual void begin(int64_t direction) = 0;  ///< called before the first step of each direction
  virtual void step(const RecurrentStep<T>& step) = 0;
  virtual void end(int64_t /*direction*/) {}  ///< called after the last one
};

/// Checks X, W, R and B (inputs 0 to 3), sequence_lens (4) and initial_h (5). Fails naming what does not fit.
RecurrentDims read_recurrent_dims(const KernelContext& context, int64_t gates);

/// Fails unless the input is absent or has that shape and the type of X.
void require_recurrent_input(const KernelContext& context, size_t input, const Dims& dims);

/// Runs `cell` over all directions and steps; gives Y (output 0) and Y_h (output 1). After the end of a sequence Y is
/// 0; the last state is that of the last live step, and 0 for a sequence of length 0 (as ONNX Runtime has it).
template <typename T>
void run_recurrent(KernelContext& context, const RecurrentDims& dims, RecurrentCell<T>& cell);

}  // namespace exec::cpu
