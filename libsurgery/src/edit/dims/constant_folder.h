#pragma once

#include <memory>
#include <unordered_map>

#include "surgery/evaluator.h"
#include "surgery/infer.h"

namespace surgery::dims {

/// Computes values that follow from constants, and from sizes that inference knows, alone. A value is computed once, as
/// it is when it is first asked for, and nothing in the graph changes.
class ConstantFolder {
 public:
  /// Without an evaluator nothing can be computed.
  ConstantFolder(const Model& model, const Evaluator* evaluator, const Inference& inference)
      : model_(model), evaluator_(evaluator), inference_(inference) {}

  /// The tensor; nullptr where the value depends on data, on random numbers or on a size that is not known, where no
  /// kernel computes it, or where it (or what it is made of) is large.
  std::shared_ptr<const Tensor> fold(const Value& value) { return fold(value, 0); }

 private:
  std::shared_ptr<const Tensor> fold(const Value& value, int depth);
  std::shared_ptr<const Tensor> known(const Value& value) const;
  void compute(const Node& node, int depth);

  const Model& model_;
  const Evaluator* evaluator_;
  const Inference& inference_;
  std::unordered_map<const Value*, std::shared_ptr<const Tensor>> folded_;
};

}  // namespace surgery::dims
