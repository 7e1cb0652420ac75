#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "exec/parity.h"
#include "exec/session.h"
#include "graph_text.h"
#include "surgery/error.h"

/// Tables of kernel tests: a few nodes on given tensors, and what they give or why they are refused.
namespace kernel_testing {

/// `inputs` are initializers ("float[2] x = {1, 2}"), `nodes` make a value y, `expected` is a tensor e.
struct Case {
  std::string_view name;
  int opset;
  std::string_view inputs;
  std::string_view nodes;
  std::string_view expected;
  double tolerance = 0;  ///< absolute and relative; 0 where the result is exact
};

/// `message` is the whole text of the error.
struct Refusal {
  std::string_view name;
  int opset;
  std::string_view inputs;
  std::string_view nodes;
  std::string_view message;
};

inline std::unique_ptr<surgery::Model> parse_case(int opset, std::string_view inputs, std::string_view nodes,
                                                  std::string_view expected) {
  std::string text = "<opset_import: [\"\" : " + std::to_string(opset) + "]> g () => (float[...] y) <";
  text += inputs;
  if (!inputs.empty() && !expected.empty()) text += ", ";
  text += expected;
  text += "> { ";
  text += nodes;
  text += " }";
  return graph_text::parse(text);
}

inline exec::Tensor run(const surgery::Model& model) { return exec::Session(model).run({}).at("y"); }

inline void check(const Case& row) {
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

inline void check(const Refusal& row) {
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
