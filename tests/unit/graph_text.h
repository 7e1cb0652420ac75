#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "surgery/model.h"

/// Test graphs in a subset of ONNX's textual syntax, so that before and after fit on one screen:
///
///   <ir_version: 8, opset_import: ["" : 17, "ai.onnx.ml" : 3]>          optional; opset 17, IR 8 without it
///   agraph (float[N,3,8,8] x, float[3] s = {1,2,3}) => (float[...] y)   = {...}: a default that a caller may override
///   <float[8,3,1,1] w = fill(1), float b = {0.5}>                       initializers, or declared types without "="
///   {
///     [conv_1] c = Conv <strides = [2,2]> (x, w)                        [name] and <attributes> are optional
///     y, = Dropout (c, , b)                                             an omitted output, an omitted input
///     z = If (cond) <then_branch = g () => (float t) { t = Relu (x) }>  subgraphs; attributes after the inputs as well
///     k = Constant <value = float[2] {1,2}> ()
///   }
///   <domain: "local"> f <alpha> (a) => (r) { r = LeakyRelu <alpha = @alpha> (a) }    functions
///
/// "float" is a scalar, "float[...]" has no rank, "?" is an unknown dim, "seq(T)" and "optional(T)" hold a T;
/// fill(SEED) gives numbers between -1 and 1, fill(SEED, LOW, HIGH) between those.
namespace graph_text {

using namespace surgery;  // NOLINT(google-build-using-namespace): in a header of tests alone

/// Throws std::runtime_error for what is not this syntax.
std::unique_ptr<Model> parse(std::string_view text);

/// Sets an element of a tensor of any type used in tests.
void store(Tensor& tensor, size_t i, double value);

/// The nodes of a graph, one per line, attributes sorted by name, subgraphs indented.
std::string print(Graph& graph, const std::string& indent = "");
std::string print(Model& model);

}  // namespace graph_text
