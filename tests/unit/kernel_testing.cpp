#include "kernel_testing.h"

#include <doctest/doctest.h>

#include "exec/parity.h"
#include "graph_text.h"
#include "surgery/error.h"

namespace kernel_testing {

std::unique_ptr<surgery::Model> parse_case(int opset, std::string_view inputs, std::string_view nodes,
                                           std::string_view expected) {
  std::string text =
      "<opset_import: [\"\" : " + std::to_string(opset) + ", \"com.microsoft\" : 1]> g () => (float[...] y) <";
  text += inputs;
  if (!inputs.empty() && !expected.empty()) text += ", ";
  text += expected;
  text += "> { ";
  text += nodes;
  text += " }";
  return graph_text::parse(text);
}

exec::Tensor run(const surgery::Model& model) { return exec::Session(model).run({}).at("y"); }

void check(const Case& row) {
  CAPTURE(row.name);
  const auto model = parse_case(row.opset, row.inputs, row.nodes, row.expected);
  const exec::Tensor found = run(*model);
  const surgery::Tensor& expected = *model->graph().find("e")->initializer();
  CHECK(found.type() == expected.type());
  CHECK(found.dims() == expected.dims());
  const exec::Difference difference = exec::compare(expected, found, {.rtol = row.tolerance, .atol = row.tolerance});
  CAPTURE(difference.reason);
  CAPTURE(difference.worst_index);
  CAPTURE(difference.max_abs);
  CHECK(difference.within);
}

void check(const Refusal& row) {
  CAPTURE(row.name);
  const auto model = parse_case(row.opset, row.inputs, row.nodes, "");
  std::string message = "no error";
  try {
    run(*model);
  } catch (const surgery::Error& error) {
    message = error.what();
  }
  CHECK(message == row.message);
}

}  // namespace kernel_testing
