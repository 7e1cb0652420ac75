#ifdef HAVE_ONNX_PROTO

#include "surgery/check.h"

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "onnx.pb.h"
#include "surgery/error.h"
#include "surgery/io.h"

namespace surgery {
namespace {

constexpr std::string_view kHeader = R"(ir_version: 8 opset_import { version: 17 } )";
constexpr std::string_view kFloat23 =
    R"(type { tensor_type { elem_type: 1 shape { dim { dim_value: 2 } dim { dim_value: 3 } } } } )";

std::string input(std::string_view name) {
  return "input { name: '" + std::string(name) + "' " + std::string(kFloat23) + "} ";
}
std::string output(std::string_view name) {
  return "output { name: '" + std::string(name) + "' " + std::string(kFloat23) + "} ";
}

/// A model whose main graph has the nodes (and more) of `body`, input x and output y.
std::string graph_of(std::string_view body) {
  return "graph { name: 'g' " + input("x") + output("y") + std::string(body) + "} ";
}
std::string model_of(std::string_view body) { return std::string(kHeader) + graph_of(body); }

struct Loaded {
  std::string bytes;
  std::unique_ptr<Model> model;
};

Loaded load_proto(const onnx::ModelProto& proto) {
  Loaded loaded{proto.SerializePartialAsString(), nullptr};
  loaded.model = load_bytes(loaded.bytes);
  return loaded;
}

Loaded load_text(const std::string& text) {
  onnx::ModelProto proto;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &proto));
  return load_proto(proto);
}

std::string to_text(const Finding& finding) {
  return std::string(finding.severity == Severity::kError ? "error " : "warning ") + std::string(finding.rule) + " | " +
         finding.place + " | " + finding.message;
}

std::string findings_of(const std::string& text) {
  const Loaded loaded = load_text(text);
  std::string all;
  for (const Finding& finding : check(*loaded.model)) all += (all.empty() ? "" : "\n") + to_text(finding);
  return all;
}

struct Case {
  std::string_view name;
  std::string model;
  std::string_view findings;
};

void check_cases(std::span<const Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(findings_of(c.model) == c.findings);
  }
}

const std::string kRelu = "node { op_type: 'Relu' input: 'x' output: 'y' name: 'relu' } ";

/// An If node whose branches are the given graphs.
std::string if_node(std::string_view then_graph, std::string_view else_graph, std::string_view out = "y") {
  return "node { op_type: 'If' name: 'if0' input: 'cond' output: '" + std::string(out) +
         "' attribute { name: 'then_branch' type: GRAPH g { " + std::string(then_graph) +
         "} } attribute { name: 'else_branch' type: GRAPH g { " + std::string(else_graph) + "} } } ";
}
const std::string kCond = "input { name: 'cond' type { tensor_type { elem_type: 9 shape { } } } } ";

TEST_CASE("check finds what is wrong with a model's versions and opsets") {
  const std::string relu = graph_of(kRelu);
  const Case cases[] = {
      {"valid", std::string(kHeader) + relu, ""},
      {"no ir_version", "opset_import { version: 17 } " + relu, "error ir-version | model | ir_version is missing"},
      {"newer ir_version", "ir_version: 999 opset_import { version: 17 } " + relu,
       "error ir-version | model | ir_version is 999, expected 1 to 14"},
      {"no opset", "ir_version: 8 " + relu,
       "error opset-missing | model | there is no opset_import, which IR version 8 needs\n"
       "error domain-not-imported | graph/node[0] 'relu' | domain ai.onnx of operator 'Relu' is not imported by the "
       "model"},
      {"no opset in IR 2", "ir_version: 2 " + relu, ""},
      {"newer opset", "ir_version: 8 opset_import { version: 9999 } " + relu,
       "error opset-version | model/opset_import[0] | opset 9999 of domain ai.onnx is not known: the newest known is "
       "28"},
      {"opset 0", "ir_version: 8 opset_import { version: 17 } opset_import { domain: 'com.example' } " + relu,
       "error opset-version | model/opset_import[1] | opset 0 of domain com.example: versions start at 1"},
      {"opset twice", std::string(kHeader) + "opset_import { domain: 'ai.onnx' version: 17 } " + relu,
       "warning opset-repeated | model/opset_import[1] | opset 17 of domain ai.onnx is imported twice"},
      {"two opsets", std::string(kHeader) + "opset_import { domain: 'ai.onnx' version: 16 } " + relu,
       "error opset-conflict | model/opset_import[1] | opset 16 of domain ai.onnx: version 17 is imported too"},
      {"foreign domains have any version", std::string(kHeader) + "opset_import { domain: 'x' version: 9999 } " + relu,
       ""},
  };
  check_cases(cases);
}

TEST_CASE("check finds what is wrong with the structure of a graph") {
  const std::string other_output =
      std::string(kHeader) + "graph { name: 'g' " + input("x") + output("bad_out") + kRelu + "} ";
  const Case cases[] = {
      {"undefined input", model_of("node { op_type: 'Add' input: 'x' input: 'ghost' output: 'y' name: 'n' } "),
       "error undefined-input | graph/node[0] 'n'/input[1] | 'ghost' is read, but nothing in scope produces, stores or "
       "gives it"},
      {"undefined input of an unnamed node", model_of("node { op_type: 'Neg' input: 'ghost' output: 'y' } "),
       "error undefined-input | graph/node[0] (Neg)/input[0] | 'ghost' is read, but nothing in scope produces, stores "
       "or gives it"},
      {"undefined output", other_output,
       "error undefined-output | graph/output[0] 'bad_out' | 'bad_out' is an output, but nothing produces it"},
      {"two nodes of one result", model_of(kRelu + "node { op_type: 'Neg' input: 'x' output: 'y' name: 'n1' } "),
       "error duplicate-name | graph/node[1] 'n1'/output[0] | 'y' is the result of node 'relu' (Relu) already"},
      {"a result named like an input", model_of("node { op_type: 'Neg' input: 'x' output: 'x' name: 'n' } " + kRelu),
       "error duplicate-name | graph/node[0] 'n'/output[0] | 'x' is a graph input already"},
      {"unsorted",
       model_of("node { op_type: 'Neg' input: 'a' output: 'y' name: 'late' } node { op_type: 'Relu' input: 'x' output: "
                "'a' name: 'early' } "),
       "error unsorted | graph/node[0] 'late'/input[0] | 'a' is read before it is made by node 'early' (Relu)"},
      {"cycle",
       model_of("node { op_type: 'Add' input: 'x' input: 'b' output: 'a' name: 'add0' } "
                "node { op_type: 'Relu' input: 'a' output: 'b' name: 'relu_b' } "
                "node { op_type: 'Relu' input: 'b' output: 'y' name: 'relu_y' } "),
       "error unsorted | graph/node[0] 'add0'/input[1] | 'b' is read before it is made by node 'relu_b' (Relu)\n"
       "error cycle | graph/node[0] 'add0' | the graph has a cycle of 2 nodes: node 'add0' (Add) -> node 'relu_b' "
       "(Relu) -> back to the first"},
      {"a node reads itself", model_of("node { op_type: 'Relu' input: 'y' output: 'y' name: 'self' } "),
       "error unsorted | graph/node[0] 'self'/input[0] | 'y' is read before it is made by node 'self' (Relu)\n"
       "error cycle | graph/node[0] 'self' | the graph has a cycle of 1 nodes: node 'self' (Relu) -> back to the "
       "first"},
      {"an input twice",
       std::string(kHeader) + "graph { name: 'g' " + input("x") + input("x") + output("y") + kRelu + "} ",
       "error duplicate-name | graph/input[1] 'x' | 'x' is a graph input already"},
      {"an output twice",
       std::string(kHeader) + "graph { name: 'g' " + input("x") + output("y") + output("y") + kRelu + "} ",
       "warning repeated-output | graph/output[1] 'y' | it is listed twice"},
      {"no types", std::string(kHeader) + "graph { name: 'g' input { name: 'x' } output { name: 'y' } " + kRelu + "} ",
       "warning missing-type | graph/input[0] 'x' | it declares no type\n"
       "warning missing-type | graph/output[0] 'y' | it declares no type"},
      {"an initializer that IR 3 wants among the inputs",
       "ir_version: 3 opset_import { version: 8 } " +
           graph_of(kRelu + "initializer { name: 'w' dims: 1 data_type: 1 float_data: 1 } "),
       "warning initializer-not-input | graph/initializer[0] 'w' | it is no graph input, which IR version 3 asks for"},
  };
  check_cases(cases);
}

TEST_CASE("check follows names into subgraphs") {
  const std::string out_t = "output { name: 't' } ";
  const Case cases[] = {
      {"captured names are defined",
       model_of(kCond + if_node("node { op_type: 'Relu' input: 'x' output: 't' } " + out_t,
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       ""},
      {"undefined in a branch",
       model_of(kCond + if_node("node { op_type: 'Relu' input: 'ghost' output: 't' name: 'r' } " + out_t,
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       "error undefined-input | graph/node[0] 'if0'/then_branch/node[0] 'r'/input[0] | 'ghost' is read, but nothing in "
       "scope produces, stores or gives it"},
      {"a branch's name is not seen outside",
       model_of(kCond +
                if_node("node { op_type: 'Relu' input: 'x' output: 't' } " + out_t,
                        "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t, "z") +
                "node { op_type: 'Neg' input: 't' output: 'y' name: 'n' } "),
       "error undefined-input | graph/node[1] 'n'/input[0] | 't' is read, but nothing in scope produces, stores or "
       "gives it"},
      {"a branch hides a name",
       model_of(kCond + if_node("node { op_type: 'Relu' input: 'cond' output: 'x' name: 'r' } output { name: 'x' } ",
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       "error input-type | graph/node[0] 'if0'/then_branch/node[0] 'r'/input[0] | 'cond' has type tensor(bool), but "
       "Relu-14 takes "
       "tensor(float), tensor(int8), tensor(int16), tensor(int32), tensor(int64), tensor(float16), tensor(double), "
       "tensor(bfloat16) for 'X'\n"
       "warning shadowed-name | graph/node[0] 'if0'/then_branch/node[0] 'r'/output[0] | in the enclosing graph 'x' is "
       "a graph input"},
      {"a branch reads what its own If makes",
       model_of(kCond + if_node("node { op_type: 'Relu' input: 'y' output: 't' name: 'r' } " + out_t,
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       "error unsorted | graph/node[0] 'if0'/then_branch/node[0] 'r'/input[0] | 'y' is read before it is made by "
       "node 'if0' (If)\n"
       "error cycle | graph/node[0] 'if0' | the graph has a cycle of 1 nodes: node 'if0' (If) -> back to the first"},
      {"a branch with too many outputs",
       model_of(kCond + if_node("node { op_type: 'Relu' input: 'x' output: 't' } " + out_t + "output { name: 'x' } ",
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       "error subgraph-outputs | graph/node[0] 'if0'/then_branch | the subgraph has 2 outputs, but node 'if0' (If) "
       "asks for 1"},
      {"a branch with an input",
       model_of(kCond + if_node("input { name: 'i' } node { op_type: 'Relu' input: 'i' output: 't' } " + out_t,
                                "node { op_type: 'Neg' input: 'x' output: 't' } " + out_t)),
       "error subgraph-inputs | graph/node[0] 'if0'/then_branch | the subgraph has 1 inputs, but node 'if0' (If) asks "
       "for 0"},
      {"no else_branch",
       model_of(kCond +
                "node { op_type: 'If' name: 'n' input: 'cond' output: 'y' attribute { name: 'then_branch' type: GRAPH "
                "g { node { op_type: 'Relu' input: 'x' output: 't' } " +
                out_t + "} } } "),
       "error missing-attribute | graph/node[0] 'n' | If-16 needs attribute 'else_branch' of type graph"},
      {"a loop body that carries one value too few",
       model_of("initializer { name: 'n' data_type: 7 int64_data: 2 } "
                "node { op_type: 'Loop' name: 'loop' input: 'n' input: '' input: 'x' output: 'y' attribute { name: "
                "'body' type: GRAPH g { "
                "input { name: 'i' } input { name: 'c' } node { op_type: 'Identity' input: 'c' output: 'c2' } node { "
                "op_type: 'Neg' input: 'x' output: 'v' } "
                "output { name: 'c2' } output { name: 'v' } } } } "),
       "error subgraph-inputs | graph/node[0] 'loop'/body | the subgraph has 2 inputs, but node 'loop' (Loop) asks for "
       "3"},
  };
  check_cases(cases);
}

TEST_CASE("check compares nodes with the operator table") {
  const auto with_opset = [](int opset, std::string_view body) {
    return "ir_version: 8 opset_import { version: " + std::to_string(opset) + " } " + graph_of(body);
  };
  const Case cases[] = {
      {"empty op_type", model_of("node { input: 'x' output: 'y' name: 'n' } "),
       "error empty-op-type | graph/node[0] 'n' | op_type is empty"},
      {"unknown operator", model_of("node { op_type: 'Rleu' input: 'x' output: 'y' name: 'n' } "),
       "error unknown-operator | graph/node[0] 'n' | opset 17 of domain ai.onnx has no operator 'Rleu'; did you mean "
       "'Elu', 'Relu'?"},
      {"newer operator", with_opset(19, "node { op_type: 'Gelu' input: 'x' output: 'y' name: 'n' } "),
       "error unknown-operator | graph/node[0] 'n' | opset 19 of domain ai.onnx has no operator 'Gelu' yet: it came "
       "with opset 20"},
      {"an operator of a runtime",
       model_of("node { op_type: 'SimplifiedLayerNormalization' input: 'x' output: 'y' name: 'n' } "),
       "warning runtime-operator | graph/node[0] 'n' | 'SimplifiedLayerNormalization' is an operator of a runtime, not "
       "of ONNX"},
      {"domain not imported",
       model_of("node { op_type: 'Foo' domain: 'com.example' input: 'x' output: 'y' name: 'n' } "),
       "error domain-not-imported | graph/node[0] 'n' | domain com.example of operator 'Foo' is not imported by the "
       "model"},
      {"foreign domain",
       std::string(kHeader) + "opset_import { domain: 'com.example' version: 1 } " +
           graph_of("node { op_type: 'Foo' domain: 'com.example' input: 'x' output: 'y' attribute { name: 'a' type: "
                    "INT i: 1 } } "),
       ""},
      {"the other spelling of the default domain",
       model_of("node { op_type: 'Relu' domain: 'ai.onnx' input: 'x' output: 'y' } "), ""},
      {"deprecated",
       with_opset(10,
                  "initializer { name: 's' dims: 2 data_type: 1 float_data: [1, 2] } node { op_type: 'Upsample' input: "
                  "'x' input: 's' output: 'y' name: 'n' } "),
       "error deprecated-operator | graph/node[0] 'n' | Upsample is deprecated since opset 10"},
      {"too many inputs", model_of("node { op_type: 'Relu' input: 'x' input: 'x' output: 'y' name: 'n' } "),
       "error input-count | graph/node[0] 'n' | Relu-14 takes 1 inputs, found 2"},
      {"too few inputs", model_of("node { op_type: 'Clip' output: 'y' name: 'n' } "),
       "error input-count | graph/node[0] 'n' | Clip-13 takes 1 to 3 inputs, found 0"},
      {"too few inputs of a variadic operator",
       model_of("node { op_type: 'Concat' output: 'y' name: 'n' attribute { name: 'axis' type: INT i: 0 } } "),
       "error input-count | graph/node[0] 'n' | Concat-13 takes 1 or more inputs, found 0"},
      {"too many outputs", model_of("node { op_type: 'Relu' input: 'x' output: 'y' output: 'z' name: 'n' } "),
       "error output-count | graph/node[0] 'n' | Relu-14 gives 1 outputs, found 2"},
      {"omitted inputs at the end do not count",
       model_of("node { op_type: 'Relu' input: 'x' input: '' input: '' output: 'y' output: '' } "), ""},
      {"an optional input omitted in the middle",
       model_of("initializer { name: 'hi' data_type: 1 float_data: 6 } node { op_type: 'Clip' input: 'x' input: '' "
                "input: 'hi' output: 'y' } "),
       ""},
      {"a required input omitted in the middle",
       model_of("node { op_type: 'Add' input: '' input: 'x' output: 'y' name: 'n' } "),
       "error omitted-input | graph/node[0] 'n'/input[0] | Add-14 needs its input 'A', which is omitted"},
      {"types that differ",
       model_of("input { name: 'k' type { tensor_type { elem_type: 7 } } } node { op_type: 'Add' input: 'x' input: 'k' "
                "output: 'y' name: 'n' } "),
       "error input-type | graph/node[0] 'n'/input[1] | 'k' has type tensor(int64), but input[0] has type "
       "tensor(float), and Add-14 wants them to be the same"},
      {"a type the operator does not take",
       model_of("input { name: 'k' type { tensor_type { elem_type: 8 } } } node { op_type: 'Exp' input: 'k' output: "
                "'y' name: 'n' } "),
       "error input-type | graph/node[0] 'n'/input[0] | 'k' has type tensor(string), but Exp-13 takes "
       "tensor(float), tensor(float16), tensor(double), tensor(bfloat16) for 'input'"},
      {"a sequence where a tensor is wanted",
       model_of("input { name: 's' type { sequence_type { elem_type { tensor_type { elem_type: 1 } } } } } node { "
                "op_type: 'Exp' input: 's' output: 'y' name: 'n' } "),
       "error input-type | graph/node[0] 'n'/input[0] | 's' has type sequence(float[...]), but Exp-13 takes "
       "tensor(float), tensor(float16), tensor(double), tensor(bfloat16) for 'input'"},
  };
  check_cases(cases);
}

TEST_CASE("check compares attributes with the operator table") {
  const auto softmax = [](std::string_view attribute) {
    return model_of("node { op_type: 'Softmax' input: 'x' output: 'y' name: 'n' attribute { name: 'axis' " +
                    std::string(attribute) + "} } ");
  };
  const auto constant = [](std::string_view attributes) {
    return model_of("node { op_type: 'Constant' output: 'k' name: 'n' " + std::string(attributes) + "} " + kRelu);
  };
  const Case cases[] = {
      {"good", softmax("type: INT i: 1 "), ""},
      {"zero left out by the writer", softmax("type: INT "), ""},
      {"unknown",
       model_of(
           "node { op_type: 'Softmax' input: 'x' output: 'y' name: 'n' attribute { name: 'axes' type: INT i: 1 } } "),
       "error unknown-attribute | graph/node[0] 'n'/attribute 'axes' | Softmax-13 has no attribute 'axes'; did you "
       "mean 'axis'?"},
      {"an attribute of an older version",
       "ir_version: 8 opset_import { version: 9 } " + graph_of("node { op_type: 'Dropout' input: 'x' output: 'y' name: "
                                                               "'n' attribute { name: 'is_test' type: INT i: 1 } } "),
       "error unknown-attribute | graph/node[0] 'n'/attribute 'is_test' | Dropout-7 has no attribute 'is_test'"},
      {"a tool's own attribute",
       model_of("node { op_type: 'Relu' input: 'x' output: 'y' attribute { name: '__note' type: INT i: 1 } } "), ""},
      {"missing", model_of("node { op_type: 'Cast' input: 'x' output: 'y' name: 'n' } "),
       "error missing-attribute | graph/node[0] 'n' | Cast-13 needs attribute 'to' of type int"},
      {"twice",
       model_of("node { op_type: 'Softmax' input: 'x' output: 'y' name: 'n' attribute { name: 'axis' type: INT i: 1 } "
                "attribute { name: 'axis' type: INT i: 0 } } "),
       "error repeated-attribute | graph/node[0] 'n'/attribute 'axis' | it is given twice"},
      {"wrong type", softmax("type: STRING s: '1' "),
       "error attribute-type | graph/node[0] 'n'/attribute 'axis' | Softmax-13 wants int for 'axis', found string"},
      {"no type", softmax("i: 1 "), "error attribute-type | graph/node[0] 'n'/attribute 'axis' | its type is missing"},
      {"type and value differ", softmax("type: INT f: 1 "),
       "error attribute-payload | graph/node[0] 'n'/attribute 'axis' | its type is int, but the value is of type "
       "float"},
      {"no graph",
       model_of(kCond + "node { op_type: 'If' name: 'n' input: 'cond' output: 'y' attribute { name: 'then_branch' "
                        "type: GRAPH } attribute { name: 'else_branch' type: GRAPH } } "),
       "error attribute-payload | graph/node[0] 'n'/attribute 'then_branch' | its type is graph, but there is no "
       "value\n"
       "error attribute-payload | graph/node[0] 'n'/attribute 'else_branch' | its type is graph, but there is no "
       "value"},
      {"an empty list", model_of("node { op_type: 'Squeeze' input: 'x' output: 'y' } "), ""},
      {"a reference outside of a function", softmax("type: INT ref_attr_name: 'a' "),
       "error attribute-reference | graph/node[0] 'n'/attribute 'axis' | it refers to attribute 'a' of a function, but "
       "is in none"},
      {"constant", constant("attribute { name: 'value_float' type: FLOAT f: 1 } "), ""},
      {"constant without value", constant(""),
       "error constant-value | graph/node[0] 'n' | Constant-13 wants exactly one value attribute, found 0"},
      {"constant of two values",
       constant("attribute { name: 'value_float' type: FLOAT f: 1 } attribute { name: 'value_int' type: INT i: 1 } "),
       "error constant-value | graph/node[0] 'n' | Constant-13 wants exactly one value attribute, found 2"},
  };
  check_cases(cases);
}

std::string function(std::string_view name, std::string_view callee) {
  return "functions { name: '" + std::string(name) +
         "' domain: 'local' input: 'a' output: 'r' opset_import { version: 17 } opset_import { domain: 'local' "
         "version: 1 } "
         "node { op_type: '" +
         std::string(callee) + "' domain: '" + (callee == "Relu" ? "" : "local") +
         "' input: 'a' output: 'r' name: 'call' } } ";
}

TEST_CASE("check looks into functions") {
  const std::string header = std::string(kHeader) + "opset_import { domain: 'local' version: 1 } ";
  const auto call = [](std::string_view name, std::string_view more = "") {
    return graph_of("node { op_type: '" + std::string(name) + "' domain: 'local' input: 'x' output: 'y' name: 'main' " +
                    std::string(more) + "} ");
  };
  const std::string scale =
      "functions { name: 'Scale' domain: 'local' input: 'a' output: 'r' attribute: 'by' opset_import { version: 17 } "
      "node { op_type: 'Constant' output: 'k' attribute { name: 'value_float' type: FLOAT ref_attr_name: 'by' } } "
      "node { op_type: 'Mul' input: 'a' input: 'k' output: 'r' } } ";
  const Case cases[] = {
      {"a chain of two", header + function("g", "Relu") + function("f", "g") + call("f"), ""},
      {"a function calls itself", header + function("rec", "rec") + call("rec"),
       "error function-recursion | function 'local.rec' | it calls itself"},
      {"two functions call each other", header + function("f", "g") + function("g", "f") + call("f"),
       "error function-recursion | function 'local.g' | it calls 'local.f', which leads back to it"},
      {"a function twice", header + function("f", "Relu") + function("f", "Relu") + call("f"),
       "error function-repeated | function 'local.f' | another function has this domain, name and overload"},
      {"with its attribute", header + scale + call("Scale", "attribute { name: 'by' type: FLOAT f: 2 } "), ""},
      {"without its attribute", header + scale + call("Scale"),
       "error missing-attribute | graph/node[0] 'main' | function 'local.Scale' needs attribute 'by'"},
      {"with another attribute",
       header + scale +
           call("Scale", "attribute { name: 'by' type: FLOAT f: 2 } attribute { name: 'bye' type: FLOAT f: 2 } "),
       "warning unknown-function-attribute | graph/node[0] 'main'/attribute 'bye' | function 'local.Scale' has no "
       "attribute 'bye'"},
      {"too many inputs",
       header + function("f", "Relu") +
           graph_of("node { op_type: 'f' domain: 'local' input: 'x' input: 'x' output: 'y' name: 'main' } "),
       "error input-count | graph/node[0] 'main' | function 'local.f' has 1 inputs, found 2"},
      {"its domain is not imported by the model", std::string(kHeader) + function("f", "Relu") + call("f"),
       "warning function-domain-not-imported | graph/node[0] 'main' | domain 'local' of the function is not imported"},
      {"a bad body",
       header + call("f") +
           "functions { name: 'f' domain: 'local' input: 'a' output: 'r' node { op_type: 'Relu' input: 'ghost' output: "
           "'r' name: 'n' attribute { name: 'x' type: INT ref_attr_name: 'nope' } } } ",
       "error opset-missing | function 'local.f' | it imports no opset\n"
       "error undefined-input | function 'local.f'/node[0] 'n'/input[0] | 'ghost' is read, but nothing in scope "
       "produces, stores or gives it\n"
       "error domain-not-imported | function 'local.f'/node[0] 'n' | domain ai.onnx of operator 'Relu' is not imported "
       "by the function\n"
       "error attribute-reference | function 'local.f'/node[0] 'n'/attribute 'x' | it refers to attribute 'nope', "
       "which the function does not declare"},
  };
  check_cases(cases);
}

TEST_CASE("calls may nest 100 functions deep and no deeper") {
  const auto chain = [](int length) {
    std::string text = std::string(kHeader) + "opset_import { domain: 'local' version: 1 } ";
    for (int i = 0; i < length; ++i)
      text += function("f" + std::to_string(i), i == 0 ? "Relu" : "f" + std::to_string(i - 1));
    return text +
           graph_of("node { op_type: 'f" + std::to_string(length - 1) + "' domain: 'local' input: 'x' output: 'y' } ");
  };
  CHECK(findings_of(chain(100)) == "");
  CHECK(findings_of(chain(101)) ==
        "error call-depth | function 'local.f100' | calls go deeper than the limit of 100 functions");
  CHECK(findings_of(chain(300)) ==
        "error call-depth | function 'local.f100' | calls go deeper than the limit of 100 functions");
}

TEST_CASE("check compares stored tensors with their dims") {
  const auto with = [](std::string_view tensor) {
    return model_of(kRelu + "initializer { name: 'w' " + std::string(tensor) + "} ");
  };
  CHECK(findings_of(with("dims: 2 data_type: 1 float_data: [1, 2] ")) == "");
  CHECK(findings_of(with("dims: 0 data_type: 1 ")) == "");
  CHECK(findings_of(with("data_type: 7 int64_data: 3 ")) == "");
  CHECK(findings_of(with("dims: 5 data_type: 22 raw_data: '\\x21\\x43\\x05' ")) == "");
  CHECK(findings_of(with("dims: 4 data_type: 27 raw_data: 'abc' ")) == "");
  CHECK(findings_of(with("dims: 2 data_type: 8 string_data: ['a', ''] ")) == "");

  struct Bad {
    std::string_view tensor;
    std::string_view rule;
  };
  constexpr Bad kBad[] = {
      {"dims: -1 data_type: 1 float_data: 1 ", "tensor-dims"},
      {"dims: 4611686018427387904 dims: 4 data_type: 1 raw_data: '' ", "tensor-dims"},
      {"dims: 1 data_type: 0 raw_data: 'abcd' ", "tensor-type"},
      {"dims: 1 data_type: 99 raw_data: 'abcd' ", "tensor-type"},
      {"dims: 3 data_type: 1 ", "tensor-data"},
      {"dims: 0 data_type: 1 raw_data: 'abcd' ", "tensor-data"},
      {"dims: 1 data_type: 1 raw_data: 'abc' ", "tensor-data"},
      {"dims: 1 data_type: 1 raw_data: 'abcd' float_data: 1 ", "tensor-data"},
      {"dims: 5 data_type: 22 raw_data: '\\x21\\x43' ", "tensor-data"},
      {"dims: 3 data_type: 7 int64_data: [1, 2] ", "tensor-data"},
      {"dims: 3 data_type: 8 string_data: 'a' ", "tensor-data"},
      {"dims: 1 data_type: 1 data_location: EXTERNAL external_data { key: 'location' value: '../w.bin' } ",
       "tensor-data"},
      {"dims: 1 data_type: 1 data_location: EXTERNAL external_data { key: 'location' value: 'no-such-file' } ",
       "tensor-data"},
      {"dims: 1 data_type: 1 data_location: EXTERNAL ", "tensor-data"},
  };
  for (const Bad& bad : kBad) {
    CAPTURE(bad.tensor);
    const Loaded loaded = load_text(with(bad.tensor));
    const std::vector<Finding> findings = check(*loaded.model);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].rule == bad.rule);
    CHECK(findings[0].severity == Severity::kError);
    CHECK(findings[0].place == "graph/initializer[0] 'w'");
    const std::vector<Finding> without = check(*loaded.model, {.payloads = false});
    CHECK(without.size() == (bad.rule == "tensor-data" ? 0 : 1));
  }
}

TEST_CASE("elements of 6 bits stand one by one in int32_data, and side by side in raw_data") {
  // As the onnx package stores 0.5, 1, -1.5, 2, 3.5 as float6e2m3 both ways.
  const std::string typed = "initializer { name: 't' dims: 5 data_type: 27 int32_data: [4, 8, 44, 16, 22] } ";
  const std::string raw = "initializer { name: 'r' dims: 5 data_type: 27 raw_data: '\\x04\\xc2\\x42\\x16' } ";
  const Loaded loaded = load_text(model_of(kRelu + typed + raw));
  CHECK(check(*loaded.model).empty());
  CHECK(identical(*loaded.model->graph().find("t")->initializer(), *loaded.model->graph().find("r")->initializer()));
}

TEST_CASE("check reads the data of tensors in attributes") {
  const std::string text = model_of(kRelu +
                                    "node { op_type: 'Constant' output: 'k' name: 'n' attribute { name: 'value' type: "
                                    "TENSOR t { dims: 2 data_type: 1 float_data: 1 } } } ");
  const Loaded loaded = load_text(text);
  const std::vector<Finding> findings = check(*loaded.model);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "tensor-data");
  CHECK(findings[0].place == "graph/node[1] 'n'/attribute 'value'");
}

TEST_CASE("check reads the indices of sparse tensors") {
  const auto initializer = [](std::string_view indices) {
    return model_of(
        kRelu +
        "sparse_initializer { values { name: 's' dims: 3 data_type: 1 float_data: [1, 2, 3] } indices { data_type: 7 " +
        std::string(indices) + "} dims: 10 } ");
  };
  const auto constant = [](std::string_view indices) {
    return model_of(kRelu +
                    "node { op_type: 'Constant' output: 'k' name: 'n' attribute { name: 'sparse_value' type: "
                    "SPARSE_TENSOR sparse_tensor { "
                    "values { dims: 3 data_type: 1 float_data: [1, 2, 3] } indices { data_type: 7 " +
                    std::string(indices) + "} dims: 10 } } } ");
  };
  CHECK(findings_of(initializer("dims: 3 int64_data: [2, 4, 9] ")) == "");
  CHECK(findings_of(constant("dims: 3 int64_data: [2, 4, 9] ")) == "");
  CHECK(findings_of(initializer("dims: 3 int64_data: [2, 5, 4] ")) ==
        "error tensor-data | graph/initializer[0] 's' | sparse tensor 's': index number 2 is not in ascending order");
  CHECK(findings_of(constant("dims: 3 int64_data: [2, 4, 10] ")) ==
        "error tensor-data | graph/node[1] 'n'/attribute 'sparse_value' | index number 2 is out of range");
}

TEST_CASE("nodes that are not sorted are an error, but no reason to refuse the model") {
  const std::string text =
      model_of("node { op_type: 'Neg' input: 'a' output: 'y' } node { op_type: 'Relu' input: 'x' output: 'a' } ");
  const Loaded loaded = load_text(text);
  CHECK(findings_of(text) ==
        "error unsorted | graph/node[0] (Neg)/input[0] | 'a' is read before it is made by node of output 'a' (Relu)");
  CHECK_NOTHROW(require_valid(*loaded.model));
}

std::string inferred_findings_of(const std::string& text, bool coverage = false) {
  const Loaded loaded = load_text(text);
  std::string all;
  for (const Finding& finding : check(*loaded.model, {.inference = true, .coverage = coverage})) {
    all += (all.empty() ? "" : "\n") + to_text(finding);
  }
  return all;
}

TEST_CASE("with inference check finds nodes that cannot work and declared types that cannot be true") {
  const std::string relu = "node { op_type: 'Relu' input: 'x' output: 'a' name: 'relu0' } ";
  const std::string neg = "node { op_type: 'Neg' input: 'a' output: 'y' } ";
  const auto value_info = [](std::string_view type) {
    return "value_info { name: 'a' type { tensor_type { " + std::string(type) + " } } } ";
  };
  CHECK(inferred_findings_of(model_of(relu + neg)).empty());
  CHECK(inferred_findings_of(model_of(relu + neg + value_info("elem_type: 1"))).empty());
  CHECK(inferred_findings_of(model_of(relu + neg + value_info("elem_type: 1 shape { dim { dim_param: 'N' } dim { } }")))
            .empty());
  CHECK(
      inferred_findings_of(model_of(relu + neg + value_info("elem_type: 1 shape { dim { dim_value: 7 } dim { } }"))) ==
      "error type-contradiction | graph/node[0] 'relu0'/output[0] | 'a' is declared in value_info to be float[7, ?], "
      "but node 'relu0' (Relu) makes it float[2, 3]");
  CHECK(inferred_findings_of(model_of(relu + neg + value_info("elem_type: 7"))) ==
        "error type-contradiction | graph/node[0] 'relu0'/output[0] | 'a' is declared in value_info to be int64[...], "
        "but node 'relu0' (Relu) makes it float[2, 3]");
  CHECK(inferred_findings_of(model_of("node { op_type: 'Transpose' input: 'x' output: 'y' name: 't' } ")) ==
        "error type-contradiction | graph/node[0] 't'/output[0] | 'y' is declared as a graph output to be float[2, 3], "
        "but node 't' (Transpose) makes it float[3, 2]");
  CHECK(inferred_findings_of(model_of("node { op_type: 'MatMul' input: 'x' input: 'x' output: 'y' name: 'm' } ")) ==
        "error impossible-node | graph/node[0] 'm' | inner dims 3 and 2 differ");
}

TEST_CASE("with inference check looks into subgraphs and functions") {
  const std::string inner =
      "g { name: 'b' node { op_type: 'MatMul' input: 'x' input: 'x' output: 't' name: 'm' } output { name: 't' } } ";
  const std::string cond = "initializer { name: 'c' data_type: 9 raw_data: '\\001' } ";
  // The branch that a constant condition never takes is not at fault.
  const std::string branch = "g { name: 'e' node { op_type: 'Relu' input: 'x' output: 'r' } output { name: 'r' } } ";
  const std::string flow =
      "node { op_type: 'If' input: 'c' output: 'y' name: 'if0' attribute { name: 'then_branch' type: "
      "GRAPH " +
      inner + "} attribute { name: 'else_branch' type: GRAPH " + branch + "} } ";
  CHECK(inferred_findings_of(model_of(flow + cond)) ==
        "error impossible-node | graph/node[0] 'if0'/then_branch/node[0] 'm' | inner dims 3 and 2 differ");
  const std::string function =
      "functions { name: 'f' domain: 'local' input: 'a' output: 'b' opset_import { version: 17 } "
      "node { op_type: 'MatMul' input: 'a' input: 'a' output: 'b' name: 'm' } } opset_import { domain: 'local' "
      "version: 1 } ";
  CHECK(inferred_findings_of(model_of("node { op_type: 'f' domain: 'local' input: 'x' output: 'y' } ") + function) ==
        "error impossible-node | function 'local.f'/node[0] 'm' | inner dims 3 and 2 differ");
}

TEST_CASE("asked for coverage check warns of operators that nothing is known of") {
  const std::string text = model_of("node { op_type: 'Foo' domain: 'com.example' input: 'x' output: 'y' } ") +
                           "opset_import { domain: 'com.example' version: 1 } ";
  CHECK(inferred_findings_of(text).empty());
  CHECK(inferred_findings_of(text, true) ==
        "warning unchecked-operator | model | nothing is known of the results of operator 'com.example.Foo'");
}

TEST_CASE("names in findings are escaped and cut") {
  const std::string long_name(100000, 'n');
  for (const std::string& name : {std::string("a\\033[31mb"), long_name}) {
    const std::string text = findings_of(model_of(std::string("node { output: 'y' op_type: '")
                                                      .append(name)
                                                      .append("' input: '")
                                                      .append(name)
                                                      .append("' name: '")
                                                      .append(name)
                                                      .append("' } ")));
    CHECK(text.find('\033') == std::string::npos);
    CHECK(text.size() < 2000);
  }
}

TEST_CASE("models that exporters wrote have no errors") {
  size_t num_models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TESTDATA_DIR)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    ++num_models;
    CHECK_NOTHROW(require_valid(*load(entry.path()), {.payloads = false}));  // most are stored without weights
  }
  CHECK(num_models >= 15);
}

TEST_CASE("every rule has an id of its own, and findings use those") {
  std::vector<std::string_view> ids;
  for (const Rule& rule : all_rules()) {
    CHECK_FALSE(rule.description.empty());
    ids.push_back(rule.id);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("require_valid throws the first error and counts the others") {
  const Loaded good = load_text(model_of(kRelu));
  CHECK_NOTHROW(require_valid(*good.model));
  const Loaded bad =
      load_text("ir_version: 8 " + graph_of("node { op_type: 'Neg' input: 'ghost' output: 'y' name: 'n' } "));
  try {
    require_valid(*bad.model);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kRead);
    CHECK(std::string_view(error.what()) ==
          "model: there is no opset_import, which IR version 8 needs (and 2 more errors)");
  }
}

/// A chain of Neg nodes; `backwards` lists the last one first.
Loaded chain(int length, bool backwards) {
  onnx::ModelProto proto;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(model_of(""), &proto));
  for (int i = 0; i < length; ++i) {
    const int number = backwards ? length - 1 - i : i;
    onnx::NodeProto& node = *proto.mutable_graph()->add_node();
    node.set_op_type("Neg");
    node.add_input(number == 0 ? "x" : "t" + std::to_string(number));
    node.add_output(number == length - 1 ? "y" : "t" + std::to_string(number + 1));
  }
  return load_proto(proto);
}

TEST_CASE("a chain of 200,000 nodes, sorted or not, takes no recursion and little time") {
  constexpr int kLength = 200'000;
  const auto start = std::chrono::steady_clock::now();
  CHECK(check(*chain(kLength, false).model).empty());
  CHECK(check(*chain(kLength, true).model).size() == kLength - 1);             // each but the last is read too early
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));  // about 1 s, 10 s with sanitizers
}

}  // namespace
}  // namespace surgery

#endif  // HAVE_ONNX_PROTO
