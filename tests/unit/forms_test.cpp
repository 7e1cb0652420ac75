#include "forms/form.h"

#include <algorithm>

#include "forms/base64.h"
#include "forms/float_text.h"
#include "io_support.h"

namespace surgery {
namespace {

constexpr std::string_view kSyntax = R"(<
   ir_version: 10,
   opset_import: ["" : 21, "local" : 1]
>
g (float[N,2] x, int64 "a b") => (float[] y) 
   <float[2] w =  {1,-2.5}, seq(map(int64, string[?])) s>
{
   [first] h = local.F:over <k: int = 3, list: floats = [1, nan, -inf]> (x, w, "")
   [second] y = If ("a b") <then_branch: graph = t () => (float y1) {
      y1 = Neg (h)
   }, else_branch: graph = e () => (float y2) {
      y2 = Abs (h)
   }>
}
<
  domain: "local",
  overload: "over",
  opset_import: ["" : 21]
>
F <k,d: string = "\"q\"">(p, q, r) => (z)
{
   z = Add (p, q)
})";

std::string reprinted(Form form, std::string_view text) { return print_form(form, encode_form(form, text)).text; }

std::string repr(double value) {
  std::string out;
  append_repr(out, value);
  return out;
}

TEST_CASE("the suffix names the form, whatever its case") {
  struct Case {
    std::string_view path;
    Form form;
  };
  for (const Case& c :
       {Case{"a/b.onnx", Form::kBinary}, Case{"b.ONNX.txt", Form::kSyntax}, Case{"b.txt", Form::kBinary},
        Case{"b.textproto", Form::kTextFormat}, Case{"b.onnxtxt", Form::kTextFormat}, Case{"b.Json", Form::kJson},
        Case{"json", Form::kBinary}, Case{"b.onnxtext", Form::kSyntax}}) {
    CAPTURE(c.path);
    CHECK(form_of(c.path) == c.form);
  }
}

TEST_CASE("the textual syntax is recognised under a suffix of the text format, and the other way round") {
  CHECK(recognise_text(Form::kTextFormat, "# comment\n < ir_version: 8 >") == Form::kSyntax);
  CHECK(recognise_text(Form::kTextFormat, "agraph (float x) => ()") == Form::kSyntax);
  CHECK(recognise_text(Form::kSyntax, "# comment\nir_version: 8") == Form::kTextFormat);
  CHECK(recognise_text(Form::kSyntax, "graph { }") == Form::kTextFormat);
  CHECK(recognise_text(Form::kTextFormat, "") == Form::kTextFormat);
  CHECK(recognise_text(Form::kJson, "< >") == Form::kJson);
}

TEST_CASE("the textual syntax is printed as it was read") { CHECK(reprinted(Form::kSyntax, kSyntax) == kSyntax); }

TEST_CASE("a model is the same in every form") {
  const std::string encoded = encode_form(Form::kSyntax, kSyntax);
  for (const Form form : {Form::kTextFormat, Form::kJson}) {
    const FormText printed = print_form(form, encoded);
    CAPTURE(printed.text);
    CHECK(printed.notes.empty());
    CHECK(encode_form(form, printed.text) == encoded);
  }
}

TEST_CASE("elements of every type, in the typed field and in raw_data, survive the textual syntax") {
  for (int type = 1; type <= kMaxDataType; ++type) {
    CAPTURE(type);
    const auto data_type = static_cast<DataType>(type);
    if (data_type == DataType::kString) continue;
    Tensor tensor = Tensor::zeros(data_type, {4});
    const std::span<std::byte> raw = tensor.mutable_bytes();
    for (size_t i = 0; i < raw.size(); ++i)
      raw[i] = static_cast<std::byte>(data_type == DataType::kBool ? i & 1 : 3 + 5 * i);
    const auto model = create_model(21);
    model->graph().add_initializer("w", tensor);
    const std::string text = print_form(Form::kSyntax, save_bytes(*model)).text;
    CAPTURE(text);
    const LoadedModel again = load_source(encode_form(Form::kSyntax, text));
    CHECK(identical(*again.graph().find("w")->initializer(), tensor));
    CHECK(reprinted(Form::kSyntax, text) == text);  // now from the typed field
  }
}

TEST_CASE("what a form has no place for is told") {
  const std::string encoded =
      encode_text(R"(ir_version: 10 graph { name: "g" doc_string: "d" metadata_props { key: "k" }
    node { op_type: "Neg" input: "x" output: "y" doc_string: "n" } node { op_type: "Neg" doc_string: "n" } })") +
      bytes(1000, "?");
  const std::vector<std::string> notes = print_form(Form::kSyntax, encoded).notes;
  REQUIRE(notes.size() == 4);
  CHECK(notes[0] == "GraphProto.doc_string was left out, once: ONNX's textual syntax has no place for it");
  CHECK(notes[2] == "NodeProto.doc_string was left out, 2 times: ONNX's textual syntax has no place for it");
  CHECK(notes[3] ==
        "1 field that onnx.proto does not have: left out, since ONNX's textual syntax has names for known fields only");
  CHECK(print_form(Form::kJson, encoded).notes.size() == 1);
}

TEST_CASE("a model that a form cannot hold is refused") {
  struct Case {
    Form form;
    std::string_view model;
    std::string_view message;
  };
  for (const Case& c : {
           Case{Form::kSyntax, R"(graph { node { op_type: "a::b" } })",
                "ONNX's textual syntax has no way to write the operator type 'a::b'"},
           Case{Form::kSyntax, R"(graph { node { op_type: "A" domain: "a b" } })",
                "ONNX's textual syntax has no way to write the domain 'a b'"},
           Case{Form::kSyntax, R"(graph { node { op_type: "A" attribute { name: "x.y" i: 1 type: INT } } })",
                "ONNX's textual syntax has no way to write the attribute name 'x.y'"},
           Case{Form::kSyntax, R"(graph { sparse_initializer { values { name: "s" } } })",
                "ONNX's textual syntax has no way to write sparse initializer 's'"},
           Case{Form::kSyntax, R"(graph { node { op_type: "A" attribute { name: "x" type: SPARSE_TENSOR } } })",
                "ONNX's textual syntax has no way to write attribute 'x', a sparse_tensor"},
           Case{Form::kSyntax, R"(graph { initializer { name: "w" data_type: 1 dims: 1 raw_data: "123" } })",
                "tensor 'w': raw_data has 3 bytes, expected a multiple of 4"},
           Case{Form::kSyntax, R"(graph { initializer { name: "w" data_type: 99 dims: 1 } })",
                "tensor 'w': data_type 99 is no element type"},
           Case{Form::kJson, R"(graph { name: "\377" })",
                "onnx.GraphProto.name '\\xFF' is no valid UTF-8, which JSON cannot hold"},
       }) {
    CAPTURE(c.message);
    CHECK(error_of([&] { print_form(c.form, encode_text(std::string(c.model))); }) == c.message);
  }
}

TEST_CASE("a bad text is refused with one sentence that says where") {
  const std::string deep_graphs = [] {
    std::string text = "g () => () {";
    for (int i = 0; i < 1000; ++i) text += " = If () <b = g () => () {";
    return text;
  }();
  std::string deep_types = "g (";
  for (int i = 0; i < 100000; ++i) deep_types += "seq(";
  std::string deep_json;
  for (int i = 0; i < 100000; ++i) deep_json += R"({"graph":{"node":[{"attribute":[{"g":)";
  std::string deep_text = "graph { ";
  for (int i = 0; i < 100000; ++i) deep_text += "node { attribute { g { ";
  struct Case {
    Form form;
    std::string_view text;
    std::string_view message;
  };
  const std::vector<Case> cases{
      {Form::kSyntax, "", "line 1, column 1: expected the name of a graph, found the end of the text"},
      {Form::kSyntax, "<\n  ir: 8>", "line 2, column 6: a model has no property 'ir'"},
      {Form::kSyntax, "g () => () { x = Neg y }", "line 1, column 22: expected '(', found 'y'"},
      {Form::kSyntax, "g () = > () {}", "line 1, column 6: expected '=>', found '='"},
      {Form::kSyntax, "g () => () { x = \"N\" () }", "line 1, column 18: expected an operator, found '\"'"},
      {Form::kSyntax, "g () => () <float[2] w = {1, 1e99}> {}", "line 1, column 34: '1e99' is no float"},
      {Form::kSyntax, "g () => () <int8[1] w = {3000000000}> {}",
       "line 1, column 36: 3000000000 does not fit into 32 bits"},
      {Form::kSyntax, "g () => () <int64[1] w = {1.5}> {}", "line 1, column 30: '1.5' is no integer of 64 bits"},
      {Form::kSyntax, "g () => () <float[N] w = {1}> {}", "line 1, column 25: a tensor's shape needs numbers"},
      {Form::kSyntax, "g () => () { y = F <a = []> () }",
       "line 1, column 27: an empty list needs the type of its attribute"},
      {Form::kSyntax, "g () => () { y = F <a = [1, 2.5]> () }",
       "line 1, column 32: the value is of type float, expected int"},
      {Form::kSyntax, "g () => () { y = F <a: ints = 1> () }",
       "line 1, column 32: the value is of type int, expected ints"},
      {Form::kSyntax, "g () => () { y = F <a = \"x> () }", "line 1, column 25: this text in quotes has no end"},
      {Form::kSyntax, deep_graphs, "line 1, column 859: subgraphs are nested deeper than 32"},
      {Form::kSyntax, deep_types, "line 1, column 408: types are nested deeper than 100"},
      {Form::kTextFormat, "ir_version: 8\ngraph { nod { } }",
       "line 2, column 13: Message type \"onnx.GraphProto\" has no field named \"nod\""},
      {Form::kJson, "",
       "at byte 1: syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal"},
      {Form::kJson, "[]", "expected an object that is a model, found a list"},
      {Form::kJson, "3", "expected an object that is a model"},
      {Form::kJson, R"({"graph": {"node": [{}, {"op": 1}]}})", "graph.node[1]: there is no field 'op' in NodeProto"},
      {Form::kJson, R"({"graph": {"node": {}}})", "graph.node: expected a list"},
      {Form::kJson, R"({"graph": {"node": [null]}})", "graph.node[0]: null is no value of a list"},
      {Form::kJson, R"({"graph": []})", "graph: expected an object, found a list"},
      {Form::kJson, R"({"ir_version": "8x"})", "ir_version: expected a whole number of 64 bits, found '8x'"},
      {Form::kJson, R"({"ir_version": 1.5})", "ir_version: expected a whole number of 64 bits, found 1.500000"},
      {Form::kJson, R"({"ir_version": true})", "ir_version: expected a whole number, found a truth value"},
      {Form::kJson, R"({"domain": 7})", "domain: expected a string, found a number"},
      {Form::kJson, R"({"domain": "a", "domain": "b"})", "the field 'domain' is there twice"},
      {Form::kJson, R"({"graph": {"initializer": [{"raw_data": "?"}]}})",
       "graph.initializer[0].raw_data: expected base64, found '?'"},
      {Form::kJson, R"({"graph": {"initializer": [{"data_type": 3000000000}]}})",
       "graph.initializer[0].data_type: expected a whole number of 32 bits, found '3000000000'"},
      {Form::kJson, R"({"graph": {"initializer": [{"float_data": [1e39]}]}})",
       "graph.initializer[0].float_data[0]: the number is too large for a float"},
      {Form::kJson, R"({"graph": {"node": [{"attribute": [{"type": "INTEGER"}]}]}})",
       "graph.node[0].attribute[0].type: 'INTEGER' is no AttributeType"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text.substr(0, 100));
    CHECK(error_of([&] { encode_form(c.form, c.text); }) == c.message);
  }
  const std::string json_error = error_of([&] { encode_form(Form::kJson, deep_json); });
  CHECK(json_error.find("there is no field 'graph'") != std::string::npos);
  const std::string deep_attribute = R"({"graph":{"node":[{"attribute":[{"g":)";
  std::string deeper = deep_attribute;
  for (int i = 0; i < 100000; ++i) deeper += R"({"node":[{"attribute":[{"g":)";
  CHECK(error_of([&] { encode_form(Form::kJson, deeper); }).ends_with("messages are nested deeper than 320"));
  CHECK(error_of([&] { encode_form(Form::kTextFormat, deep_text); }).find("too deep") != std::string::npos);
}

TEST_CASE("a text of very many messages is refused before it takes all memory") {
  std::string text = "graph {";
  for (int i = 0; i < 10'000'000; ++i) text += "node{}";
  CHECK(error_of([&] { encode_form(Form::kTextFormat, text); }) == "the model has more than 10000000 messages");
}

TEST_CASE("JSON is read as protobuf's other libraries write it") {
  const std::string encoded =
      encode_form(Form::kJson, R"({"irVersion": 8.0, "producer_name": null, "graph": {"initializer":
    [{"dataType": "1", "floatData": ["NaN", "-Infinity", "1.5", 2, 1e-3], "rawData": "-_8"}],
    "node": [{"attribute": [{"type": "FLOAT", "f": 1}, {"type": 7}]}]}})");
  const onnx::ModelProto model = proto_of_bytes(encoded);
  CHECK(model.ir_version() == 8);
  CHECK_FALSE(model.has_producer_name());
  CHECK(model.graph().initializer(0).float_data_size() == 5);
  CHECK(model.graph().initializer(0).raw_data() == "\xfb\xff");
  CHECK(model.graph().node(0).attribute(1).type() == onnx::AttributeProto::INTS);
}

TEST_CASE("base64 of every length comes back, in both alphabets and without padding") {
  std::string bytes_in;
  for (int size = 0; size < 20; ++size) {
    std::string text;
    append_base64(text, bytes_in);
    CHECK(text.size() % 4 == 0);
    CHECK(decode_base64(text) == bytes_in);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    while (text.ends_with('=')) text.pop_back();
    CHECK(decode_base64(text) == bytes_in);
    bytes_in += static_cast<char>(0xf0 + 7 * size);
  }
  CHECK_FALSE(decode_base64("a"));
  CHECK_FALSE(decode_base64("ab=c"));
}

TEST_CASE("numbers are written as Python's repr() has them") {
  CHECK(repr(0) == "0.0");
  CHECK(repr(-1) == "-1.0");
  CHECK(repr(1e15) == "1000000000000000.0");
  CHECK(repr(1e16) == "1e+16");
  CHECK(repr(1.5e300) == "1.5e+300");
  CHECK(repr(0.0001) == "0.0001");
  CHECK(repr(0.00001) == "1e-05");
  CHECK(repr(123.25) == "123.25");
  CHECK(repr(shortest_double_of(0.1F)) == "0.1");
  CHECK(repr(shortest_double_of(16777216.0F)) == "16777216.0");
  CHECK(repr(shortest_double_of(1.17549435e-38F)) == "1.1754944e-38");
}

TEST_CASE("models are read and written in the form of their suffix, external data stays where it is") {
  const TempFolder folder;
  write_file(folder / "w.bin", "12345678");
  write_file(folder / "m.onnx.txt",
             "g (float[2] x) => (float[2] y) <float[2] w = [\"location\": \"w.bin\"]> { y = Add (x, w) }");
  const auto model = load(folder / "m.onnx.txt");
  for (const std::string_view name : {"m.json", "m.onnxtxt", "m.onnx"}) {
    CHECK(save(*model, folder / name).empty());
    const auto again = load(folder / name);
    const Tensor& w = *again->graph().find("w")->initializer();
    CHECK(w.storage()->external_location() == "w.bin");
    CHECK(std::string_view(reinterpret_cast<const char*>(w.bytes().data()), 8) == "12345678");
  }
  CHECK(error_of([&] { load(folder / "w.bin"); }).find("w.bin: ") != std::string::npos);
  write_file(folder / "bad.json", "{");
  CHECK(error_of([&] { load(folder / "bad.json"); }).find("bad.json: at byte 2: syntax error") != std::string::npos);
}

}  // namespace
}  // namespace surgery
