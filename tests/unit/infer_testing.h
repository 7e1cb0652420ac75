#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "graph_text.h"
#include "surgery/infer.h"

/// Inference on a few nodes and what it should say, as text.
namespace infer_testing {

using namespace surgery;  // NOLINT(google-build-using-namespace): in a header of tests alone

struct InferCase {
  std::string_view name;
  int opset;
  std::string_view inputs;     ///< "float[N,3] x, int64[2] s"
  std::string_view constants;  ///< "int64[2] s = {1, 2}"
  std::string_view nodes;      ///< "y = Relu (x)"
  /// Types of the last node's outputs, "float[N, 3]", several separated by " ; ", known elements behind: "int64[2]{N,
  /// 3}". Or the first error message, from "error: " on, without the node's name.
  std::string_view expected;
};

inline std::unique_ptr<Model> parse_case(const InferCase& c) {
  const std::string opset = std::to_string(c.opset);
  const std::string text =
      R"(<ir_version: 8, opset_import: ["" : )" + opset + R"(, "ai.onnx.ml" : 3, "com.microsoft" : 1,
      "ai.onnx.preview.training" : 1, "ai.onnx.preview" : 1]> agraph ()" +
      std::string(c.inputs) + ") => () <" + std::string(c.constants) + "> {\n" + std::string(c.nodes) + "\n}";
  return graph_text::Parser(text).parse();
}

inline std::string to_text(const Fact& fact) {
  std::string text = to_string(fact.type);
  if (!fact.content) return text;
  text += "{";
  for (size_t i = 0; i < fact.content->size(); ++i) text += (i > 0 ? ", " : "") + (*fact.content)[i].to_string();
  return text + "}";
}

inline std::string infer_text(const Model& model, const Inference& inference) {
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

inline void check_cases(std::span<const InferCase> cases) {
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
