#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "rewrite_testing.h"
#include "surgery/error.h"

namespace surgery {
namespace {

using graph_text::parse;
using graph_text::print;

TEST_CASE("simplify refuses the name of a rewrite that does not exist, and suggests one") {
  const auto model = parse("agraph (float[4] x) => (float[4] y) { y = Relu (x) }");
  for (const bool in_only : {true, false}) {
    SimplifyOptions options;
    (in_only ? options.only : options.skip) = {"FuseConvBatchNrm"};
    try {
      simplify(*model, nullptr, options);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kUsage);
      CHECK(std::string_view(error.what()).starts_with("there is no rewrite 'FuseConvBatchNrm'; did you mean "));
    }
  }
}

TEST_CASE("the names of all rewrites differ, and each has a description") {
  std::set<std::string_view> names;
  for (const Rewrite* rewrite : all_rewrites()) {
    CHECK(names.insert(rewrite->name()).second);
    CHECK(rewrite->description().ends_with("."));
  }
  for (const GraphRewrite* rewrite : all_graph_rewrites()) {
    CHECK(names.insert(rewrite->name()).second);
    CHECK(rewrite->description().ends_with("."));
  }
}

constexpr std::string_view kMixed = R"(
  agraph (float[N,3,8,8] x) => (float[N,4] y)
  <float[4,3,3,3] w = fill(1), float[4] s = fill(3, 0.5, 2), float[4] B = fill(4), float[4] mean = fill(5),
   float[4] var = fill(6, 0.5, 2), float[144,4] v = fill(7), int64 i = {0}, int64[1] a = {0}, int64[1] r = {-1}>
  {
    c = Conv (x, w)
    d = BatchNormalization (c, s, B, mean, var)
    e = Identity (d)
    f = Relu (e)
    g = Dropout (f)
    sh = Shape (g)
    n = Gather (sh, i)
    u = Unsqueeze (n, a)
    k = Constant <value = int64[1] {-1}> ()
    t = Concat <axis = 0> (u, k)
    h = Reshape (g, t)
    y = MatMul (h, v)
    dead = Neg (h)
  })";
constexpr std::string_view kMixedAfter = R"(d = Conv (x, w_folded, w_bias)
f = Relu (d)
h = Reshape (f, h_shape)
y = MatMul (h, v)
)";

TEST_CASE("simplify runs all rewrites to a fixpoint, and the results stay") {
  const auto model = parse(kMixed);
  const auto evaluator = exec::make_evaluator(*model);
  const SimplifyReport report = simplify(*model, evaluator.get());
  CHECK(print(*model) == kMixedAfter);
  CHECK_FALSE(report.reached_limit);
  CHECK(report.steps == static_cast<int64_t>(model->journal().steps().size()));
  CHECK(rewrite_testing::same_results(kMixed, *model));
  // Nothing is left to do.
  CHECK(simplify(*model, evaluator.get()).steps == 0);
}

TEST_CASE("the order of nodes and rewrites does not matter") {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const auto model = parse(kMixed);
    const auto evaluator = exec::make_evaluator(*model);
    SimplifyOptions options;
    options.shuffle_seed = seed;
    simplify(*model, evaluator.get(), options);
    CHECK(model->graph().num_nodes() == 4);
    CHECK(rewrite_testing::same_results(kMixed, *model));
  }
}

TEST_CASE("max_steps stops after so many changes, and each prefix keeps the results") {
  const auto full = parse(kMixed);
  const int64_t steps = simplify(*full, exec::make_evaluator(*full).get()).steps;
  for (int64_t limit = 0; limit <= steps; ++limit) {
    CAPTURE(limit);
    const auto model = parse(kMixed);
    SimplifyOptions options;
    options.max_steps = limit;
    const SimplifyReport report = simplify(*model, exec::make_evaluator(*model).get(), options);
    CHECK(report.steps == limit);
    CHECK_FALSE(report.reached_limit);
    CHECK(static_cast<int64_t>(model->journal().steps().size()) == limit);
    CHECK(rewrite_testing::same_results(kMixed, *model));
  }
}

TEST_CASE("the journal names each step, and what became of a tensor") {
  const auto model =
      parse(R"(agraph (float[4] x) => (float[4] y) { a = Relu (x)  [id] b = Identity (a)  y = Neg (b) })");
  simplify(*model, nullptr);
  const Journal& journal = model->journal();
  REQUIRE(journal.steps().size() == 1);
  CHECK(journal.steps()[0].action == "RemoveIdentity");
  CHECK(journal.steps()[0].place == "node 'id' (Identity)");
  REQUIRE(journal.correspondences().size() == 1);
  CHECK(journal.correspondences()[0].before == "b");
  CHECK(journal.correspondences()[0].after == "a");
}

TEST_CASE("simplify reports how often each rewrite was applied") {
  const auto model = parse("agraph (float[4] x) => (float[4] y) { a = Identity (x)  b = Identity (a)  y = Neg (b) }");
  const SimplifyReport report = simplify(*model, nullptr);
  for (const auto& [name, count] : report.counts) CHECK(count == (name == "RemoveIdentity" ? 2 : 0));
}

TEST_CASE("a model that nothing can be done to is not marked as changed") {
  const auto model = parse("agraph (float[4] x) => (float[4] y) <float[4] w = {1,2,3,4}> { y = Add (x, w) }");
  CHECK(simplify(*model, exec::make_evaluator(*model).get()).steps == 0);
  CHECK(model->journal().steps().empty());
}

TEST_CASE("function bodies are simplified, but not where an attribute comes from the call") {
  const auto model = parse(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    agraph (float[4] x) => (float[4] y) { y = local.f <to = 1> (x) }
    <domain: "local", opset_import: ["" : 17]>
    f <to> (a) => (r) { i = Identity (a)  b = Cast <to = @to> (i)  j = Identity (b)  r = Neg (j) })");
  simplify(*model, exec::make_evaluator(*model).get());
  CHECK(print(*model->functions()[0].body) == "b = Cast <to = @to> (a)\nr = Neg (b)\n");
}

TEST_CASE("a function that imports another opset than the model is left as it is") {
  const auto model = parse(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    agraph (float[4] x) => (float[4] y) { y = local.f (x) }
    <domain: "local", opset_import: ["" : 12]>
    f (a) => (r) { i = Identity (a)  r = Neg (i) })");
  CHECK(simplify(*model, nullptr).steps == 0);
}

TEST_CASE("constants of a function body stay nodes, for it has no initializers") {
  const auto model = parse(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    agraph (float[4] x) => (float[4] y) { y = local.f (x) }
    <domain: "local", opset_import: ["" : 17]>
    f (a) => (r) {
      k = Constant <value = float[4] {1,2,3,4}> ()
      m = Neg (k)
      r = Add (a, m)
    })");
  const auto before = parse("agraph (float[4] x) => (float[4] y) <float[4] m = {-1,-2,-3,-4}> { y = Add (x, m) }");
  simplify(*model, exec::make_evaluator(*model).get());
  CHECK(print(*model->functions()[0].body) == "m = Constant <value = float[4] [-1, -2, -3, -4]> ()\nr = Add (a, m)\n");
}

TEST_CASE("before IR version 4 a new weight is listed among the inputs, and an old one goes from there") {
  const auto model = parse(R"(
    <ir_version: 3, opset_import: ["" : 8]>
    agraph (float[N,1,4,4] x, float[1,1,1,1] w = {2}, float[1] s = {2}, float[1] B = {1}, float[1] mean = {0.5},
            float[1] var = {4}) => (float[...] y)
    { c = Conv (x, w)  y = BatchNormalization (c, s, B, mean, var) })");
  simplify(*model, nullptr);
  CHECK(print(*model) == "y = Conv (x, w_folded, w_bias)\n");
  std::vector<std::string> inputs;
  for (const Value* input : model->graph().inputs()) inputs.push_back(input->name());
  CHECK(inputs == std::vector<std::string>{"x", "w_folded", "w_bias"});
}

TEST_CASE("nodes that are not in topological order are simplified too") {
  // Graph order is the order of making, so the graph is turned around afterwards.
  const auto model = parse(
      "agraph (float[4] x) => (float[4] y) { a = Relu (x)  b = Identity (a)  c = Relu (x)  d = Add (b, c)  y = Neg (d) "
      "}");
  std::vector<Node*> nodes = model->graph().nodes();
  std::reverse(nodes.begin(), nodes.end());
  model->graph().reorder(nodes);
  simplify(*model, nullptr);
  CHECK(print(*model) == "y = Neg (d)\nd = Add (c, c)\nc = Relu (x)\n");
}

TEST_CASE("a chain of 200,000 nodes takes linear time") {
  const auto model = create_model(17);
  Graph& graph = model->graph();
  Value* value = &graph.add_input("x", Type::tensor(DataType::kFloat, Shape{4}));
  constexpr int kLength = 200'000;
  for (int i = 0; i < kLength; ++i) {
    NodeSpec spec{.op_type = i % 2 == 0 ? "Identity" : "Neg", .inputs = {value}};
    spec.output_names.push_back("v" + std::to_string(i));
    value = graph.insert_before(nullptr, std::move(spec)).output(0);
  }
  graph.add_output(*value);
  const auto start = std::chrono::steady_clock::now();
  const SimplifyReport report = simplify(*model, exec::make_evaluator(*model).get());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(report.steps == kLength / 2);
  CHECK(graph.num_nodes() == kLength / 2);
  MESSAGE("200,000 nodes: " << seconds << " s");
  CHECK(seconds < 30);  // quadratic time would be hours
}

}  // namespace
}  // namespace surgery
