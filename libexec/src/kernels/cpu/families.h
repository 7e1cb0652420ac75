#pragma once

#include <span>

#include "exec/kernel.h"

/// The operator families: each file of this folder defines one of these, the list of what it implements. Within a
/// family the first entry that takes a node is the one that runs it, so faster variants come first and the reference
/// last. To add a family: declare it here and list it in runtime/kernel_registry.cpp.
namespace exec::cpu {

std::span<const Kernel> control_flow_kernels();

}  // namespace exec::cpu
