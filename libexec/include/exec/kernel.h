#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exec/datum.h"
#include "surgery/graph.h"
#include "surgery/tensor.h"

namespace exec {

using surgery::DataType;
using surgery::Tensor;

/// Runs the subgraphs of If, Loop and Scan; captures are found by the runner.
class SubgraphRunner {
 public:
  virtual ~SubgraphRunner() = default;
  /// Executes `graph` on one value per graph input; gives one value per graph output.
  virtual std::vector<Datum> run_subgraph(const surgery::Graph& graph, std::vector<Datum> inputs) = 0;
};

/// In a function body: the attributes of the call, which attributes of the body's nodes may refer to.
struct CallFrame {
  std::map<std::string, const surgery::Attribute*, std::less<>> attributes;
};

/// What a node is executed in; the referenced objects outlive the execution.
struct KernelEnvironment {
  int64_t opset = 0;                    ///< version of the node's domain that the model (or function) imports
  int64_t max_bytes = INT64_MAX;        ///< what the outputs together may take
  const CallFrame* frame = nullptr;     ///< inside a function body
  SubgraphRunner* subgraphs = nullptr;  ///< nullptr where subgraphs cannot be run
  int64_t max_iterations = 1'000'000;   ///< of one Loop
  /// In oracle mode: attributes that name a type for floating results name double in the place of float16, bfloat16 and
  /// float, and `model_types` is Datum::model_type() of each input.
  bool in_double = false;
  std::span<const DataType> model_types{};
};

/// What one execution of a node works with. Inputs are aligned (Tensor::is_aligned()).
/// Attributes are read through attr_*() or attribute(), never from node(): they resolve references inside functions.
class KernelContext {
 public:
  /// `others` is empty where all inputs are tensors; else it has, by index, what is no tensor (there `inputs` has
  /// nullptr). The kernel may take these.
  KernelContext(const surgery::Node& node, std::span<const Tensor* const> inputs, const KernelEnvironment& environment,
                std::span<Datum> others = {});

  const surgery::Node& node() const { return node_; }
  int64_t opset() const { return environment_.opset; }  ///< version of the node's domain that the model imports
  const KernelEnvironment& environment() const { return environment_; }  ///< to run another kernel in its place
  int64_t max_iterations() const { return environment_.max_iterations; }
  size_t num_inputs() const { return inputs_.size(); }
  size_t num_outputs() const { return outputs_.size(); }
  bool has_input(size_t index) const {
    return index < inputs_.size() && (inputs_[index] != nullptr || is_other(index));
  }
  bool has_output(size_t index) const;  ///< listed by the node, so its result is wanted

  /// An input that must be there. Throws Error(kRead) naming node and index when it is not, or is no tensor.
  const Tensor& input(size_t index) const;
  const Tensor* optional_input(size_t index) const { return has_input(index) ? &input(index) : nullptr; }
  /// The same for an input that must be a sequence or a map.
  const Sequence& sequence(size_t index) const;
  const Map& map(size_t index) const;
  /// Any input that must be there. The value shares what the input holds.
  Datum value(size_t index) const;
  /// The same, handed over for good where nobody else reads it: a sequence can then be changed in place. Once for each
  /// input.
  Datum take_value(size_t index);
  /// A small integer input as numbers (shape, axes, pads, ...), whatever its integer type.
  std::vector<int64_t> int_values(size_t index) const;

  /// The attribute, references to the attributes of a function call resolved; nullptr when it is absent.
  const surgery::Attribute* attribute(std::string_view name) const;
  /// The attribute's value, or `fallback` when it is absent. Throws Error(kRead) when it has another type.
  int64_t attr_int(std::string_view name, int64_t fallback) const;
  float attr_float(std::string_view name, float fallback) const;
  std::string attr_string(std::string_view name, std::string_view fallback) const;
  std::vector<int64_t> attr_ints(std::string_view name, std::vector<int64_t> fallback = {}) const;
  std::vector<float> attr_floats(std::string_view name, std::vector<float> fallback = {}) const;
  std::vector<std::string> attr_strings(std::string_view name) const;
  const Tensor* attr_tensor(std::string_view name) const;  ///< nullptr when absent

  /// A graph attribute of the node. Throws Error(kRead) when it is absent.
  const surgery::Graph& subgraph(std::string_view attribute_name) const;
  /// Executes a graph attribute of the node. Throws Error(kUnsupported) where subgraphs cannot be run, and, the second
  /// form, for a result that is no tensor.
  std::vector<Datum> run_subgraph_on_values(std::string_view attribute_name, std::vector<Datum> inputs);
  std::vector<Tensor> run_subgraph(std::string_view attribute_name, std::vector<Tensor> inputs);

  /// Makes output `index`, zero-filled. Throws Error(kUnsupported) naming node and size when it is over the limit.
  Tensor& output(size_t index, DataType type, std::vector<int64_t> dims);
  /// The same for a kernel that writes every element: what they are before is not said.
  Tensor& output_to_fill(size_t index, DataType type, std::vector<int64_t> dims);
  /// Throws Error(kUnsupported) naming node and size when `bytes` more, beside the outputs made so far, are over the
  /// limit: for what output() does not make. They count from then on.
  void reserve_bytes(int64_t bytes);
  /// Gives a value that exists already (an input passed on, a reshaped view) as output `index`.
  void set_output(size_t index, Datum value);
  /// The outputs, one per output of the node, undefined where omitted. Throws Error(kRead) when the kernel left out a
  /// wanted one; the second form, Error(kUnsupported) for one that is no tensor.
  std::vector<Datum> take_values();
  std::vector<Tensor> take_outputs();

  /// Throws Error(kRead): "node 'x' (Op): " + message.
  [[noreturn]] void fail(const std::string& message) const;
  /// Throws Error(kUnsupported) likewise.
  [[noreturn]] void unsupported(const std::string& message) const;

 private:
  int64_t bytes_left() const { return environment_.max_bytes - allocated_bytes_; }
  /// Counts the bytes of an output, or throws where they are over the limit.
  void require_room(size_t index, DataType type, const std::vector<int64_t>& dims);
  [[noreturn]] void fail_type(size_t index, std::string_view expected) const;
  std::vector<Tensor> to_tensors(std::vector<Datum> values, std::string_view what) const;
  bool is_other(size_t index) const { return index < others_.size() && others_[index].is_defined(); }
  template <typename T>
  const T* payload(std::string_view name, std::string_view expected) const;

  const surgery::Node& node_;
  std::span<const Tensor* const> inputs_;
  std::span<Datum> others_;
  KernelEnvironment environment_;
  std::vector<Datum> outputs_;
  int64_t allocated_bytes_ = 0;
};

using KernelFunction = void (*)(KernelContext& context);

/// The types a kernel takes, as a bit per DataType, for one position.
using TypeMask = uint32_t;
constexpr TypeMask type_bit(DataType type) { return TypeMask{1} << static_cast<int32_t>(type); }

/// Whether oracle mode gives a kernel double for the model's float16, bfloat16 and float.
enum class Widening : uint8_t {
  kByStandard,  ///< where the standard has double for all these inputs
  kAlways,      ///< the kernel takes it in oracle mode, whatever the standard and `types` say
  kNever,       ///< the result depends on how the model's type stores its numbers
};

/// One implementation of an operator for a span of opset versions. Adding an operator is one entry in its family's
/// file.
struct Kernel {
  std::string_view op_type;
  std::string_view domain;
  int64_t since_version;  ///< first opset version of the domain it implements
  int64_t until_version;  ///< last one, kLatest if open
  TypeMask types;         ///< element types of the input `type_input` that it takes
  int type_input;         ///< which input decides; -1: the operator has no such input, any type
  KernelFunction run;
  bool folds = true;  ///< gives tensors, the same ones for the same inputs: constants may be computed ahead
  Widening widening = Widening::kByStandard;
};
inline constexpr int64_t kLatest = INT64_MAX;

/// The kernel for a node on these inputs, or nullptr: the one predicate that serves dispatch, supports() and the
/// printed table. `types` has the element type of each input, kUndefined where omitted.
const Kernel* find_kernel(const surgery::Node& node, int64_t opset, std::span<const DataType> types);
/// Whether any kernel exists for the operator at that version, whatever the types.
bool has_kernel(std::string_view domain, std::string_view op_type, int64_t opset);
/// Every kernel, sorted by domain and operator; those of one operator in the order in which they are tried.
std::span<const Kernel> all_kernels();

}  // namespace exec
