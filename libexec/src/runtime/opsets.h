#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "surgery/model.h"

namespace exec {

/// The operator set versions that a graph's nodes mean: the model's, or those of the function that the graph belongs
/// to.
class Opsets {
 public:
  explicit Opsets(const surgery::Model& model, const surgery::Function* function = nullptr)
      : model_(&model), function_(function) {}

  /// Version of a domain; nothing when it is not imported.
  std::optional<int64_t> version(std::string_view domain) const;

 private:
  const surgery::Model* model_;
  const surgery::Function* function_;
};

/// The opsets that hold for a node anywhere in its model.
Opsets opsets_of(const surgery::Node& node);

/// The function of the model that the node calls, or nullptr when it is an operator.
const surgery::Function* called_function(const surgery::Model& model, const surgery::Node& node);

/// Throws Error(kUnsupported) for a node whose operator has no kernel: "node 'x' (com.example.Magic): no kernel for
/// operator com.example.Magic version 1".
[[noreturn]] void fail_without_kernel(const surgery::Node& node, std::optional<int64_t> version);

}  // namespace exec
