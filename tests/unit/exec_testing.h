#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exec/session.h"
#include "graph_text.h"
#include "surgery/error.h"
#include "surgery/model.h"

/// What tests of the executor share.
namespace exec_testing {

using Dims = std::vector<int64_t>;

surgery::Tensor tensor(surgery::DataType type, Dims dims, const std::vector<double>& values);

surgery::Tensor floats(Dims dims, const std::vector<double>& values);

/// Reproducible numbers between -1 and 1.
std::vector<double> noise(int64_t count, uint64_t seed);

surgery::Tensor noise_tensor(surgery::DataType type, const Dims& dims, uint64_t seed);

std::vector<double> values_of(const surgery::Tensor& tensor);

/// A model of one node whose inputs are the given tensors; an undefined one is an omitted input.
std::unique_ptr<surgery::Model> one_node(std::string op_type, const std::vector<surgery::Tensor>& inputs,
                                         std::vector<surgery::Attribute> attributes, int64_t opset = 22,
                                         size_t num_outputs = 1);

/// Runs a model that needs no inputs; its outputs in order.
std::vector<surgery::Tensor> run(const surgery::Model& model, const exec::RunOptions& options = {});

std::vector<surgery::Tensor> run(std::string_view text);

/// The message of the surgery::Error that `body` throws, its code in front: "3: node ...".
template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const surgery::Error& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return "(no error)";
}

}  // namespace exec_testing
