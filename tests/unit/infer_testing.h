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

std::unique_ptr<Model> parse_case(const InferCase& c);

std::string to_text(const Fact& fact);

std::string infer_text(const Model& model, const Inference& inference);

void check_cases(std::span<const InferCase> cases);

}  // namespace infer_testing
