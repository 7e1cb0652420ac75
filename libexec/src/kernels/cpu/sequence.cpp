// Sequences of tensors: SequenceEmpty, SequenceConstruct, SequenceAt, SequenceErase, SequenceInsert, SequenceLength,
// SplitToSequence, ConcatFromSequence, SequenceMap.

#include <algorithm>
#include <string>
#include <utility>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/stacking.h"

namespace exec::cpu {
namespace {

using surgery::Type;

void sequence_empty(KernelContext& context) {
  const int64_t number = context.attr_int("dtype", static_cast<int64_t>(DataType::kFloat));
  const auto type = static_cast<DataType>(number);
  if (number < 0 || number > INT32_MAX || !is_valid(type)) {
    context.fail("attribute 'dtype' is " + std::to_string(number) + ", which is no element type");
  }
  context.set_output(0, Datum(Sequence{Type::tensor(type), {}}));
}

void sequence_construct(KernelContext& context) {
  Sequence sequence{Type::tensor(context.input(0).type()), {}};
  for (size_t i = 0; i < context.num_inputs(); ++i) {
    const Tensor& tensor = context.input(i);
    if (tensor.type() != sequence.element_type.element_type) {
      context.fail("input " + std::to_string(i) + " is " + std::string(to_string(tensor.type())) + ", the first one " +
                   std::string(to_string(sequence.element_type.element_type)));
    }
    sequence.elements.emplace_back(tensor);
  }
  context.set_output(0, Datum(std::move(sequence)));
}

/// The position that input `input` gives, counted from the end when negative: within [-size, size - 1], or [-size,
/// size] where something comes in.
size_t position_of(const KernelContext& context, size_t input, size_t size, bool is_gap) {
  const std::vector<int64_t> values = context.int_values(input);
  if (values.size() != 1) context.fail("the position must be one integer");
  const auto count = static_cast<int64_t>(size);
  const int64_t position = values[0] < 0 ? values[0] + count : values[0];
  if (position < 0 || position > count - (is_gap ? 0 : 1)) {
    context.fail("position " + std::to_string(values[0]) + " is outside of a sequence of " + std::to_string(count));
  }
  return static_cast<size_t>(position);
}

void sequence_at(KernelContext& context) {
  const Sequence& sequence = context.sequence(0);
  context.set_output(0, sequence.elements[position_of(context, 1, sequence.elements.size(), false)]);
}

void sequence_erase(KernelContext& context) {
  const size_t size = context.sequence(0).elements.size();
  if (size == 0) context.fail("the sequence is empty");
  const size_t position = context.has_input(1) ? position_of(context, 1, size, false) : size - 1;
  Datum value = context.take_value(0);
  auto& elements = value.mutable_sequence().elements;
  elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(position));
  context.set_output(0, std::move(value));
}

void sequence_insert(KernelContext& context) {
  const Sequence& sequence = context.sequence(0);
  const Tensor tensor = context.input(1);
  const DataType type = sequence.element_type.element_type;
  if (is_valid(type) && type != tensor.type()) {
    context.fail("input 1 is " + std::string(to_string(tensor.type())) + ", the sequence holds " +
                 to_string(sequence.element_type));
  }
  const size_t size = sequence.elements.size();
  const size_t position = context.has_input(2) ? position_of(context, 2, size, true) : size;
  context.reserve_bytes(static_cast<int64_t>((size + 1) * sizeof(Datum)));
  Datum value = context.take_value(0);
  auto& elements = value.mutable_sequence().elements;
  elements.insert(elements.begin() + static_cast<std::ptrdiff_t>(position), tensor);
  context.set_output(0, std::move(value));
}

void sequence_length(KernelContext& context) {
  context.set_output(0, Tensor::scalar(static_cast<int64_t>(context.sequence(0).elements.size())));
}

/// Bytes that a tensor takes beside its elements, roughly: what many small pieces cost.
constexpr int64_t kPieceOverhead = 256;

/// The lengths of the pieces along an axis of `length`: input 1 as the length of each, or one by one; without it, 1.
Dims piece_lengths(const KernelContext& context, int64_t length) {
  int64_t piece = 1;
  if (context.has_input(1)) {
    Dims given = context.int_values(1);
    if (context.input(1).rank() > 0) {
      int64_t sum = 0;
      for (const int64_t each : given) {
        if (each < 0) context.fail("split " + dims_text(given) + " has a negative length");
        sum = checked_add(context, sum, each);
      }
      if (sum != length) {
        context.fail("split " + dims_text(given) + " does not add up to a length of " + std::to_string(length));
      }
      return given;
    }
    piece = given.at(0);
    if (piece < 1) context.fail("split " + std::to_string(piece) + " is no length");
  }
  const int64_t count = length / piece + (length % piece != 0 ? 1 : 0);
  Dims lengths(static_cast<size_t>(count), piece);
  if (count > 0) lengths.back() = length - piece * (count - 1);
  return lengths;
}

void split_to_sequence(KernelContext& context) {
  const Tensor& data = context.input(0);
  const int64_t axis = normal_axis(context, context.attr_int("axis", 0), data.rank());
  const bool drops_axis = !context.has_input(1) && context.attr_int("keepdims", 1) == 0;
  const int64_t length = data.dims()[static_cast<size_t>(axis)];
  // Before the list of lengths is made: without input 1 there are as many pieces as the axis is long.
  context.reserve_bytes(checked_mul(context, context.has_input(1) ? 1 : length, kPieceOverhead));
  const Dims lengths = piece_lengths(context, length);
  context.reserve_bytes(checked_add(context, static_cast<int64_t>(lengths.size()) * kPieceOverhead, data.size_bytes()));
  Sequence sequence{Type::tensor(data.type()), {}};
  int64_t first = 0;
  for (const int64_t count : lengths) {
    sequence.elements.emplace_back(drops_axis ? slice_at(data, axis, first) : slice_along(data, axis, first, count));
    first += count;
  }
  context.set_output(0, Datum(std::move(sequence)));
}

void concat_from_sequence(KernelContext& context) {
  if (context.attribute("axis") == nullptr) context.fail("attribute 'axis' is missing");
  const int64_t axis = context.attr_int("axis", 0);
  std::vector<Tensor> tensors;
  for (const Datum& element : context.sequence(0).elements) tensors.push_back(element.tensor_if());
  const auto is_other = [](const Tensor& tensor) { return !tensor.is_defined(); };
  if (std::any_of(tensors.begin(), tensors.end(), is_other)) context.fail("the sequence does not hold tensors");
  if (tensors.empty()) context.fail("the sequence is empty");
  if (context.attr_int("new_axis", 0) != 0) {
    stack_output(context, 0, tensors, axis, /*reversed=*/false, Tensor());
  } else {
    join_output(context, 0, tensors, axis);
  }
}

/// The type of the elements of a SequenceMap result: of the first one, else what the body declares.
Type element_type_of(const std::vector<Datum>& elements, const surgery::Value& declared) {
  return without_shape(elements.empty() ? declared.type() : elements.front().type());
}

/// SequenceMap-17: the body runs once for each element of input 0. Further sequences give their elements in step,
/// tensors themselves.
void sequence_map(KernelContext& context) {
  const size_t count = context.sequence(0).elements.size();
  const surgery::Graph& body = context.subgraph("body");
  if (body.outputs().size() < context.num_outputs()) {
    context.fail("its body has " + std::to_string(body.outputs().size()) + " outputs, the node " +
                 std::to_string(context.num_outputs()));
  }
  std::vector<Datum> inputs;
  for (size_t i = 0; i < context.num_inputs(); ++i) {
    inputs.push_back(context.value(i));
    if (!inputs.back().is_sequence() || inputs.back().sequence().elements.size() == count) continue;
    context.fail("input " + std::to_string(i) + " is a sequence of " +
                 std::to_string(inputs.back().sequence().elements.size()) + ", input 0 one of " +
                 std::to_string(count));
  }
  std::vector<std::vector<Datum>> results(context.num_outputs());
  for (size_t step = 0; step < count; ++step) {
    std::vector<Datum> arguments;
    arguments.reserve(inputs.size());
    for (const Datum& input : inputs) {
      arguments.push_back(input.is_sequence() ? input.sequence().elements[step] : input);
    }
    std::vector<Datum> made = context.run_subgraph_on_values("body", std::move(arguments));
    for (size_t i = 0; i < results.size(); ++i) results[i].push_back(std::move(made[i]));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    Type type = element_type_of(results[i], *body.outputs()[i]);
    context.set_output(i, Datum(Sequence{std::move(type), std::move(results[i])}));
  }
}

constexpr Kernel kKernels[] = {
    {"ConcatFromSequence", "", 11, kLatest, 0, -1, concat_from_sequence},
    {"SequenceAt", "", 11, kLatest, 0, -1, sequence_at},
    {"SequenceConstruct", "", 11, kLatest, 0, -1, sequence_construct, false},
    {"SequenceEmpty", "", 11, kLatest, 0, -1, sequence_empty, false},
    {"SequenceErase", "", 11, kLatest, 0, -1, sequence_erase, false},
    {"SequenceInsert", "", 11, kLatest, 0, -1, sequence_insert, false},
    {"SequenceLength", "", 11, kLatest, 0, -1, sequence_length},
    {"SequenceMap", "", 17, kLatest, 0, -1, sequence_map, false},
    {"SplitToSequence", "", 11, kLatest, kMovableTypes, 0, split_to_sequence, false},
};

}  // namespace

std::span<const Kernel> sequence_kernels() { return kKernels; }

}  // namespace exec::cpu
