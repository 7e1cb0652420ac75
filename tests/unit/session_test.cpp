#include <doctest/doctest.h>

#include <string_view>

#include "exec_testing.h"

using namespace surgery;
using namespace exec_testing;

namespace {

/// Remembers what it is shown.
struct Recorder final : exec::Observer {
  std::vector<std::string> names;
  void on_value(const Value& value, const exec::Datum&) override { names.push_back(value.name()); }
};

std::string error_of_start(std::string_view text, exec::Tensors inputs) {
  const auto model = graph_text::parse(text);
  return error_of([&] { exec::Session(*model).run(std::move(inputs)); });
}

std::string error_of_plan(std::string_view text) {
  const auto model = graph_text::parse(text);
  return error_of([&] { const exec::Session session(*model); });
}

std::vector<double> only_output(std::string_view text) { return values_of(run(text).at(0)); }

}  // namespace

TEST_CASE("a session runs the nodes in order and shows each value that one makes") {
  const auto model = graph_text::parse(R"(
    g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { a = Add (x, w)  b = Neg (a)  y = Mul (b, a) })");
  Recorder recorder;
  exec::Session session(*model);
  const exec::Tensors outputs = session.run({{"x", floats({2}, {3, 4})}}, &recorder);
  CHECK(values_of(outputs.at("y")) == std::vector<double>{-16, -36});
  CHECK(recorder.names == std::vector<std::string>{"a", "b", "y"});
}

TEST_CASE("a session can be run again, and stepped") {
  const auto model = graph_text::parse("g (float[1] x) => (float[1] y) { a = Neg (x)  y = Neg (a) }");
  exec::Session session(*model);
  for (const double value : {1.0, 2.0}) {
    session.start({{"x", floats({1}, {value})}});
    CHECK_FALSE(session.is_done());
    session.step();
    CHECK_FALSE(session.is_done());
    session.step();
    CHECK(session.is_done());
    CHECK(values_of(session.take_outputs().at("y").tensor()) == std::vector<double>{value});
  }
}

TEST_CASE("nodes that are not in order are put in order") {
  const auto model = graph_text::parse("g (float[1] x) => (float[1] y) { a = Neg (x)  y = Abs (a) }");
  Graph& graph = model->graph();
  graph.move_before(*graph.last_node(), graph.first_node());
  exec::Session session(*model);
  CHECK(values_of(session.run({{"x", floats({1}, {3})}}).at("y")) == std::vector<double>{3});
}

TEST_CASE("outputs may be inputs, initializers, and named twice") {
  const auto model = graph_text::parse("g (float[1] x) => (float[1] x, float[1] w) <float[1] w = {7}> { }");
  exec::Session session(*model);
  const exec::Tensors outputs = session.run({{"x", floats({1}, {3})}});
  CHECK(values_of(outputs.at("x")) == std::vector<double>{3});
  CHECK(values_of(outputs.at("w")) == std::vector<double>{7});
}

TEST_CASE("an input with a default may be left out or given") {
  const auto model = graph_text::parse("g (float[1] x = {5}) => (float[1] y) { y = Neg (x) }");
  exec::Session session(*model);
  CHECK(values_of(session.run({}).at("y")) == std::vector<double>{-5});
  CHECK(values_of(session.run({{"x", floats({1}, {2})}}).at("y")) == std::vector<double>{-2});
}

TEST_CASE("inputs that do not fit are refused with what was given and what is expected") {
  constexpr std::string_view kModel = "g (float[N, 3] image, int64[2] sizes) => (float[N, 3] y) { y = Neg (image) }";
  const Tensor image = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor sizes = tensor(DataType::kInt64, {2}, {1, 2});
  CHECK(error_of_start(kModel, {{"image", image}, {"sizes", sizes}}) == "(no error)");
  CHECK(error_of_start(kModel, {{"image", image}}) == "2: input 'sizes' is not given, expected int64[2]");
  CHECK(error_of_start(kModel, {{"imag", image}, {"image", image}, {"sizes", sizes}}) ==
        "2: the model has no input 'imag'; did you mean 'image'?");
  CHECK(error_of_start(kModel, {{"image", floats({3}, {1, 2, 3})}, {"sizes", sizes}}) ==
        "2: input 'image': given float[3], expected float[N, 3]");
  CHECK(error_of_start(kModel, {{"image", floats({1, 4}, {1, 2, 3, 4})}, {"sizes", sizes}}) ==
        "2: input 'image': given float[1, 4], expected float[N, 3]");
  CHECK(error_of_start(kModel, {{"image", image}, {"sizes", floats({2}, {1, 2})}}) ==
        "2: input 'sizes': given float[2], expected int64[2]");
}

TEST_CASE("an operator without a kernel is named with its node, domain and version") {
  CHECK(error_of_plan(R"(<opset_import: ["" : 17, "com.example" : 1]>
      g (float[1] x) => (float[1] y) { [a] t = Neg (x)  [magic] y = com.example.Magic (t) })") ==
        "4: node 'magic' (com.example.Magic): no kernel for operator com.example.Magic version 1");
  CHECK(error_of_plan("g (float[1] x) => (float[1] y) { [odd] y = NoSuchThing (x) }") ==
        "4: node 'odd' (NoSuchThing): no kernel for operator NoSuchThing version 17");
}

TEST_CASE("an operator without a kernel is found inside subgraphs and called functions too") {
  CHECK(error_of_plan(R"(
      g (bool c, float[1] x) => (float[1] y) {
        y = If (c) <then_branch = t () => (float[1] a) { [deep] a = NoSuchThing (x) },
                    else_branch = e () => (float[1] b) { b = Neg (x) }>
      })") == "4: node 'deep' (NoSuchThing): no kernel for operator NoSuchThing version 17");
  CHECK(error_of_plan(R"(<opset_import: ["" : 17, "local" : 1]>
      g (float[1] x) => (float[1] y) { y = local.f (x) }
      <domain: "local", opset_import: ["" : 15]> f (a) => (r) { [inner] r = NoSuchThing (a) })") ==
        "4: node 'inner' (NoSuchThing): no kernel for operator NoSuchThing version 15");
}

TEST_CASE("a type that an operator does not take is named") {
  const auto model = graph_text::parse(R"(g () => (string[1] y) <string[1] x = {"a"}> { [n] y = Neg (x) })");
  CHECK(error_of([&] { run(*model); }) == "4: node 'n' (Neg): no kernel for Neg version 17 on inputs of type (string)");
}

TEST_CASE("a cycle is refused") {
  const auto model = graph_text::parse("g (float[1] x) => (float[1] y) { [a] t = Neg (x)  [b] y = Abs (t) }");
  Graph& graph = model->graph();
  graph.set_input(*graph.first_node(), 0, graph.find("y"));
  CHECK(error_of([&] { const exec::Session session(*model); }) ==
        "3: graph 'g' has nodes that read their own results (a cycle)");
}

TEST_CASE("values are let go after their last use, so a long chain runs in the memory of two") {
  std::string text = "g (float[N] x) => (float[N] y) { v0 = Neg (x) ";
  for (int i = 0; i < 30; ++i) text += "v" + std::to_string(i + 1) + " = Neg (v" + std::to_string(i) + ") ";
  const auto model = graph_text::parse(text + "y = Neg (v30) }");
  const int64_t size = 1 << 16;
  const exec::Tensors inputs{{"x", Tensor::zeros(DataType::kFloat, {size})}};
  exec::Session enough(*model, {.max_bytes = 2 * 4 * size});
  CHECK(enough.run(inputs).at("y").num_elements() == size);
  exec::Session too_little(*model, {.max_bytes = 2 * 4 * size - 1});
  CHECK(
      error_of([&] { too_little.run(inputs); }) ==
      "4: node of output 'v1' (Neg): output 0 would be float[65536] of 256.0 KiB, over the 256.0 KiB that are left of "
      "the memory limit");
}

TEST_CASE("a tensor that the observer keeps counts as long as it is kept") {
  struct Keeper final : exec::Observer {
    std::vector<Tensor> kept;
    void on_value(const Value&, const exec::Datum& datum) override { kept.push_back(datum.tensor()); }
  };
  const auto model = graph_text::parse("g (float[N] x) => (float[N] y) { a = Neg (x)  b = Neg (a)  y = Neg (b) }");
  const int64_t size = 1 << 16;
  exec::Session session(*model, {.max_bytes = 3 * 4 * size - 1});
  const exec::Tensors inputs{{"x", Tensor::zeros(DataType::kFloat, {size})}};
  CHECK(session.run(inputs).at("y").num_elements() == size);
  Keeper keeper;
  CHECK(error_of([&] { session.run(inputs, &keeper); }).starts_with("4: node of output 'y' (Neg): output 0 would be"));
}

TEST_CASE("a request that no machine can meet is refused before it is made, naming node and size") {
  CHECK(error_of([] {
          run(R"(g () => (float[...] y) <float x = {1}, int64[2] s = {1048576, 1048576}> { [big] y = Expand (x, s) })");
        }).starts_with("4: node 'big' (Expand): output 0 would be float[1048576, 1048576] of 4.0 TiB, over the "));
  CHECK(error_of([] {
          run(R"(g () => (float[...] y) <float x = {1}, int64[3] s = {4294967296, 4294967296, 4}> {
                [big] y = Expand (x, s) })");
        }).starts_with("4: node 'big' (Expand): "));
}

TEST_CASE("If runs the branch that holds, with what it captures") {
  constexpr std::string_view kModel = R"(
    g (bool c, float[1] x) => (float[1] y) {
      d = Neg (x)
      y = If (c) <then_branch = t () => (float[1] a) { a = Add (d, d) },
                  else_branch = e () => (float[1] x) { }>
    })";
  const auto model = graph_text::parse(kModel);
  exec::Session session(*model);
  const Tensor x = floats({1}, {3});
  CHECK(values_of(session.run({{"c", tensor(DataType::kBool, {}, {1})}, {"x", x}}).at("y")) == std::vector<double>{-6});
  CHECK(values_of(session.run({{"c", tensor(DataType::kBool, {}, {0})}, {"x", x}}).at("y")) == std::vector<double>{3});
  CHECK(error_of_start("g (bool[2] c) => (float[1] y) <float[1] w = {1}> { [if] y = If (c) "
                       "<then_branch = t () => (float[1] w) { }, else_branch = e () => (float[1] w) { }> }",
                       {{"c", tensor(DataType::kBool, {2}, {1, 1})}}) ==
        "3: node 'if' (If): the condition must be one bool");
}

TEST_CASE("Loop carries values, collects others, and ends by count or condition") {
  constexpr std::string_view kBody = R"(
    <body = b (int64 i, bool c, float[1] s) => (bool go, float[1] t, float[1] out) {
      t = Add (s, step)
      out = Mul (t, t)
      go = Less (t, limit)
    }> })";
  const std::string head = R"(
    g () => (float[1] last, float[?, 1] squares) <float[1] step = {2}, float[1] limit = {5}, float[1] zero = {0},
      int64 m = {10}, int64 none = {0}, bool yes = {1}, bool no = {0}> { [loop] last, squares = Loop )";
  const std::vector<Tensor> by_condition = run(head + "(, yes, zero)" + std::string(kBody));
  CHECK(values_of(by_condition[0]) == std::vector<double>{6});
  CHECK(by_condition[1].dims() == Dims{3, 1});
  CHECK(values_of(by_condition[1]) == std::vector<double>{4, 16, 36});
  CHECK(values_of(run(head + "(m, , zero)" + std::string(kBody))[0]) == std::vector<double>{6});

  for (const std::string_view never : {"(none, yes, zero)", "(m, no, zero)"}) {
    const std::vector<Tensor> outputs = run(head + std::string(never) + std::string(kBody));
    CHECK(values_of(outputs[0]) == std::vector<double>{0});
    CHECK(outputs[1].dims() == Dims{0, 1});
    CHECK(outputs[1].type() == DataType::kFloat);
  }
}

TEST_CASE("a Loop that never ends is stopped") {
  const auto model = graph_text::parse(R"(
    g () => (float[1] y) <float[1] zero = {0}, bool yes = {1}> {
      [loop] y = Loop (, yes, zero) <body = b (int64 i, bool c, float[1] s) => (bool c, float[1] s) { }>
    })");
  CHECK(error_of([&] { run(*model, {.max_iterations = 1000}); }) ==
        "4: node 'loop' (Loop): does not end within 1000 iterations, the limit for one loop");
}

TEST_CASE("an error inside a subgraph names both nodes") {
  CHECK(error_of([] {
          run(R"(g () => (float[...] y) <bool c = {1}, float[2] a = {1, 2}, float[3] b = {1, 2, 3}> {
                [if] y = If (c) <then_branch = t () => (float[...] r) { [add] r = Add (a, b) },
                                 else_branch = e () => (float[...] a) { }> })");
        }) == "3: node 'if' (If): node 'add' (Add): shapes [2], [3] do not broadcast to one shape");
}

TEST_CASE("Scan walks along axes, forwards and backwards") {
  // Sums of the columns of x, from the last to the first; the running sums are stacked along axis 1.
  const std::vector<Tensor> outputs = run(R"(
    g () => (float[2] total, float[2, 3] sums) <float[2] zero = {0, 0}, float[2, 3] x = {1, 2, 3, 4, 5, 6}> {
      total, sums = Scan <num_scan_inputs = 1, scan_input_axes = [1], scan_input_directions = [1],
                          scan_output_axes = [-1], scan_output_directions = [1]> (zero, x)
        <body = b (float[2] s, float[2] column) => (float[2] t, float[2] u) { t = Add (s, column)  u = Neg (t) }>
    })");
  CHECK(values_of(outputs[0]) == std::vector<double>{6, 15});
  CHECK(outputs[1].dims() == Dims{2, 3});
  CHECK(values_of(outputs[1]) == std::vector<double>{-6, -5, -3, -15, -11, -6});
}

TEST_CASE("Scan-8 has a batch in front and sequences that may end early") {
  const std::vector<Tensor> outputs = run(R"(<opset_import: ["" : 8]>
    g () => (float[2, 1] total, float[2, 3, 1] sums)
      <int64[2] lengths = {3, 2}, float[2, 1] zero = {0, 10}, float[2, 3, 1] x = {1, 2, 3, 4, 5, 6}> {
      total, sums = Scan <num_scan_inputs = 1> (lengths, zero, x)
        <body = b (float[1] s, float[1] e) => (float[1] t, float[1] u) { t = Add (s, e)  u = Neg (t) }>
    })");
  CHECK(values_of(outputs[0]) == std::vector<double>{6, 19});
  CHECK(outputs[1].dims() == Dims{2, 3, 1});
  CHECK(values_of(outputs[1]) == std::vector<double>{-1, -3, -6, -14, -19, 0});
}

TEST_CASE("functions are run, nested, with their attributes handed on") {
  CHECK(only_output(R"(<opset_import: ["" : 17, "local" : 1]>
    g () => (float[2] y) <float[2] x = {-2, 4}> { y = local.outer <slope = 0.5> (x) }
    <domain: "local", opset_import: ["" : 17, "local" : 1]> outer <slope> (a) => (r) { b = Neg (a)  r = local.inner <alpha = @slope> (b) }
    <domain: "local", opset_import: ["" : 17]> inner <alpha> (a) => (r) { r = LeakyRelu <alpha = @alpha> (a) })") ==
        std::vector<double>{2, -2});
}

TEST_CASE("a function's attribute that the call leaves out keeps the operator's default") {
  const std::vector<double> y = only_output(R"(<opset_import: ["" : 17, "local" : 1]>
    g () => (float[1] y) <float[1] x = {-100}> { y = local.f (x) }
    <domain: "local", opset_import: ["" : 17]> f <alpha> (a) => (r) { r = LeakyRelu <alpha = @alpha> (a) })");
  CHECK(y[0] == doctest::Approx(-1));
}

TEST_CASE("an input that a call omits is omitted inside the function") {
  CHECK(only_output(R"(<opset_import: ["" : 17, "local" : 1]>
    g () => (float[3] y) <float[3] x = {-2, 0, 4}, float top = {1}> { y = local.f (x, , top) }
    <domain: "local", opset_import: ["" : 17]> f (a, low, high) => (r) { r = Clip (a, low, high) })") ==
        std::vector<double>{-2, 0, 1});
}

TEST_CASE("a function that calls itself is refused before anything runs") {
  CHECK(error_of_plan(R"(<opset_import: ["" : 17, "local" : 1]>
    g () => (float[1] y) <float[1] x = {1}> { y = local.f (x) }
    <domain: "local", opset_import: ["" : 17, "local" : 1]> f (a) => (r) { r = local.f (a) })")
            .starts_with("4: function 'f' expands to over "));
}

TEST_CASE("the evaluator computes single nodes and declines what it cannot") {
  const auto model = graph_text::parse(R"(
    g (float[2] x, bool c) => (float[2] y, float[2] z) { [neg] y = Neg (x)
      [if] z = If (c) <then_branch = t () => (float[2] x) { }, else_branch = e () => (float[2] x) { }> })");
  const auto evaluator = exec::make_evaluator(*model, 1024);
  const Node& negation = *model->graph().first_node();
  const Tensor x = floats({2}, {1, -2});
  const Tensor* inputs[] = {&x};
  CHECK(evaluator->supports(negation, inputs));
  CHECK(values_of(evaluator->evaluate(negation, inputs)[0]) == std::vector<double>{-1, 2});

  const Tensor text = Tensor::from_strings({1}, {"a"});
  const Tensor* texts[] = {&text};
  CHECK_FALSE(evaluator->supports(negation, texts));
  const Tensor yes = tensor(DataType::kBool, {}, {1});
  const Tensor* conditions[] = {&yes};
  CHECK_FALSE(evaluator->supports(*negation.next(), conditions));

  const Tensor large = Tensor::zeros(DataType::kFloat, {257});
  const Tensor* larges[] = {&large};
  CHECK(error_of([&] { evaluator->evaluate(negation, larges); }) ==
        "4: node 'neg' (Neg): output 0 would be float[257] of 1.0 KiB, over the 1.0 KiB that are left of the memory "
        "limit");
}
