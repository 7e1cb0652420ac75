#include <utility>

#include "kernels/cpu/families.h"
#include "kernels/cpu/stacking.h"

namespace exec::cpu {
namespace {

bool read_condition(const KernelContext& context, const Tensor& tensor) {
  if (tensor.type() != DataType::kBool || tensor.num_elements() != 1) context.fail("the condition must be one bool");
  return tensor.bytes()[0] != std::byte{0};
}

Tensor bool_scalar(bool value) {
  Tensor tensor = Tensor::zeros(DataType::kBool, {});
  tensor.mutable_bytes()[0] = value ? std::byte{1} : std::byte{0};
  return tensor;
}

/// If-25 and before.
void run_if(KernelContext& context) {
  const bool taken = read_condition(context, context.input(0));
  std::vector<Datum> results = context.run_subgraph_on_values(taken ? "then_branch" : "else_branch", {});
  if (results.size() < context.num_outputs()) {
    context.fail("its subgraph has " + std::to_string(results.size()) + " outputs, the node " +
                 std::to_string(context.num_outputs()));
  }
  for (size_t i = 0; i < context.num_outputs(); ++i) context.set_output(i, std::move(results[i]));
}

/// The number of iterations that input M allows.
int64_t trip_count(const KernelContext& context) {
  if (!context.has_input(0)) return INT64_MAX;
  const std::vector<int64_t> values = context.int_values(0);
  if (values.size() != 1) context.fail("the trip count must be one integer");
  return values[0];
}

/// Loop-25 and before. Body: (iteration, condition, carried...) -> (condition, carried..., scanned...).
void run_loop(KernelContext& context) {
  const int64_t max_trips = trip_count(context);
  bool condition = !context.has_input(1) || read_condition(context, context.input(1));
  const size_t num_carried = context.num_inputs() < 2 ? 0 : context.num_inputs() - 2;
  if (context.num_outputs() < num_carried) context.fail("has fewer outputs than values that it carries");
  const size_t num_scanned = context.num_outputs() - num_carried;
  const surgery::Graph& body = context.subgraph("body");
  if (body.outputs().size() != 1 + num_carried + num_scanned) {
    context.fail("its body has " + std::to_string(body.outputs().size()) + " outputs, expected " +
                 std::to_string(1 + num_carried + num_scanned));
  }

  std::vector<Datum> carried;
  for (size_t i = 0; i < num_carried; ++i) carried.push_back(context.take_value(i + 2));
  std::vector<std::vector<Tensor>> scanned(num_scanned);
  for (int64_t trip = 0; trip < max_trips && condition; ++trip) {
    if (trip == context.max_iterations()) {
      context.unsupported("does not end within " + std::to_string(trip) + " iterations, the limit for one loop");
    }
    std::vector<Datum> inputs{Tensor::scalar(trip), bool_scalar(condition)};
    inputs.insert(inputs.end(), std::make_move_iterator(carried.begin()), std::make_move_iterator(carried.end()));
    std::vector<Datum> results = context.run_subgraph_on_values("body", std::move(inputs));
    condition = read_condition(context, results[0].tensor_if());
    carried.assign(std::make_move_iterator(results.begin() + 1),
                   std::make_move_iterator(results.begin() + 1 + static_cast<std::ptrdiff_t>(num_carried)));
    for (size_t i = 0; i < num_scanned; ++i) {
      Datum& result = results[1 + num_carried + i];
      if (!result.is_tensor()) context.fail("its body gives " + to_string(result.type()) + " to be stacked");
      scanned[i].push_back(std::move(result.tensor()));
    }
  }
  for (size_t i = 0; i < num_carried; ++i) context.set_output(i, std::move(carried[i]));
  for (size_t i = 0; i < num_scanned; ++i) {
    if (!context.has_output(num_carried + i)) continue;
    const Tensor empty =
        scanned[i].empty() ? empty_of_declared(context, *body.outputs()[1 + num_carried + i]) : Tensor();
    stack_output(context, num_carried + i, scanned[i], 0, /*reversed=*/false, empty);
  }
}

constexpr Kernel kKernels[] = {
    {"If", "", 1, kLatest, type_bit(DataType::kBool), 0, run_if},
    {"Loop", "", 1, kLatest, 0, -1, run_loop},
};

}  // namespace

std::span<const Kernel> control_flow_kernels() { return kKernels; }

}  // namespace exec::cpu
