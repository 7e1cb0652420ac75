#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string_view>

#include "exec/session.h"
#include "graph_text.h"

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

std::unique_ptr<surgery::Model> parse_case(int opset, std::string_view inputs, std::string_view nodes,
                                           std::string_view expected);

exec::Tensor run(const surgery::Model& model);

void check(const Case& row);

void check(const Refusal& row);

}  // namespace kernel_testing
