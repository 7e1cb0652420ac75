#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "exec/kernel.h"
#include "exec/oracle.h"
#include "runtime/memory.h"
#include "surgery/text.h"

namespace exec {
namespace {

std::string dims_text(const std::vector<int64_t>& dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  return text + "]";
}

/// What a tensor takes in memory; nothing where that overflows.
std::optional<int64_t> storage_bytes(DataType type, const std::vector<int64_t>& dims) {
  const std::optional<int64_t> count = surgery::checked_product(dims);
  if (!count) return std::nullopt;
  if (type != DataType::kString) return surgery::packed_size_bytes(type, *count);
  int64_t size = 0;
  const auto element_size = static_cast<int64_t>(sizeof(std::string));
  return __builtin_mul_overflow(*count, element_size, &size) ? std::nullopt : std::optional(size);
}

/// Whether an integer attribute of that name is an element type for results, or for what they are computed in.
bool names_type(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "to", "dtype", "output_dtype", "output_datatype", "precision", "softmax_precision", "stash_type"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

KernelContext::KernelContext(const surgery::Node& node, std::span<const Tensor* const> inputs,
                             const KernelEnvironment& environment, std::span<Datum> others)
    : node_(node), inputs_(inputs), others_(others), environment_(environment), outputs_(node.outputs().size()) {}

bool KernelContext::has_output(size_t index) const { return node_.output(index) != nullptr; }

const Tensor& KernelContext::input(size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  if (inputs_[index] == nullptr) fail_type(index, "a tensor");
  return *inputs_[index];
}

const Sequence& KernelContext::sequence(size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  if (!is_other(index) || !others_[index].is_sequence()) fail_type(index, "a sequence");
  return others_[index].sequence();
}

const Map& KernelContext::map(size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  if (!is_other(index) || !others_[index].is_map()) fail_type(index, "a map");
  return others_[index].map();
}

Datum KernelContext::value(size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  if (is_other(index)) return others_[index];
  Datum value(*inputs_[index]);
  if (index < environment_.model_types.size()) value.set_model_type(environment_.model_types[index]);
  return value;
}

Datum KernelContext::take_value(size_t index) {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  return is_other(index) ? std::exchange(others_[index], Datum()) : value(index);
}

std::vector<int64_t> KernelContext::int_values(size_t index) const {
  const Tensor& tensor = input(index);
  constexpr int64_t kLimit = int64_t{1} << 24;
  std::optional<std::vector<int64_t>> values = tensor.to_int64s(kLimit);
  if (!values) {
    fail("input " + std::to_string(index) + " is " + std::string(to_string(tensor.type())) + dims_text(tensor.dims()) +
         ", expected a short list of integers");
  }
  return *std::move(values);
}

const surgery::Attribute* KernelContext::attribute(std::string_view name) const {
  const surgery::Attribute* found = node_.attribute(name);
  if (found == nullptr || found->ref_attr_name().empty()) return found;
  if (environment_.frame == nullptr) {
    fail("attribute " + surgery::quote(name) + " refers to " + surgery::quote(found->ref_attr_name()) +
         " outside a function");
  }
  const auto bound = environment_.frame->attributes.find(found->ref_attr_name());
  return bound == environment_.frame->attributes.end() ? nullptr : bound->second;
}

template <typename T>
const T* KernelContext::payload(std::string_view name, std::string_view expected) const {
  const surgery::Attribute* found = attribute(name);
  if (found == nullptr) return nullptr;
  const T* value = found->get_if<T>();
  if (value == nullptr) {
    fail("attribute " + surgery::quote(name) + " is " + std::string(to_string(found->type())) + ", expected " +
         std::string(expected));
  }
  return value;
}

int64_t KernelContext::attr_int(std::string_view name, int64_t fallback) const {
  const auto* given = payload<int64_t>(name, "int");
  const int64_t value = given != nullptr ? *given : fallback;
  const bool names_float = environment_.in_double && names_type(name) && value > 0 && value <= surgery::kMaxDataType &&
                           is_widened(static_cast<DataType>(value));
  return names_float ? static_cast<int64_t>(DataType::kDouble) : value;
}

float KernelContext::attr_float(std::string_view name, float fallback) const {
  const auto* value = payload<float>(name, "float");
  return value != nullptr ? *value : fallback;
}

std::string KernelContext::attr_string(std::string_view name, std::string_view fallback) const {
  const auto* value = payload<std::string>(name, "string");
  if (value == nullptr) return std::string(fallback);
  // Cast-1 spells its type.
  const bool names_float = environment_.in_double && name == "to" && (*value == "FLOAT" || *value == "FLOAT16");
  return names_float ? "DOUBLE" : *value;
}

std::vector<int64_t> KernelContext::attr_ints(std::string_view name, std::vector<int64_t> fallback) const {
  const auto* values = payload<std::vector<int64_t>>(name, "ints");
  if (values != nullptr) return *values;
  return fallback;
}

std::vector<float> KernelContext::attr_floats(std::string_view name, std::vector<float> fallback) const {
  const auto* values = payload<std::vector<float>>(name, "floats");
  if (values != nullptr) return *values;
  return fallback;
}

std::vector<std::string> KernelContext::attr_strings(std::string_view name) const {
  const auto* values = payload<std::vector<std::string>>(name, "strings");
  return values != nullptr ? *values : std::vector<std::string>{};
}

const Tensor* KernelContext::attr_tensor(std::string_view name) const { return payload<Tensor>(name, "tensor"); }

const surgery::Graph& KernelContext::subgraph(std::string_view attribute_name) const {
  const auto* graph = payload<std::unique_ptr<surgery::Graph>>(attribute_name, "graph");
  if (graph == nullptr || *graph == nullptr) fail("attribute " + surgery::quote(attribute_name) + " is missing");
  return **graph;
}

std::vector<Datum> KernelContext::run_subgraph_on_values(std::string_view attribute_name, std::vector<Datum> inputs) {
  if (environment_.subgraphs == nullptr) unsupported("subgraphs cannot be run here");
  return environment_.subgraphs->run_subgraph(subgraph(attribute_name), std::move(inputs));
}

std::vector<Tensor> KernelContext::run_subgraph(std::string_view attribute_name, std::vector<Tensor> inputs) {
  return to_tensors(run_subgraph_on_values(attribute_name, {std::make_move_iterator(inputs.begin()),
                                                            std::make_move_iterator(inputs.end())}),
                    "result of its subgraph");
}

Tensor& KernelContext::output(size_t index, DataType type, std::vector<int64_t> dims) {
  require_room(index, type, dims);
  outputs_[index] = Tensor::zeros(type, std::move(dims));
  return outputs_[index].tensor();
}

Tensor& KernelContext::output_to_fill(size_t index, DataType type, std::vector<int64_t> dims) {
  require_room(index, type, dims);
  outputs_[index] = Tensor::uninitialized(type, std::move(dims));
  return outputs_[index].tensor();
}

void KernelContext::require_room(size_t index, DataType type, const std::vector<int64_t>& dims) {
  SURGERY_ASSERT(index < outputs_.size(), "a kernel makes outputs that its node lists");
  const std::optional<int64_t> size = storage_bytes(type, dims);
  const auto what = [&] {
    return "output " + std::to_string(index) + " would be " + std::string(to_string(type)) + dims_text(dims);
  };
  if (!size) unsupported(what() + ", which no memory can hold");
  if (*size > bytes_left()) unsupported(what() + " of " + over_limit(*size, bytes_left()));
  allocated_bytes_ += *size;
}

void KernelContext::reserve_bytes(int64_t bytes) {
  if (bytes > bytes_left()) unsupported("its result would take " + over_limit(bytes, bytes_left()));
  allocated_bytes_ += bytes;
}

void KernelContext::set_output(size_t index, Datum value) {
  SURGERY_ASSERT(index < outputs_.size(), "a kernel makes outputs that its node lists");
  outputs_[index] = std::move(value);
}

std::vector<Tensor> KernelContext::take_outputs() { return to_tensors(take_values(), "output"); }

std::vector<Tensor> KernelContext::to_tensors(std::vector<Datum> values, std::string_view what) const {
  std::vector<Tensor> tensors;
  for (Datum& value : values) {
    if (value.is_defined() && !value.is_tensor()) {
      unsupported(std::string(what) + " " + std::to_string(tensors.size()) + " is " + to_string(value.type()) +
                  ", expected a tensor");
    }
    tensors.push_back(value.is_tensor() ? std::move(value.tensor()) : Tensor());
  }
  return tensors;
}

std::vector<Datum> KernelContext::take_values() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (has_output(i) && !outputs_[i].is_defined())
      fail("output " + std::to_string(i) + " is not one this operator has");
  }
  return std::move(outputs_);
}

void KernelContext::fail_type(size_t index, std::string_view expected) const {
  fail("input " + std::to_string(index) + " is " + to_string(value(index).type()) + ", expected " +
       std::string(expected));
}

void KernelContext::fail(const std::string& message) const {
  throw surgery::Error(surgery::ErrorCode::kRead, describe(node_) + ": " + message);
}

void KernelContext::unsupported(const std::string& message) const {
  throw surgery::Error(surgery::ErrorCode::kUnsupported, describe(node_) + ": " + message);
}

}  // namespace exec
