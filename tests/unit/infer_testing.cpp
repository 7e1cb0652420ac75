#include "infer_testing.h"

#include <doctest/doctest.h>

#include <string>

#include "graph_text.h"

namespace infer_testing {

std::unique_ptr<Model> parse_case(const InferCase& c) {
  const std::string opset = std::to_string(c.opset);
  const std::string text =
      R"(<ir_version: 8, opset_import: ["" : )" + opset + R"(, "ai.onnx.ml" : 3, "com.microsoft" : 1,
      "ai.onnx.preview.training" : 1, "ai.onnx.preview" : 1]> agraph ()" +
      std::string(c.inputs) + ") => () <" + std::string(c.constants) + "> {\n" + std::string(c.nodes) + "\n}";
  return graph_text::parse(text);
}

std::string to_text(const Fact& fact) {
  std::string text = to_string(fact.type);
  if (!fact.content) return text;
  text += "{";
  for (size_t i = 0; i < fact.content->size(); ++i) text += (i > 0 ? ", " : "") + (*fact.content)[i].to_string();
  return text + "}";
}

std::string infer_text(const Model& model, const Inference& inference) {
  if (!inference.errors().empty()) {
    const std::string& message = inference.errors().front();
    return "error: " + message.substr(message.find("): ") + 3);
  }
  std::string text;
  const Node* last = model.graph().first_node();
  while (last->next() != nullptr) last = last->next();
  for (const Value* output : last->outputs()) {
    if (output == nullptr) continue;
    text += (text.empty() ? "" : " ; ") + to_text(inference.fact(*output));
  }
  return text;
}

void check_cases(std::span<const InferCase> cases) {
  for (const InferCase& c : cases) {
    CAPTURE(c.name);
    CAPTURE(c.nodes);
    const std::unique_ptr<Model> model = parse_case(c);
    Inference inference(*model);
    inference.run();
    CHECK(infer_text(*model, inference) == c.expected);
  }
}

}  // namespace infer_testing
