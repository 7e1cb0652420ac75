// Optional, OptionalHasElement, OptionalGetElement, and Identity of what is no tensor. An optional that holds something
// is what it holds (exec/datum.h).

#include <utility>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"

namespace exec::cpu {
namespace {

void optional(KernelContext& context) {
  if (context.has_input(0)) return context.set_output(0, context.take_value(0));
  const surgery::Attribute* type = context.attribute("type");
  const auto* element = type == nullptr ? nullptr : type->get_if<surgery::Type>();
  if (element == nullptr) context.fail("has neither an input nor the attribute 'type'");
  context.set_output(0, Datum::nothing(*element));
}

void has_element(KernelContext& context) {
  if (context.opset() < 18 && !context.has_input(0)) context.fail("input 0 is missing");
  Tensor& result = context.output(0, DataType::kBool, {});
  const bool has = context.has_input(0) && !context.value(0).is_nothing();
  result.mutable_bytes()[0] = has ? std::byte{1} : std::byte{0};
}

void get_element(KernelContext& context) {
  Datum value = context.take_value(0);
  if (value.is_nothing()) context.fail("the optional is empty");
  context.set_output(0, std::move(value));
}

void pass_on(KernelContext& context) { context.set_output(0, context.take_value(0)); }

constexpr Kernel kKernels[] = {
    {"Identity", "", 14, kLatest, 0, -1, pass_on, false},
    {"Optional", "", 15, kLatest, 0, -1, optional, false},
    {"OptionalGetElement", "", 15, kLatest, 0, -1, get_element},
    {"OptionalHasElement", "", 15, kLatest, 0, -1, has_element},
};

}  // namespace

std::span<const Kernel> optional_kernels() { return kKernels; }

}  // namespace exec::cpu
