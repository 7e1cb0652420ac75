#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/datum.h"
#include "surgery/evaluator.h"
#include "surgery/model.h"

namespace exec {

using surgery::Tensor;
using Tensors = std::map<std::string, Tensor, std::less<>>;

/// What floating-point work is done in.
enum class Mode {
  kExact,   ///< in the model's types
  kOracle,  ///< in double: values of float16, bfloat16 and float are widened and not rounded again (exec/oracle.h)
};

struct RunOptions {
  int threads = 0;        ///< 0: one per core
  int64_t max_bytes = 0;  ///< limit on one tensor and on all live ones together; 0: what the machine has free
  int64_t max_iterations = 1'000'000;  ///< of one Loop; more are refused
  /// From one run to the next, and copied where they lie unaligned in their file: for sessions that run often. Takes up
  /// to twice the memory of the weights, where a single run needs those of one node at a time.
  bool keep_weights = false;
  Mode mode = Mode::kExact;
};

/// A number of nodes by operator ("MatMul", "com.microsoft.QGemm").
using NodeCounts = std::map<std::string, int64_t, std::less<>>;

/// Sees each value as it is made. Default: nothing is observed.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Called in execution order for each value of the main graph that a node produced.
  virtual void on_value(const surgery::Value& value, const Datum& datum) = 0;
};

/// Runs each node by itself in topological order, every intermediate observable. The result does not depend on the
/// number of threads. Memory in use is the live values.
/// In oracle mode the values that come out, and those observed, are doubles with a Datum::model_type().
/// A run advances node by node, so that two runs can go in lockstep.
class Session {
 public:
  /// Plans the run. The model must outlive the session and stay as it is. Throws Error(kUnsupported) naming operator
  /// and node when one has no kernel, kRead for a cycle or a value that nothing produces.
  explicit Session(const surgery::Model& model, const RunOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts a run. `inputs` by graph input name; each graph input without an initializer must be there. Throws
  /// Error(kUsage) for a missing or unknown name, a wrong type, rank or dims (naming found and expected).
  void start(Values inputs, Observer* observer = nullptr);
  bool is_done() const;
  /// The node that step() executes. Requires !is_done().
  const surgery::Node& next() const;
  /// Executes the next node. Requires !is_done(). Throws Error naming the node.
  void step();
  /// The graph outputs by name, once is_done().
  Values take_outputs();

  /// start(), step() to the end, take_outputs().
  Values run_values(Values inputs, Observer* observer = nullptr);
  /// The same where inputs and outputs are tensors, these in the model's types. Throws Error(kUnsupported) for an
  /// output that is none.
  Tensors run(Tensors inputs, Observer* observer = nullptr);

  /// In oracle mode: the nodes that were not executed in double, but in the model's types, so far.
  const NodeCounts& nodes_in_own_type() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The first node (subgraphs and called functions included) whose operator has no kernel at the model's opset, or
/// nullptr.
const surgery::Node* first_unsupported(const surgery::Model& model);

/// The executor as libsurgery's Evaluator. The model gives the opset versions. Results over `max_bytes` are refused.
std::unique_ptr<surgery::Evaluator> make_evaluator(const surgery::Model& model, int64_t max_bytes = int64_t{1} << 28);

/// Threads that kernels may use from now on in this process; 0: one per core.
void set_num_threads(int threads);
int num_threads();

}  // namespace exec
