#include "rewrite_testing.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "graph_text.h"
#include "surgery/infer.h"

namespace rewrite_testing {

const Rewrite& find_rewrite(std::string_view name) {
  for (const Rewrite* rewrite : all_rewrites()) {
    if (rewrite->name() == name) return *rewrite;
  }
  throw std::runtime_error("no rewrite " + std::string(name));
}

SimplifyReport apply(Model& model, std::vector<std::string> only, SimplifyOptions options) {
  options.only = std::move(only);
  const auto evaluator = exec::make_evaluator(model);
  return simplify(model, evaluator.get(), options);
}

std::string after(Model& model, std::vector<std::string> only) {
  apply(model, std::move(only));
  return graph_text::print(model);
}

std::string after(std::string_view text, std::vector<std::string> only) {
  return after(*graph_text::parse(text), std::move(only));
}

std::string reason(std::string_view name, std::string_view text) {
  const auto model = graph_text::parse(text);
  const auto evaluator = exec::make_evaluator(*model);
  Inference inference(*model);
  inference.run();
  Rewriter rewriter(*model, inference, evaluator.get());
  const Rewrite& rewrite = find_rewrite(name);
  const std::string before = graph_text::print(*model);
  std::string last = "(no node to start from)";
  for (Node* node : model->graph().nodes()) {
    const auto anchors = rewrite.anchors();
    if (!anchors.empty() && std::find(anchors.begin(), anchors.end(), node->op_type()) == anchors.end()) continue;
    last = rewrite.apply(*node, rewriter).reason;
  }
  if (graph_text::print(*model) != before) return "(changed)";
  return last;
}

exec::Tensors inputs_for(const Model& model, int64_t size) {
  exec::Tensors inputs;
  uint64_t state = 1;
  for (const Value* input : model.graph().inputs()) {
    if (input->is_initializer()) continue;
    std::vector<int64_t> dims;
    for (const Dim& dim : *input->type().shape) dims.push_back(dim.is_known() ? dim.value() : size);
    Tensor tensor = Tensor::zeros(input->type().element_type, dims);
    for (int64_t i = 0; i < tensor.num_elements(); ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const double number = 0.5 + static_cast<double>(state >> 40U) / static_cast<double>(1U << 24U);
      graph_text::store(tensor, static_cast<size_t>(i), number);
    }
    inputs.emplace(input->name(), std::move(tensor));
  }
  return inputs;
}

bool same_results(const Model& before, const Model& changed, const std::vector<int64_t>& sizes) {
  for (const int64_t size : sizes) {
    const exec::Tensors expected = exec::Session(before).run(inputs_for(before, size));
    const exec::Tensors found = exec::Session(changed).run(inputs_for(changed, size));
    if (expected.size() != found.size()) return false;
    for (const auto& [name, tensor] : expected) {
      const auto other = found.find(name);
      if (other == found.end() || other->second.type() != tensor.type() || other->second.dims() != tensor.dims()) {
        return false;
      }
      const auto want = tensor.to_doubles();
      const auto got = other->second.to_doubles();
      if (!want || !got) {
        if (!identical(tensor, other->second)) return false;
        continue;
      }
      const double tolerance = bit_width(tensor.type()) <= 16 ? 1e-2 : 1e-5;
      for (size_t i = 0; i < want->size(); ++i) {
        const double error = std::abs((*want)[i] - (*got)[i]);
        if (!(error <= tolerance * std::max(1.0, std::abs((*want)[i]))) && (*want)[i] != (*got)[i]) return false;
      }
    }
  }
  return true;
}

bool same_results(std::string_view before, const Model& changed, const std::vector<int64_t>& sizes) {
  return same_results(*graph_text::parse(before), changed, sizes);
}

bool keeps_results(std::string_view text, std::vector<std::string> only, const std::vector<int64_t>& sizes) {
  const auto model = graph_text::parse(text);
  return apply(*model, std::move(only)).steps > 0 && same_results(text, *model, sizes);
}

std::vector<double> constant_values(const Model& model, std::string_view name) {
  const Value* value = model.graph().find(name);
  if (value == nullptr || constant_of(*value) == nullptr) return {};
  const auto tensor = constant_of(*value);
  if (const auto integers = tensor->to_int64s()) return {integers->begin(), integers->end()};
  return tensor->to_doubles().value_or(std::vector<double>());
}

}  // namespace rewrite_testing
