#include <algorithm>
#include <string>
#include <utility>

#include "kernels/cpu/families.h"
#include "kernels/cpu/stacking.h"

namespace exec::cpu {
namespace {

/// How a Scan node is laid out. Body: (states..., one slice per scanned input...) -> (states..., one per output...).
struct ScanShape {
  size_t num_states = 0;
  size_t num_scanned = 0;
  size_t num_results = 0;
  Dims input_axes;
  Dims input_directions;
  Dims result_axes;
  Dims result_directions;
};

/// An attribute with one number per scanned input or output, 0 each when it is absent.
Dims per_value(const KernelContext& context, std::string_view name, size_t count) {
  Dims values = context.attr_ints(name, Dims(count, 0));
  if (values.size() != count) {
    context.fail("attribute '" + std::string(name) + "' has " + std::to_string(values.size()) + " values, expected " +
                 std::to_string(count));
  }
  return values;
}

/// `first_input`: how many inputs come before the states.
ScanShape read_shape(const KernelContext& context, size_t first_input) {
  ScanShape shape;
  const size_t inputs = context.num_inputs() - std::min(first_input, context.num_inputs());
  const int64_t scanned = context.attr_int("num_scan_inputs", 0);
  if (scanned < 1 || static_cast<size_t>(scanned) > inputs) {
    context.fail("attribute 'num_scan_inputs' is " + std::to_string(scanned) + ", with " + std::to_string(inputs) +
                 " inputs");
  }
  shape.num_scanned = static_cast<size_t>(scanned);
  shape.num_states = inputs - shape.num_scanned;
  if (context.num_outputs() < shape.num_states) context.fail("has fewer outputs than states");
  shape.num_results = context.num_outputs() - shape.num_states;
  const surgery::Graph& body = context.subgraph("body");
  if (body.outputs().size() != shape.num_states + shape.num_results) {
    context.fail("its body has " + std::to_string(body.outputs().size()) + " outputs, the node " +
                 std::to_string(context.num_outputs()));
  }
  return shape;
}

/// The states after the last step, and what each step gave.
struct ScanRun {
  std::vector<Tensor> states;
  std::vector<std::vector<Tensor>> results;
};

/// `steps` steps over `inputs` along the axes of `shape`, which count from the front.
ScanRun scan(KernelContext& context, const ScanShape& shape, std::vector<Tensor> states, std::span<const Tensor> inputs,
             int64_t steps) {
  ScanRun run{std::move(states), std::vector<std::vector<Tensor>>(shape.num_results)};
  for (int64_t step = 0; step < steps; ++step) {
    if (step == context.max_iterations()) {
      context.unsupported("has over " + std::to_string(step) + " steps, the limit for one loop");
    }
    std::vector<Tensor> arguments = std::move(run.states);
    for (size_t i = 0; i < inputs.size(); ++i) {
      arguments.push_back(
          slice_at(inputs[i], shape.input_axes[i], shape.input_directions[i] == 1 ? steps - 1 - step : step));
    }
    std::vector<Tensor> results = context.run_subgraph("body", std::move(arguments));
    const auto first_result = results.begin() + static_cast<std::ptrdiff_t>(shape.num_states);
    for (size_t i = 0; i < shape.num_results; ++i) {
      run.results[i].push_back(std::move(first_result[static_cast<std::ptrdiff_t>(i)]));
    }
    run.states.assign(std::make_move_iterator(results.begin()), std::make_move_iterator(first_result));
  }
  return run;
}

/// The extent that all scanned inputs have along their axes.
int64_t num_steps(const KernelContext& context, const ScanShape& shape, std::span<const Tensor> inputs) {
  const int64_t steps = inputs[0].dims()[static_cast<size_t>(shape.input_axes[0])];
  for (size_t i = 1; i < inputs.size(); ++i) {
    const int64_t found = inputs[i].dims()[static_cast<size_t>(shape.input_axes[i])];
    if (found != steps) {
      context.fail("its inputs have " + std::to_string(steps) + " and " + std::to_string(found) + " steps");
    }
  }
  return steps;
}

/// Scan-25 to Scan-9.
void run_scan(KernelContext& context) {
  ScanShape shape = read_shape(context, 0);
  shape.input_axes = per_value(context, "scan_input_axes", shape.num_scanned);
  shape.input_directions = per_value(context, "scan_input_directions", shape.num_scanned);
  shape.result_axes = per_value(context, "scan_output_axes", shape.num_results);
  shape.result_directions = per_value(context, "scan_output_directions", shape.num_results);
  std::vector<Tensor> states;
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < context.num_inputs(); ++i) {
    (i < shape.num_states ? states : inputs).push_back(context.input(i));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    shape.input_axes[i] = normal_axis(context, shape.input_axes[i], inputs[i].rank());
  }
  ScanRun run = scan(context, shape, std::move(states), inputs, num_steps(context, shape, inputs));

  for (size_t i = 0; i < shape.num_states; ++i) context.set_output(i, std::move(run.states[i]));
  const std::span<surgery::Value* const> declared = context.subgraph("body").outputs();
  for (size_t i = 0; i < shape.num_results; ++i) {
    const size_t output = shape.num_states + i;
    if (!context.has_output(output)) continue;
    const Tensor empty = run.results[i].empty() ? empty_of_declared(context, *declared[output]) : Tensor();
    stack_output(context, output, run.results[i], shape.result_axes[i], shape.result_directions[i] == 1, empty);
  }
}

/// The lengths of the sequences of Scan-8: input 0, or the full length for each.
Dims sequence_lengths(const KernelContext& context, int64_t batch, int64_t steps) {
  if (!context.has_input(0)) return Dims(static_cast<size_t>(batch), steps);
  Dims lengths = context.int_values(0);
  const auto is_wrong = [&](int64_t length) { return length < 0 || length > steps; };
  if (lengths.size() != static_cast<size_t>(batch) || std::any_of(lengths.begin(), lengths.end(), is_wrong)) {
    context.fail("sequence lengths " + dims_text(lengths) + " do not fit a batch of " + std::to_string(batch) +
                 " and " + std::to_string(steps) + " steps");
  }
  return lengths;
}

/// Scan-8: everything has a batch axis in front, the sequence axis is 1, and sequences may end early.
void run_batched_scan(KernelContext& context) {
  ScanShape shape = read_shape(context, 1);
  shape.input_axes.assign(shape.num_scanned, 0);
  shape.input_directions = per_value(context, "directions", shape.num_scanned);
  for (size_t i = 1; i < context.num_inputs(); ++i) {
    const Dims& dims = context.input(i).dims();
    const size_t rank = i > shape.num_states ? 2 : 1;
    if (dims.size() < rank || dims[0] < 1 || dims[0] != context.input(1).dims()[0]) {
      context.fail("input " + std::to_string(i) + " has shape " + dims_text(dims) + ", expected a batch in front");
    }
  }
  const int64_t batch = context.input(1).dims()[0];
  const int64_t steps = context.input(1 + shape.num_states).dims()[1];
  const Dims lengths = sequence_lengths(context, batch, steps);

  std::vector<std::vector<Tensor>> states(shape.num_states);
  std::vector<std::vector<Tensor>> results(shape.num_results);
  for (int64_t sample = 0; sample < batch; ++sample) {
    std::vector<Tensor> sample_states;
    std::vector<Tensor> sample_inputs;
    for (size_t i = 1; i < context.num_inputs(); ++i) {
      (i <= shape.num_states ? sample_states : sample_inputs).push_back(slice_at(context.input(i), 0, sample));
    }
    if (num_steps(context, shape, sample_inputs) != steps) context.fail("its inputs differ in length");
    ScanRun run = scan(context, shape, std::move(sample_states), sample_inputs, lengths[static_cast<size_t>(sample)]);
    for (size_t i = 0; i < shape.num_states; ++i) states[i].push_back(std::move(run.states[i]));
    for (size_t i = 0; i < shape.num_results; ++i) {
      std::vector<Tensor>& all = results[i];
      all.insert(all.end(), run.results[i].begin(), run.results[i].end());
      if (all.empty()) context.fail("the first sequence has no step, so the shape of its results is not known");
      all.resize(static_cast<size_t>((sample + 1) * steps), Tensor::zeros(all[0].type(), all[0].dims()));
    }
  }
  for (size_t i = 0; i < shape.num_states; ++i) stack_output(context, i, states[i], 0, false, Tensor());
  for (size_t i = 0; i < shape.num_results; ++i) {
    const size_t output = shape.num_states + i;
    if (!context.has_output(output)) continue;
    Dims dims = results[i][0].dims();
    dims.insert(dims.begin(), {batch, steps});
    const Tensor stacked = std::move(stack_output(context, output, results[i], 0, false, Tensor()));
    context.set_output(output, stacked.reshaped(std::move(dims)));
  }
}

constexpr Kernel kKernels[] = {
    {"Scan", "", 8, 8, 0, -1, run_batched_scan},
    {"Scan", "", 9, kLatest, 0, -1, run_scan},
};

}  // namespace

std::span<const Kernel> scan_kernels() { return kKernels; }

}  // namespace exec::cpu
