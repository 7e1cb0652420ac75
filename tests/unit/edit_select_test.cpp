#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "edit_helpers.h"
#include "model_builder.h"

namespace {

using namespace surgery;

/// x -> Conv conv_9 -> a -> Conv conv_98 -> b -> Relu (no name) -> y
struct Sample : ModelBuilder {
  Sample() {
    input("x", {1, 3, 8, 8});
    weight("w", {3, 3, 1, 1});
    node("Conv", {"x", "w"}, {"a"}, "conv_9");
    node("Conv", {"a", "w"}, {"b"}, "conv_98");
    node("Relu", {"b"}, {"y"});
    output("y", {1, 3, 8, 8});
  }
};

std::string selected(Model& model, std::string_view selector) {
  std::string text;
  for (const Node* node : select_nodes(model, selector)) text += (text.empty() ? "" : " ") + node->output(0)->name();
  return text;
}

struct Selection {
  std::string_view selector;
  std::string_view outputs;
};

const Selection kSelections[] = {
    {"conv_9", "a"}, {"a", "a"},       {"y", "y"},         {"#0", "a"},           {"#2", "y"},
    {"Conv", "a b"}, {"Relu", "y"},    {"conv*", "a b"},   {"conv_[89]*", "a b"}, {"[ab]", "a b"},
    {"Con?", "a b"}, {"Conv:*8", "b"}, {"C*:conv_9", "a"},
};

TEST_CASE("nodes are selected by name, output, index, type and globs") {
  Sample sample;
  for (const Selection& s : kSelections) {
    CAPTURE(s.selector);
    CHECK(selected(sample.model(), s.selector) == s.outputs);
  }
}

TEST_CASE("a name wins over a type, and glob characters in a name stand for themselves first") {
  ModelBuilder b;
  b.input("x", {1});
  b.node("Relu", {"x"}, {"a"}, "Neg");
  b.node("Neg", {"a"}, {"b"}, "arr[0]");
  b.output("b", {1});
  CHECK(selected(b.model(), "Neg") == "a");
  CHECK(selected(b.model(), "arr[0]") == "b");
}

struct Wrong {
  std::string_view selector;
  std::string_view message;
};

const Wrong kWrong[] = {
    {"conv_99", "no node matches 'conv_99'; did you mean 'conv_9', 'conv_98'?"},
    {"zzzzzzzz", "no node matches 'zzzzzzzz'"},
    {"#3", "there is no node '#3': the graph has 3 nodes, from #0"},
    {"#-1", "there is no node '#-1': the graph has 3 nodes, from #0"},
    {"", "expected a node, found nothing"},
    {"Gemm:*", "no node matches 'Gemm:*'"},
    {"a\nb", "no node matches 'a\\x0Ab'"},
};

TEST_CASE("a selector that matches nothing is an error with the nearest names") {
  Sample sample;
  for (const Wrong& w : kWrong) {
    CAPTURE(w.selector);
    std::string message;
    try {
      select_nodes(sample.model(), w.selector);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kUsage);
      message = error.what();
    }
    CHECK(message == w.message);
  }
}

TEST_CASE("select_node wants exactly one") {
  Sample sample;
  CHECK(select_node(sample.model(), "conv_9").name() == "conv_9");
  CHECK_THROWS_WITH_AS(select_node(sample.model(), "Conv"),
                       "'Conv' matches 2 nodes, expected one: node 'conv_9' (Conv), node 'conv_98' (Conv)", Error);
}

TEST_CASE("select_value finds tensors by exact name and helps where a node was named") {
  Sample sample;
  CHECK(select_value(sample.model(), "w").is_initializer());
  CHECK_THROWS_WITH_AS(select_value(sample.model(), "conv_9"),
                       "there is no tensor 'conv_9'; node 'conv_9' (Conv) has the output 'a'", Error);
  CHECK_THROWS_WITH_AS(select_value(sample.model(), "ww"), "there is no tensor 'ww'; did you mean 'w'?", Error);
}

TEST_CASE("every edit is found by its option and has a help text") {
  for (const Edit& edit : all_edits()) {
    CHECK(find_edit(edit.option) == &edit);
    CHECK(edit.option.starts_with("--"));
    CHECK(edit.help.ends_with("."));
  }
  CHECK(find_edit("--frobnicate") == nullptr);
}

}  // namespace
