#include "surgery/infer.h"

#include "infer/families.h"
#include "infer_testing.h"
#include "surgery/schema.h"

namespace infer_testing {
namespace {

struct Inferred {
  explicit Inferred(std::string_view text, const InferenceOptions& options = {})
      : model(graph_text::parse(text)), inference(*model, options) {
    inference.run();
  }
  /// Type and elements of a value of the main graph.
  std::string operator[](std::string_view name) const { return to_text(inference.fact(value(name))); }
  Value& value(std::string_view name) const { return *model->graph().find(name); }

  std::unique_ptr<Model> model;
  Inference inference;
};

TEST_CASE("inference has a function for every operator of the standard") {
  for (const schema::OpSchema& op : schema::all()) {
    CAPTURE(op.domain);
    CAPTURE(op.name);
    const bool found = infer::find_infer_function(op.domain, op.name) != nullptr;
    CHECK(found);
  }
  CHECK((infer::find_infer_function("ai.onnx", "Relu") != nullptr));
  CHECK((infer::find_infer_function("", "Rleu") == nullptr));
}

TEST_CASE("inference gives input dims without a name symbols of their own") {
  const Inferred m("g (float[?,3] x, float[?,3] z) => (float[...] y) { y = Relu (x)\n b = Add (x, z) }");
  CHECK(m["x"] == "float[x.0, 3]");
  CHECK(m["y"] == "float[x.0, 3]");
  CHECK(m["b"] == "float[b.0, 3]");
  CHECK(m.inference.is_fresh("x.0"));
  CHECK_FALSE(m.inference.is_fresh("N"));
}

TEST_CASE("inference keeps its symbols apart from those of the model") {
  const Inferred m(R"(g (float[?,x.0] x) => (float[...] y) { y = Relu (x) })");
  CHECK(m["y"] == "float[x.0_2, x.0]");
}

TEST_CASE("inference uses constants only where no caller can override them") {
  const std::string_view graph =
      R"(opset_import: ["" : 14]> g (float[2,6] x, int64[2] s = {3, 4}) => (float[...] y) { y = Reshape (x, s) })";
  CHECK(Inferred("<ir_version: 8, " + std::string(graph))["y"] == "float[y.0, y.1]");
  CHECK(Inferred("<ir_version: 3, " + std::string(graph))["y"] == "float[3, 4]");
}

TEST_CASE("inference uses declared types where they say more") {
  const std::string_view text = R"(g (float[N,3] x) => (float[4,?] y) <int64[M,2] s> {
      i = NonZero (x)
      s = Transpose (i)
      y = local.Unknown (x) })";
  const Inferred m(text);
  CHECK(m["y"] == "float[4, y.1]");
  CHECK(m["s"] == "int64[i.1, 2]");  // M is no dim of an input: what it stands for is anyone's guess
  CHECK(m.inference.contradictions().empty());
  CHECK(m.inference.unknown_operators() == std::vector<std::string>{"local.Unknown"});
  CHECK(Inferred(text, {.use_declared = false})["y"] == "?");
}

TEST_CASE("inference prefers what it found to a declaration and reports where they differ") {
  const Inferred m(
      "g (float[2,3] x) => (float[4,3] y) <double[2,3] a, float[2] b> { a = Relu (x)\n b = Abs (a)\n [last] y = Neg "
      "(b) }");
  CHECK(m["y"] == "float[2, 3]");
  REQUIRE(m.inference.contradictions().size() == 3);
  const Contradiction& first = m.inference.contradictions()[2];
  CHECK(first.value == "y");
  CHECK(first.declared == "float[4, 3]");
  CHECK(first.inferred == "float[2, 3]");
  CHECK(first.place == "node 'last' (Neg)");
}

TEST_CASE("inference does not take a number for a symbol on the word of a declaration") {
  const Inferred m("g (float[N,3] x) => (float[4,3] y) { y = Relu (x) }");
  CHECK(m["y"] == "float[N, 3]");
  CHECK(m.inference.contradictions().empty());
}

TEST_CASE("inference goes on behind a node that is impossible") {
  const Inferred m("g (float[2,3] x) => (float[...] y) { [m] a = MatMul (x, x)\n b = Relu (x)\n y = Relu (a) }");
  CHECK(m.inference.errors() == std::vector<std::string>{"node 'm' (MatMul): inner dims 3 and 2 differ"});
  CHECK(m["a"] == "?");
  CHECK(m["b"] == "float[2, 3]");
  CHECK(m["y"] == "float[...]");
}

TEST_CASE("inference reports an attribute of the wrong type") {
  const Inferred m(R"(g (float[2,3] x) => (float[...] y) { [c] y = Concat <axis = "x"> (x) })");
  CHECK(m.inference.errors() ==
        std::vector<std::string>{"node 'c' (Concat): attribute 'axis' is of type string, expected int"});
}

TEST_CASE("inference takes nodes in topological order") {
  auto model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{2, 3}));
  Node& first = graph.insert_before(nullptr, {.op_type = "Relu", .inputs = {&x}, .output_names = {"a"}});
  Node& second = graph.insert_before(nullptr, {.op_type = "Relu", .inputs = {first.output(0)}, .output_names = {"b"}});
  graph.move_before(second, &first);
  Inference inference(*model);
  inference.run();
  CHECK(to_text(inference.fact(*second.output(0))) == "float[2, 3]");
}

TEST_CASE("inference of a cycle leaves it unknown") {
  auto model = create_model(17);
  Graph& graph = model->graph();
  Value& x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{2, 3}));
  Node& a = graph.insert_before(nullptr, {.op_type = "Add", .inputs = {&x, &x}, .output_names = {"a"}});
  Node& b = graph.insert_before(nullptr, {.op_type = "Relu", .inputs = {a.output(0)}, .output_names = {"b"}});
  graph.set_input(a, 1, b.output(0));
  Inference inference(*model);
  inference.run();
  CHECK(to_text(inference.fact(*b.output(0))) == "float[...]");
}

// ---- Control flow ---------------------------------------------------------------------------------------------------

TEST_CASE("inference joins the branches of an If") {
  const Inferred m(R"(g (bool c, float[N,3] x, float[N,4] z) => (float[...] y) {
      y, r, s = If (c) <then_branch = t () => (float[...] a, float[...] b, int64[...] i) {
                          a = Relu (x)  b = Relu (x)  i = Shape (x) },
                        else_branch = e () => (float[...] d, float[...] f, int64[...] j) {
                          d = Relu (z)  f = Flatten (z)  j = Shape (z) }> })");
  CHECK(m["y"] == "float[N, y.1]");
  CHECK(m["s"] == "int64[2]{N, ?}");
  CHECK(m.inference.errors().empty());
}

TEST_CASE("inference takes the one branch that runs and does not complain about the other") {
  const Inferred yes(R"(g (float[5,3] x) => (float[...] y) <bool c = {1}> {
      y = If (c) <then_branch = t () => (float[...] a) { a = Relu (x) },
                  else_branch = e () => (float[...] b) { b = MatMul (x, x) }> })");
  CHECK(yes["y"] == "float[5, 3]");
  CHECK(yes.inference.errors().empty());
  const Inferred no(R"(g (float[5,3] x) => (float[...] y) <bool c = {0}> {
      y = If (c) <then_branch = t () => (float[...] a) { a = Relu (x) },
                  else_branch = e () => (float[...] b) { b = MatMul (x, x) }> })");
  CHECK(no["y"] == "float[...]");
  CHECK(no.inference.errors().size() == 1);
}

TEST_CASE("inference of a Loop: what stays, what grows, what is scanned") {
  const Inferred m(R"(g (float[N,3] x, float[0,3] z) => (float[...] a) <int64 trips = {5}, bool go = {1}> {
      a, b, s = Loop (trips, go, x, z) <body = l (int64 i, bool c, float[...] p, float[...] q) =>
          (bool d, float[...] r, float[...] t, float[...] u) {
            d = Identity (c)
            r = Relu (p)
            t = Concat <axis = 0> (q, p)
            u = Abs (p) }> })");
  CHECK(m["a"] == "float[N, 3]");
  CHECK(m["b"] == "float[b.0, 3]");
  CHECK(m["s"] == "float[5, N, 3]");
  CHECK(m.inference.errors().empty());
}

TEST_CASE("inference does not know the trips of a Loop that may break off") {
  const Inferred m(R"(g (float[N,3] x, bool stop) => (float[...] a) <int64 trips = {5}, bool go = {1}> {
      a, s = Loop (trips, go, x) <body = l (int64 i, bool c, float[...] p) => (bool d, float[...] r, float[...] u) {
            d = Identity (stop)
            r = Relu (p)
            u = Abs (p) }> })");
  CHECK(m["s"] == "float[d.0, N, 3]");
}

TEST_CASE("inference gives up the rank of what changes it in a Loop") {
  const Inferred m(R"(g (float[N] x) => (float[...] a) <int64 trips = {5}> {
      a = Loop (trips, , x) <body = l (int64 i, bool c, float[...] p) => (bool d, float[...] r) {
            d = Identity (c)
            k = Constant <value_ints = [0]> ()
            r = Unsqueeze (p, k) }> })");
  CHECK(m["a"] == "float[...]");
}

TEST_CASE("inference of a Scan along other axes") {
  const Inferred m(R"(g (float[B] s, float[B,T,C] x) => (float[...] y) {
      f, y = Scan (s, x) <num_scan_inputs = 1, scan_input_axes = [1], scan_output_axes = [-1],
          body = b (float[...] p, float[...] e) => (float[...] q, float[...] o) {
            q = Identity (p)
            o = Relu (e) }> })");
  CHECK(m["f"] == "float[B]");
  CHECK(m["y"] == "float[B, C, T]");
}

TEST_CASE("inference of a Scan whose state grows") {
  const Inferred m(R"(g (float[2] s, float[T,2] x) => (float[...] y) {
      [scan] f, y = Scan (s, x) <num_scan_inputs = 1,
          body = b (float[...] p, float[...] e) => (float[...] q, float[...] o) {
            q = Concat <axis = 0> (p, e)
            o = Relu (e) }> })");
  REQUIRE(m.inference.errors().size() == 1);
  CHECK(m.inference.errors()[0] == "node 'scan' (Scan): sizes of a state before and after 2 and 4 differ");
}

TEST_CASE("inference of Scan-8 in batches") {
  const Inferred m(R"(<ir_version: 3, opset_import: ["" : 8]> g (float[B,2] s, float[B,T,2] x) => (float[...] y) {
      f, y = Scan (, s, x) <num_scan_inputs = 1, body = b (float[2] p, float[2] e) => (float[2] q, float[2] o) {
            q = Add (p, e)
            o = Relu (e) }> })");
  CHECK(m["f"] == "float[B, 2]");
  CHECK(m["y"] == "float[B, T, 2]");
}

// ---- Functions ------------------------------------------------------------------------------------------------------

TEST_CASE("inference looks into functions, each call by itself") {
  const Inferred m(R"(g (float[N,3] x, float[5,3] z) => (float[...] a, float[...] b) {
      [one] a = local.f <axis = 1> (x)
      [two] b = local.f <axis = 0> (z) }
    <domain: "local"> f <axis> (p) => (r) { q = Concat <axis = @axis> (p, p)  r = Relu (q) })");
  CHECK(m["a"] == "float[N, 6]");
  CHECK(m["b"] == "float[10, 3]");
  const Graph& body = *m.model->functions()[0].body;
  CHECK(to_text(m.inference.fact(*body.find("q"))) == "float[?, ?]");
}

TEST_CASE("inference keeps the symbols of two calls apart") {
  const Inferred m(R"(g (float[N] x, float[N] z) => (int64[...] a, int64[...] b) {
      [one] a = local.f (x)
      [two] b = local.f (z) }
    <domain: "local"> f (p) => (r) { r = NonZero (p) })");
  CHECK(m["a"] == "int64[1, one/r.1]");
  CHECK(m["b"] == "int64[1, two/r.1]");
}

TEST_CASE("inference refuses functions without end") {
  const Inferred m(R"(g (float[N] x) => (float[...] a) { a = local.f (x) }
    <domain: "local"> f (p) => (r) { r = local.h (p) }
    <domain: "local"> h (p) => (r) { [again] r = local.f (p) })");
  CHECK(m["a"] == "float[...]");
  REQUIRE(m.inference.errors().size() == 1);
  CHECK(m.inference.errors()[0] == "node 'again' (local.f): the function calls itself");
}

/// `text` with every # replaced by the number and every ^ by the one above it.
std::string numbered(std::string_view text, int number) {
  std::string result;
  for (const char letter : text) {
    if (letter == '#') {
      result += std::to_string(number);
    } else if (letter == '^') {
      result += std::to_string(number + 1);
    } else {
      result += letter;
    }
  }
  return result;
}

TEST_CASE("inference ends on calls that multiply") {
  std::string text = R"(g (float[N] x) => (float[...] a) { a = local.f39 (x) }
    <domain: "local"> f0 (p) => (r) { r = Relu (p) } )";
  for (int i = 0; i < 39; ++i) {
    text += numbered(R"(<domain: "local"> f^ (p) => (r) { q = local.f# (p)  r = local.f# (q) } )", i);
  }
  const Inferred m(text);
  CHECK(m.inference.errors().empty());
}

TEST_CASE("inference ends on loops in loops") {
  std::string head;
  std::string tail;
  for (int i = 0; i < 24; ++i) {
    head += numbered(R"( w# = Concat <axis = 0> (v#, v#)  r# = Loop (trips, , w#) <body = l#
                         (int64 i^, bool c^, float[...] v^) => (bool c^, float[...] r^) {)",
                     i);
    tail += "}>";
  }
  std::string text = "g (float[2] x, float[2] v0) => (float[...] r0) <int64 trips = {5}> {";
  text += head;
  text += " r24 = Relu (x) ";
  text += tail;
  text += "}";
  const Inferred m(text);
  CHECK(m.inference.errors().empty());
}

// ---- Changes --------------------------------------------------------------------------------------------------------

TEST_CASE("inference follows changes downstream") {
  Inferred m(R"(g (float[N,3] x, bool c) => (float[...] y) {
      [a] a = Relu (x)
      [b] b = Concat <axis = 1> (a, a)
      [y] y = If (c) <then_branch = t () => (float[...] p) { p = Relu (b) },
                      else_branch = e () => (float[...] q) { q = Abs (b) }> })");
  Graph& graph = m.model->graph();
  CHECK(m["y"] == "float[N, 6]");
  Node& node = *m.value("b").producer();
  graph.set_attribute(node, Attribute("axis", int64_t{0}));
  CHECK(m.inference.update(node));
  CHECK_FALSE(m.inference.update(node));
  CHECK(m["b"] == "float[2*N, 3]");
  CHECK(m["y"] == "float[N, 6]");
  m.inference.update_downstream(*m.value("y").producer());
  CHECK(m["y"] == "float[2*N, 3]");

  Node& wider = graph.insert_before(
      &node, {.op_type = "Concat", .inputs = {&m.value("x"), &m.value("x")}, .output_names = {"w"}, .attributes = [] {
                std::vector<Attribute> list;
                list.emplace_back("axis", int64_t{1});
                return list;
              }()});
  graph.set_input(node, 0, wider.output(0));
  graph.set_input(node, 1, wider.output(0));
  m.inference.update_downstream(wider);
  CHECK(m["y"] == "float[2*N, 6]");
}

TEST_CASE("inference drops the error of a node that was mended") {
  Inferred m("g (float[2,3] x, float[3,5] w) => (float[...] y) { [m] y = MatMul (x, x) }");
  CHECK(m.inference.errors().size() == 1);
  Node& node = *m.value("y").producer();
  m.model->graph().set_input(node, 1, &m.value("w"));
  m.inference.update_downstream(node);
  CHECK(m.inference.errors().empty());
  CHECK(m["y"] == "float[2, 5]");
}

TEST_CASE("inference knows constants that a change adds") {
  Inferred m("g (float[2,6] x, int64[2] s) => (float[...] y) { y = Reshape (x, s) }");
  CHECK(m["y"] == "float[y.0, y.1]");
  Node& node = *m.value("y").producer();
  const std::vector<int64_t> target{4, 3};
  m.model->graph().set_input(node, 1, &m.model->graph().add_initializer("t", Tensor::vector(target)));
  m.inference.update_downstream(node);
  CHECK(m["y"] == "float[4, 3]");
}

TEST_CASE("inference goes on from an assumed type") {
  Inferred m(
      "g (float[4,3,2] x) => (float[...] y) <int64[2] s = {4, -1}> { a = Relu (x)\n y = Reshape (a, s)\n z = Shape (a) "
      "}");
  CHECK(m["y"] == "float[4, 6]");
  Inference inference(*m.model);
  inference.assume(m.value("x"), Type::tensor(DataType::kFloat, Shape{Dim::symbol("batch"), 3, 2}));
  inference.run();
  CHECK(to_text(inference.fact(m.value("a"))) == "float[batch, 3, 2]");
  CHECK(to_text(inference.fact(m.value("z"))) == "int64[3]{batch, 3, 2}");
  CHECK(to_text(inference.fact(m.value("y"))) == "float[4, batch + floor(batch/2)]");
}

TEST_CASE("inference knows nothing of a value it never saw") {
  Inferred m("g (float[2] x) => (float[...] y) { y = Relu (x) }");
  Value& late = m.model->graph().add_input("late", Type::tensor(DataType::kFloat, Shape{2}));
  CHECK(m.inference.shape(late) == nullptr);
  CHECK(m.inference.element_type(late) == DataType::kUndefined);
  CHECK_FALSE(m.inference.static_shape(late));
  CHECK(m.inference.static_shape(m.value("y")) == std::vector<int64_t>{2});
}

}  // namespace
}  // namespace infer_testing

TEST_CASE("a node without outputs is nothing to infer") {
  const auto model =
      graph_text::parse("g (float[2] x) => (float[2] y) { = Constant <value = float[2] {1, 2}> () y = Relu (x) }");
  surgery::Inference inference(*model);
  inference.run();
  CHECK(inference.errors().empty());
}
