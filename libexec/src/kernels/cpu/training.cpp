// ai.onnx.preview.training: Gradient, and the optimisers Adagrad, Adam, Momentum. These have the inputs R (learning
// rate), T (update count), then all tensors X, their gradients G and what the optimiser remembers of each; the outputs
// are the new X and the new memory.

#include <cmath>
#include <string>

#include "kernels/cpu/cast.h"
#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/gradient.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

/// What one element is updated from, and to. The second memory is Adam's.
struct Element {
  double x;
  double gradient;
  double first = 0;
  double second = 0;
};

double read_rate(const KernelContext& context) {
  if (context.input(0).num_elements() != 1) context.fail("input 0, the learning rate, is no scalar");
  return cast_tensor(context, 0, DataType::kDouble).values<double>()[0];
}

int64_t read_count(const KernelContext& context) {
  const std::vector<int64_t> values = context.int_values(1);
  if (values.size() != 1) context.fail("input 1, the update count, is no scalar");
  return values[0];
}

/// Calls update(Element&) for each element of each tensor, calculated in double. `memories` is 1 or 2.
template <typename Update>
void run_optimiser(KernelContext& context, size_t memories, Update&& update) {
  const size_t groups = 2 + memories;
  const size_t given = context.num_inputs() < 2 ? 0 : context.num_inputs() - 2;
  if (given == 0 || given % groups != 0) {
    context.fail("it has " + std::to_string(context.num_inputs()) + " inputs, expected 2 and " +
                 std::to_string(groups) + " for each tensor");
  }
  const size_t count = given / groups;
  for (size_t i = 0; i < count; ++i) {
    const Tensor& x = context.input(2 + i);
    for (size_t group = 1; group < groups; ++group) {
      require_shape(context, 2 + group * count + i, x.dims());
      require_type(context, 2 + group * count + i, x.type());
    }
    dispatch_floats(context, x.type(), [&]<typename T>() {
      const auto source = [&](size_t group) { return elements<T>(context.input(2 + group * count + i)).data(); };
      std::vector<T*> targets;
      for (size_t output = 0; output < 1 + memories; ++output) {
        const size_t index = output * count + i;
        const bool is_wanted = context.has_output(index);
        targets.push_back(is_wanted ? mutable_elements<T>(context.output(index, x.type(), x.dims())).data() : nullptr);
      }
      for (int64_t k = 0; k < x.num_elements(); ++k) {
        Element element{static_cast<double>(source(0)[k]), static_cast<double>(source(1)[k]),
                        static_cast<double>(source(2)[k])};
        if (memories == 2) element.second = static_cast<double>(source(3)[k]);
        update(element);
        const double results[] = {element.x, element.first, element.second};
        for (size_t output = 0; output < targets.size(); ++output) {
          if (targets[output] != nullptr) targets[output][k] = static_cast<T>(results[output]);
        }
      }
    });
  }
}

double attribute(const KernelContext& context, std::string_view name, float fallback) {
  return static_cast<double>(context.attr_float(name, fallback));
}

void adagrad(KernelContext& context) {
  const double rate =
      read_rate(context) / (1 + static_cast<double>(read_count(context)) * attribute(context, "decay_factor", 0));
  const double norm = attribute(context, "norm_coefficient", 0);
  const double epsilon = attribute(context, "epsilon", 1e-6F);
  run_optimiser(context, 1, [=](Element& e) {
    const double gradient = norm * e.x + e.gradient;
    e.first += gradient * gradient;
    e.x -= rate * gradient / (std::sqrt(e.first) + epsilon);
  });
}

void adam(KernelContext& context) {
  const double alpha = attribute(context, "alpha", 0.9F);
  const double beta = attribute(context, "beta", 0.999F);
  const double epsilon = attribute(context, "epsilon", 1e-6F);
  const double norm = attribute(context, "norm_coefficient", 0);
  const double norm_after = attribute(context, "norm_coefficient_post", 0);
  const auto count = static_cast<double>(read_count(context));
  double rate = read_rate(context);
  if (count > 0) rate *= std::sqrt(1 - std::pow(beta, count)) / (1 - std::pow(alpha, count));
  run_optimiser(context, 2, [=](Element& e) {
    const double gradient = norm * e.x + e.gradient;
    e.first = alpha * e.first + (1 - alpha) * gradient;
    e.second = beta * e.second + (1 - beta) * gradient * gradient;
    e.x = (1 - norm_after) * (e.x - rate * e.first / (std::sqrt(e.second) + epsilon));
  });
}

void momentum(KernelContext& context) {
  const std::string mode = context.attr_string("mode", "standard");
  if (mode != "standard" && mode != "nesterov") {
    context.fail("attribute 'mode' is " + surgery::quote(mode) + ", expected 'standard' or 'nesterov'");
  }
  const bool is_nesterov = mode == "nesterov";
  const double rate = read_rate(context);
  const double alpha = attribute(context, "alpha", 0);
  const double norm = attribute(context, "norm_coefficient", 0);
  // The first gradient counts in full.
  const double beta = read_count(context) > 0 ? attribute(context, "beta", 0) : 1;
  run_optimiser(context, 1, [=](Element& e) {
    const double gradient = norm * e.x + e.gradient;
    e.first = alpha * e.first + beta * gradient;
    e.x -= rate * (is_nesterov ? gradient + alpha * e.first : e.first);
  });
}

constexpr std::string_view kDomain = "ai.onnx.preview.training";

constexpr Kernel kKernels[] = {
    {"Adagrad", kDomain, 1, kLatest, kFullFloats, 0, adagrad},
    {"Adam", kDomain, 1, kLatest, kFullFloats, 0, adam},
    {"Gradient", kDomain, 1, kLatest, kFloats, 0, gradient, /*folds=*/false, Widening::kNever},
    {"Momentum", kDomain, 1, kLatest, kFullFloats, 0, momentum},
};

}  // namespace

std::span<const Kernel> training_kernels() { return kKernels; }

}  // namespace exec::cpu
