#include "surgery/schema.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <tuple>

namespace surgery::schema {
namespace {

TEST_CASE("find gives the newest version that is no newer than the opset") {
  struct Case {
    std::string_view domain;
    std::string_view op_type;
    int64_t opset;
    int32_t since;  // 0: not found
  };
  constexpr Case kCases[] = {
      {"", "Conv", 1, 1},
      {"", "Conv", 10, 1},
      {"", "Conv", 11, 11},
      {"", "Conv", 21, 11},
      {"", "Conv", 28, 22},
      {"ai.onnx", "Conv", 17, 11},
      {"", "Conv", 9999, 22},
      {"", "Conv", 0, 0},
      {"", "Conv", -1, 0},
      {"", "LayerNormalization", 16, 0},
      {"", "LayerNormalization", 17, 17},
      {"", "conv", 17, 0},
      {"", "", 17, 0},
      {"", "Scaler", 17, 0},
      {"ai.onnx.ml", "Scaler", 3, 1},
      {"ai.onnx.ml", "LabelEncoder", 3, 2},
      {"ai.onnx.preview.training", "Adam", 1, 1},
      {"ai.onnx.training", "Adam", 1, 0},
      {"com.example", "Conv", 17, 0},
      {"onnx.ai", "Conv", 17, 0},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.domain);
    CAPTURE(c.op_type);
    CAPTURE(c.opset);
    const OpSchema* found = schema::find(c.domain, c.op_type, c.opset);
    CHECK((found == nullptr ? 0 : found->since_version) == c.since);
    if (found != nullptr) {
      CHECK(found->name == c.op_type);
      CHECK(same_domain(found->domain, c.domain));
    }
  }
}

TEST_CASE("the table is ordered, and every operator in it is found by its own name and version") {
  const OpSchema* previous = nullptr;
  for (const OpSchema& op : all()) {
    CAPTURE(op.name);
    CAPTURE(op.since_version);
    CHECK(schema::find(op.domain, op.name, op.since_version) == &op);
    CHECK(op.since_version <= max_opset(op.domain));
    if (previous != nullptr) {
      CHECK(std::tie(previous->domain, previous->name, previous->since_version) <
            std::tie(op.domain, op.name, op.since_version));
    }
    previous = &op;
  }
  CHECK(all().size() > 650);
}

TEST_CASE("the facts of every operator agree with each other") {
  for (const OpSchema& op : all()) {
    CAPTURE(op.name);
    CAPTURE(op.since_version);
    CHECK(op.min_inputs >= 0);
    CHECK(op.min_inputs <= op.max_inputs);
    CHECK(op.min_outputs <= op.max_outputs);
    for (const auto formal : {op.inputs, op.outputs}) {
      for (const ParameterSpec& p : formal) {
        CAPTURE(p.name);
        REQUIRE(p.types != nullptr);
        CHECK(*p.types != TypeSet{});
        if (const TypeConstraintSpec* constraint = op.type_constraint(p.type)) {
          CHECK(*constraint->types == *p.types);
        } else {
          CHECK(to_string(*p.types) == p.type);
        }
        if (p.option == ParameterOption::kVariadic) CHECK(&p == &formal.back());
      }
    }
    for (const AttributeSpec& a : op.attributes) {
      CAPTURE(a.name);
      CHECK(op.attribute(a.name) == &a);
      CHECK_FALSE((a.is_required && a.default_value.is_set));
    }
  }
}

TEST_CASE("arity follows the formal parameters") {
  const OpSchema* conv = schema::find("", "Conv", 17);
  REQUIRE(conv != nullptr);
  CHECK_FALSE(conv->accepts_inputs(1));
  CHECK(conv->accepts_inputs(2));
  CHECK(conv->accepts_inputs(3));
  CHECK_FALSE(conv->accepts_inputs(4));
  CHECK(conv->accepts_outputs(1));
  CHECK_FALSE(conv->accepts_outputs(2));
  CHECK(conv->input(2)->name == "B");
  CHECK(conv->input(2)->option == ParameterOption::kOptional);
  CHECK(conv->input(3) == nullptr);

  const OpSchema* concat = schema::find("", "Concat", 17);
  REQUIRE(concat != nullptr);
  CHECK_FALSE(concat->accepts_inputs(0));
  CHECK(concat->accepts_inputs(200'000));
  CHECK(concat->max_inputs == kUnlimited);
  CHECK(concat->input(0)->option == ParameterOption::kVariadic);
  CHECK(concat->input(777) == concat->input(0));

  const OpSchema* loop = schema::find("", "Loop", 17);
  REQUIRE(loop != nullptr);
  CHECK(loop->input(1)->name == "cond");
  CHECK(loop->input(5)->name == "v_initial");
  CHECK_FALSE(loop->input(5)->is_homogeneous);
}

TEST_CASE("attributes have type, requirement and default") {
  const OpSchema* bn = schema::find("", "BatchNormalization", 17);
  REQUIRE(bn != nullptr);
  const AttributeSpec* epsilon = bn->attribute("epsilon");
  REQUIRE(epsilon != nullptr);
  CHECK(epsilon->type == AttributeType::kFloat);
  CHECK_FALSE(epsilon->is_required);
  CHECK(epsilon->default_value.is_set);
  CHECK(epsilon->default_value.float_value == 1e-5F);
  CHECK(bn->attribute("spatial") == nullptr);
  CHECK(schema::find("", "BatchNormalization", 7)->attribute("spatial")->default_value.int_value == 1);

  CHECK(schema::find("", "Cast", 17)->attribute("to")->is_required);
  CHECK_FALSE(schema::find("", "Cast", 17)->attribute("to")->default_value.is_set);
  CHECK(schema::find("", "If", 17)->attribute("then_branch")->type == AttributeType::kGraph);
  CHECK(schema::find("", "Conv", 17)->attribute("auto_pad")->default_value.string_value == "NOTSET");
  CHECK_FALSE(schema::find("", "Conv", 17)->attribute("pads")->default_value.is_set);
  CHECK(schema::find("", "Conv", 17)->attribute("pad") == nullptr);
  CHECK(schema::find("", "Conv", 17)->attribute("") == nullptr);
  CHECK(schema::find("", "Identity", 17)->attribute("axis") == nullptr);

  const AttributeSpec* activations = schema::find("", "LSTM", 22)->attribute("activations");
  REQUIRE(activations != nullptr);
  CHECK(activations->type == AttributeType::kStrings);
}

TEST_CASE("list defaults keep their elements") {
  int num_int_lists = 0;
  int num_string_lists = 0;
  for (const OpSchema& op : all()) {
    for (const AttributeSpec& a : op.attributes) {
      if (!a.default_value.is_set) continue;
      if (a.type == AttributeType::kInts) {
        ++num_int_lists;
        CHECK_FALSE(a.default_value.ints.empty());
      }
      if (a.type == AttributeType::kStrings) {
        ++num_string_lists;
        CHECK_FALSE(a.default_value.strings.empty());
      }
    }
  }
  CHECK(num_int_lists == 2);
  CHECK(num_string_lists == 4);
  const AttributeDefault& rnn = schema::find("", "RNN", 17)->attribute("activations")->default_value;
  REQUIRE(rnn.strings.size() == 2);
  CHECK(rnn.strings[0] == "Tanh");
}

TEST_CASE("flags: deprecated, function, random") {
  CHECK(schema::find("", "Upsample", 10)->is_deprecated());
  CHECK(schema::find("", "Upsample", 13)->is_deprecated());
  CHECK_FALSE(schema::find("", "Upsample", 9)->is_deprecated());
  CHECK(schema::find("", "Scatter", 11)->is_deprecated());

  CHECK(schema::find("", "Gelu", 20)->has_function_body());
  CHECK(schema::find("", "LayerNormalization", 17)->has_function_body());
  CHECK_FALSE(schema::find("", "Conv", 17)->has_function_body());

  for (const std::string_view name : {"RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike",
                                      "Multinomial", "Bernoulli", "Dropout"}) {
    CAPTURE(name);
    CHECK(schema::find("", name, 22)->is_nondeterministic());
  }
  for (const std::string_view name : {"Relu", "If", "Loop", "Scan", "SequenceMap", "AffineGrid", "EyeLike"}) {
    CAPTURE(name);
    CHECK_FALSE(schema::find("", name, 22)->is_nondeterministic());
  }
}

TEST_CASE("versions lists an operator's history, oldest first") {
  const std::span<const OpSchema> history = schema::versions("ai.onnx", "BatchNormalization");
  REQUIRE(history.size() == 6);
  constexpr int32_t kSince[] = {1, 6, 7, 9, 14, 15};
  for (size_t i = 0; i < history.size(); ++i) CHECK(history[i].since_version == kSince[i]);
  CHECK(schema::versions("", "NoSuchOp").empty());
  CHECK(schema::versions("com.example", "Conv").empty());
}

TEST_CASE("domains: two spellings of ai.onnx, newest opsets, IR versions") {
  CHECK(normalize_domain("ai.onnx").empty());
  CHECK(normalize_domain("").empty());
  CHECK(normalize_domain("ai.onnx.ml") == "ai.onnx.ml");
  CHECK(same_domain("", "ai.onnx"));
  CHECK_FALSE(same_domain("", "ai.onnx.ml"));
  CHECK_FALSE(same_domain("onnx", "ai.onnx"));

  CHECK(latest_ir_version() == 14);
  CHECK(max_opset("") == 28);
  CHECK(max_opset("ai.onnx") == 28);
  CHECK(max_opset("ai.onnx.ml") == 5);
  CHECK(max_opset("ai.onnx.preview") == 1);
  CHECK(max_opset("ai.onnx.preview.training") == 1);
  CHECK(max_opset("ai.onnx.training") == 1);
  CHECK(max_opset("com.microsoft") == 0);
  CHECK(is_standard_domain("ai.onnx.ml"));
  CHECK_FALSE(is_standard_domain("com.microsoft"));

  CHECK(ir_version_of("", 1) == 3);
  CHECK(ir_version_of("", 8) == 3);
  CHECK(ir_version_of("", 13) == 7);
  CHECK(ir_version_of("ai.onnx", 17) == 8);
  CHECK(ir_version_of("", 28) == 14);
  CHECK(ir_version_of("", 9999) == 14);
  CHECK(ir_version_of("", -3) == 3);
  CHECK(ir_version_of("ai.onnx.ml", 3) == 8);
  CHECK(ir_version_of("com.example", 1) == 0);
}

TEST_CASE("type sets accept what the standard lists and nothing else") {
  const TypeSet& conv = *schema::find("", "Conv", 11)->input(0)->types;
  CHECK(to_string(conv) == "tensor(float), tensor(float16), tensor(double)");
  CHECK(conv.has_tensor(DataType::kFloat16));
  CHECK_FALSE(conv.has_tensor(DataType::kBfloat16));
  CHECK_FALSE(conv.has_sequence_of(DataType::kFloat));
  CHECK(conv.accepts(Type::tensor(DataType::kFloat)));
  CHECK(conv.accepts(Type::tensor(DataType::kDouble, Shape{})));
  CHECK_FALSE(conv.accepts(Type::tensor(DataType::kInt64)));
  CHECK_FALSE(conv.accepts(Type::tensor(static_cast<DataType>(999))));
  CHECK_FALSE(conv.accepts(Type::tensor(static_cast<DataType>(-1))));
  CHECK(conv.accepts(Type{}));
  CHECK(conv.accepts(Type::tensor(DataType::kUndefined)));
  CHECK_FALSE(conv.accepts(Type::sequence(Type::tensor(DataType::kFloat))));

  const TypeSet& sequence = *schema::find("", "SequenceAt", 11)->input(0)->types;
  CHECK(sequence.accepts(Type::sequence(Type::tensor(DataType::kString))));
  CHECK(sequence.accepts(Type::sequence(Type{})));
  CHECK_FALSE(sequence.accepts(Type::tensor(DataType::kString)));
  CHECK_FALSE(sequence.accepts(Type::sequence(Type::sequence(Type::tensor(DataType::kFloat)))));

  const TypeSet& optional = *schema::find("", "OptionalGetElement", 15)->input(0)->types;
  CHECK(optional.accepts(Type::optional(Type::tensor(DataType::kFloat))));
  CHECK(optional.accepts(Type::optional(Type::sequence(Type::tensor(DataType::kInt8)))));
  CHECK_FALSE(optional.accepts(Type::tensor(DataType::kFloat)));
  CHECK(schema::find("", "OptionalGetElement", 18)->input(0)->types->accepts(Type::tensor(DataType::kFloat)));
}

Type map_of(DataType key, DataType value) {
  Type type;
  type.kind = Type::Kind::kMap;
  type.element_type = key;
  type.inner = std::make_shared<const Type>(Type::tensor(value));
  return type;
}

TEST_CASE("type sets know the maps of ai.onnx.ml") {
  const TypeSet& zipped = *schema::find("ai.onnx.ml", "ZipMap", 1)->output(0)->types;
  CHECK(to_string(zipped) == "seq(map(int64, float)), seq(map(string, float))");
  CHECK(zipped.accepts(Type::sequence(map_of(DataType::kInt64, DataType::kFloat))));
  CHECK_FALSE(zipped.accepts(Type::sequence(map_of(DataType::kInt64, DataType::kDouble))));
  CHECK_FALSE(zipped.accepts(map_of(DataType::kInt64, DataType::kFloat)));

  const TypeSet& cast = *schema::find("ai.onnx.ml", "CastMap", 1)->input(0)->types;
  CHECK(cast.has_map(MapType::kInt64ToString));
  CHECK(cast.accepts(map_of(DataType::kInt64, DataType::kString)));
  CHECK_FALSE(cast.accepts(map_of(DataType::kInt32, DataType::kString)));
  CHECK_FALSE(cast.accepts(Type::tensor(DataType::kInt64)));
}

}  // namespace
}  // namespace surgery::schema
