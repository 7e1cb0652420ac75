#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "edit_helpers.h"
#include "model_builder.h"

namespace {

using namespace surgery;

/// An AveragePool "pool", two BatchNormalizations of opset 8 and a node of a domain that nobody knows.
struct Sample : ModelBuilder {
  Sample() : ModelBuilder(8) {
    model().set_opset("com.example", 1);
    input("x", {1, 4, 8, 8});
    for (const char* name : {"scale", "bias", "mean", "var"}) weight(name, {4});
    node("BatchNormalization", {"x", "scale", "bias", "mean", "var"}, {"b"}, "bn:1",
         attributes(Attribute("spatial", int64_t{0}), Attribute("epsilon", 1e-5F)));
    node("BatchNormalization", {"b", "scale", "bias", "mean", "var"}, {"c"}, "bn2",
         attributes(Attribute("spatial", int64_t{1}), Attribute("epsilon", 0.5F)));
    node("AveragePool", {"c"}, {"p"}, "pool",
         attributes(Attribute("kernel_shape", std::vector<int64_t>{3, 3}),
                    Attribute("pads", std::vector<int64_t>{1, 1, 1, 1})));
    Node& foreign = node("Frob", {"p"}, {"y"}, "frob");
    graph().set_op_type(foreign, "Frob", "com.example");
    output("y", {1, 4, 8, 8});
  }
};

struct Setting {
  std::string_view argument;
  std::string_view node;
  std::string_view attribute;
  std::string_view value;
  Meaning meaning;
};

const Setting kSettings[] = {
    {"pool:count_include_pad=1", "pool", "count_include_pad", "1", Meaning::kChanged},
    {"pool:count_include_pad=0", "pool", "count_include_pad", "0", Meaning::kKept},  // the default
    {"pool:kernel_shape=2,2", "pool", "kernel_shape", "[2, 2]", Meaning::kChanged},
    {"pool:kernel_shape=[3, 3]", "pool", "kernel_shape", "[3, 3]", Meaning::kKept},
    {"pool:auto_pad=SAME_UPPER", "pool", "auto_pad", "'SAME_UPPER'", Meaning::kChanged},
    {"bn:1:epsilon=1", "bn:1", "epsilon", "1", Meaning::kChanged},  // a float by the standard
    {"BatchNormalization:momentum=0.5", "bn2", "momentum", "0.5", Meaning::kChanged},
    {"frob:a=1", "frob", "a", "1", Meaning::kChanged},
    {"frob:a=1.5", "frob", "a", "1.5", Meaning::kChanged},
    {"frob:a=[1,2]", "frob", "a", "[1, 2]", Meaning::kChanged},
    {"frob:a=k:v=w", "frob", "a", "'k:v=w'", Meaning::kChanged},
};

TEST_CASE("--set-attr types the value by the standard, the present attribute or its form") {
  for (const Setting& s : kSettings) {
    CAPTURE(s.argument);
    Sample sample;
    CHECK(apply(sample.model(), "--set-attr", s.argument).meaning == s.meaning);
    const Attribute* attribute = sample.find_node(s.node).attribute(s.attribute);
    REQUIRE(attribute != nullptr);
    CHECK(to_string(*attribute) == s.value);
  }
}

TEST_CASE("--set-attr keeps the type of an attribute that the standard does not know") {
  Sample sample;
  apply(sample.model(), "--set-attr", "frob:a=[1,2]");
  apply(sample.model(), "--set-attr", "frob:a=3");
  CHECK(sample.find_node("frob").attribute("a")->type() == AttributeType::kInts);
}

TEST_CASE("--set-attr tells what was there") {
  Sample sample;
  CHECK(notes(apply(sample.model(), "--set-attr", "pool:count_include_pad=1")) ==
        "node 'pool' (AveragePool): count_include_pad = 1, was absent, which means 0");
}

struct Refusal {
  std::string_view argument;
  std::string_view message;
};

const Refusal kBadSettings[] = {
    {"pool", "2: --set-attr: expected NODE:ATTR=VALUE, found 'pool'"},
    {"pool:pads", "2: --set-attr: expected NODE:ATTR=VALUE, found 'pool:pads'"},
    {"pool:padz=1",
     "2: --set-attr: node 'pool' (AveragePool): the operator has no attribute 'padz' in opset 8; it has auto_pad, "
     "count_include_pad, kernel_shape, pads, strides"},
    {"pool:pads=a", "2: --set-attr: node 'pool' (AveragePool): attribute 'pads': expected an integer, found 'a'"},
    {"pool:pads=1,", "2: --set-attr: node 'pool' (AveragePool): attribute 'pads': expected an integer, found ''"},
    {"pool:pads=[1",
     "2: --set-attr: node 'pool' (AveragePool): attribute 'pads': expected a list such as [1, 1], found '[1'"},
    {"pool:count_include_pad=1.5",
     "2: --set-attr: node 'pool' (AveragePool): attribute 'count_include_pad': expected an integer, found '1.5'"},
    {"bn2:epsilon=1e99",
     "2: --set-attr: node 'bn2' (BatchNormalization): attribute 'epsilon': expected a number in the range of float, "
     "found '1e99'"},
    {"pol:pads=1", "2: --set-attr: no node matches 'pol'; did you mean 'pool'?"},
};

TEST_CASE("--set-attr refuses what the attribute cannot be") {
  for (const Refusal& r : kBadSettings) {
    CAPTURE(r.argument);
    Sample sample;
    CHECK(refusal(sample.model(), "--set-attr", r.argument) == r.message);
  }
}

struct Removal {
  std::string_view argument;
  Meaning meaning;
};

const Removal kRemovals[] = {
    {"BatchNormalization:spatial", Meaning::kKept},  // statistics per channel: spatial = 0 has no other reading
    {"bn:1:spatial", Meaning::kKept},
    {"bn:1:epsilon", Meaning::kKept},  // the default
    {"bn2:epsilon", Meaning::kChanged},
    {"pool:pads", Meaning::kChanged},
};

TEST_CASE("--remove-attr keeps the meaning where the attribute said what its absence says") {
  for (const Removal& r : kRemovals) {
    CAPTURE(r.argument);
    Sample sample;
    CHECK(apply(sample.model(), "--remove-attr", r.argument).meaning == r.meaning);
  }
}

TEST_CASE("--remove-attr leaves nodes alone that do not have the attribute") {
  Sample sample;
  const EditReport report = apply(sample.model(), "--remove-attr", "bn*:spatial");
  CHECK(notes(report) ==
        "node 'bn:1' (BatchNormalization): spatial removed, was 0\nnode 'bn2' (BatchNormalization): spatial removed, "
        "was 1");
  CHECK(sample.find_node("bn2").attribute("spatial") == nullptr);
  CHECK(sample.find_node("bn2").attribute("epsilon") != nullptr);
}

const Refusal kBadRemovals[] = {
    {"pool", "2: --remove-attr: expected NODE:ATTR, found 'pool'"},
    {"pool:", "2: --remove-attr: expected NODE:ATTR, found 'pool:'"},
    {"pool:kernel_shape",
     "2: --remove-attr: node 'pool' (AveragePool): attribute 'kernel_shape' is required by the operator"},
    {"pool:pad", "2: --remove-attr: node 'pool' (AveragePool) has no attribute 'pad'; did you mean 'pads'?"},
    {"bn*:axis", "2: --remove-attr: none of the 2 nodes that match 'bn*' has an attribute 'axis'"},
};

TEST_CASE("--remove-attr refuses what is not there or cannot be missing") {
  for (const Refusal& r : kBadRemovals) {
    CAPTURE(r.argument);
    Sample sample;
    CHECK(refusal(sample.model(), "--remove-attr", r.argument) == r.message);
  }
}

}  // namespace
