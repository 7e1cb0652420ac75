#include "edit/dims/trial.h"

#include <utility>

namespace surgery::dims {

std::unique_ptr<Inference> infer_with(const Model& model, const std::map<std::string, Dim, std::less<>>& sizes) {
  auto inference = std::make_unique<Inference>(model, InferenceOptions{.use_declared = false});
  for (const Value* input : model.graph().inputs()) {
    if (!input->type().is_tensor() || !input->type().shape || input->is_initializer()) continue;
    Type type = input->type();
    for (Dim& dim : *type.shape) dim = dim.substitute(sizes);
    inference->assume(*input, std::move(type));
  }
  inference->run();
  return inference;
}

}  // namespace surgery::dims
