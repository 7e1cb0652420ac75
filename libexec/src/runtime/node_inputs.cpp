#include "runtime/node_inputs.h"

#include <deque>
#include <new>
#include <string>

#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Node;

/// `error`, with the node in front unless it is there already.
Error at_node(const Error& error, const Node& node) {
  const std::string place = describe(node);
  return std::string_view(error.what()).starts_with(place) ? error : error.within(place);
}

std::string types_text(std::span<const DataType> types, std::span<const Datum> others) {
  std::string text;
  for (size_t i = 0; i < types.size(); ++i) {
    text += i == 0 ? "" : ", ";
    if (is_valid(types[i])) {
      text += to_string(types[i]);
    } else {
      text += i < others.size() && others[i].is_defined() ? to_string(others[i].type()) : "omitted";
    }
  }
  return text;
}

/// The inputs with unaligned ones replaced by copies, which live as long as this does.
class AlignedInputs {
 public:
  explicit AlignedInputs(std::span<const Tensor* const> inputs) : inputs_(inputs.begin(), inputs.end()) {
    for (const Tensor*& input : inputs_) {
      if (input == nullptr || input->is_aligned()) continue;
      input = &copies_.emplace_back(input->aligned());
    }
  }
  std::span<const Tensor* const> inputs() const { return inputs_; }

 private:
  std::vector<const Tensor*> inputs_;
  std::deque<Tensor> copies_;
};

}  // namespace

Datum NodeInputs::value(size_t index) const {
  Datum value;
  if (tensors[index] != nullptr) {
    value = *tensors[index];
  } else if (index < others.size()) {
    value = others[index];
  }
  if (index < model_types.size()) value.set_model_type(model_types[index]);
  return value;
}

std::vector<DataType> NodeInputs::tensor_types() const {
  std::vector<DataType> types;
  for (const Tensor* tensor : tensors) types.push_back(tensor == nullptr ? DataType::kUndefined : tensor->type());
  return types;
}

std::vector<Datum> run_kernel(const Node& node, NodeInputs& inputs, const KernelEnvironment& environment) {
  const std::vector<DataType> types = inputs.tensor_types();
  const Kernel* kernel = find_kernel(node, environment.opset, types);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": no kernel for " + surgery::escape(node.op_type()) +
                                             " version " + std::to_string(environment.opset) + " on inputs of type (" +
                                             types_text(types, inputs.others) + ")");
  }
  return run_kernel(*kernel, node, inputs, environment);
}

std::vector<Datum> run_kernel(const Kernel& kernel, const Node& node, NodeInputs& inputs,
                              const KernelEnvironment& environment) {
  try {
    const AlignedInputs aligned(inputs.tensors);
    KernelContext context(node, aligned.inputs(), environment, inputs.others);
    kernel.run(context);
    return context.take_values();
  } catch (const Error& error) {
    throw at_node(error, node);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::kUnsupported, describe(node) + ": out of memory");
  }
}

}  // namespace exec
