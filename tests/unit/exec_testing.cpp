#include "exec_testing.h"

#include "graph_text.h"

namespace exec_testing {

surgery::Tensor tensor(surgery::DataType type, Dims dims, const std::vector<double>& values) {
  surgery::Tensor result = surgery::Tensor::zeros(type, std::move(dims));
  for (size_t i = 0; i < values.size(); ++i) graph_text::store(result, i, values[i]);
  return result;
}

surgery::Tensor floats(Dims dims, const std::vector<double>& values) {
  return tensor(surgery::DataType::kFloat, std::move(dims), values);
}

std::vector<double> noise(int64_t count, uint64_t seed) {
  std::vector<double> values;
  uint64_t state = seed * 2862933555777941757ULL + 3037000493ULL;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    values.push_back(static_cast<double>(state >> 40U) / static_cast<double>(1U << 23U) - 1.0);
  }
  return values;
}

surgery::Tensor noise_tensor(surgery::DataType type, const Dims& dims, uint64_t seed) {
  return tensor(type, dims, noise(*surgery::checked_product(dims), seed));
}

std::vector<double> values_of(const surgery::Tensor& tensor) {
  return tensor.to_doubles().value_or(std::vector<double>{});
}

std::unique_ptr<surgery::Model> one_node(std::string op_type, const std::vector<surgery::Tensor>& inputs,
                                         std::vector<surgery::Attribute> attributes, int64_t opset,
                                         size_t num_outputs) {
  auto model = surgery::create_model(opset);
  surgery::Graph& graph = model->graph();
  surgery::NodeSpec spec;
  spec.op_type = std::move(op_type);
  spec.name = "n";
  spec.attributes = std::move(attributes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    surgery::Value* value = nullptr;
    if (inputs[i].is_defined()) value = &graph.add_initializer("i" + std::to_string(i), inputs[i]);
    spec.inputs.push_back(value);
  }
  for (size_t i = 0; i < num_outputs; ++i) spec.output_names.push_back("y" + std::to_string(i));
  surgery::Node& node = graph.insert_before(nullptr, std::move(spec));
  for (surgery::Value* output : node.outputs()) graph.add_output(*output);
  return model;
}

std::vector<surgery::Tensor> run(const surgery::Model& model, const exec::RunOptions& options) {
  exec::Session session(model, options);
  const exec::Tensors outputs = session.run({});
  std::vector<surgery::Tensor> result;
  for (const surgery::Value* output : model.graph().outputs()) result.push_back(outputs.at(output->name()));
  return result;
}

std::vector<surgery::Tensor> run(std::string_view text) { return run(*graph_text::parse(text)); }

}  // namespace exec_testing
