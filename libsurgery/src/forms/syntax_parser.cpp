#include "forms/syntax_parser.h"

#include "forms/limits.h"
#include "forms/syntax_lexer.h"
#include "forms/syntax_names.h"
#include "io/model_reader.h"
#include "io/tensor_fields.h"
#include "io/type_proto.h"
#include "onnx.pb.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using onnx::AttributeProto;

bool is_type_word(std::string_view word) {
  return element_type_of_word(word) != 0 || word == "seq" || word == "map" || word == "optional" ||
         word == "sparse_tensor" || word == "opaque";
}

/// The type of a list's elements; the type itself where it is no list's.
int element_of_list(int type) {
  switch (type) {
    case AttributeProto::FLOATS:
      return AttributeProto::FLOAT;
    case AttributeProto::INTS:
      return AttributeProto::INT;
    case AttributeProto::STRINGS:
      return AttributeProto::STRING;
    case AttributeProto::TENSORS:
      return AttributeProto::TENSOR;
    case AttributeProto::GRAPHS:
      return AttributeProto::GRAPH;
    case AttributeProto::TYPE_PROTOS:
      return AttributeProto::TYPE_PROTO;
    default:
      return AttributeProto::UNDEFINED;
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : in_(text) {}

  void parse(onnx::ModelProto& model) {
    if (in_.take('<')) {
      do {
        parse_property(model);
      } while (in_.take(','));
      in_.expect('>');
    }
    parse(*model.mutable_graph(), 0);
    while (!in_.at_end()) parse(*model.add_functions());
  }

 private:
  // ---- The model and its functions ----------------------------------------------------------------------------

  void parse_property(onnx::ModelProto& model) {
    const std::string_view key = in_.expect_identifier("a property of the model");
    in_.expect(':');
    if (key == "ir_version") {
      model.set_ir_version(in_.expect_int64("a version"));
    } else if (key == "opset_import") {
      parse_opsets(*model.mutable_opset_import());
    } else if (key == "producer_name") {
      model.set_producer_name(in_.expect_string("text in quotes"));
    } else if (key == "producer_version") {
      model.set_producer_version(in_.expect_string("text in quotes"));
    } else if (key == "domain") {
      model.set_domain(in_.expect_string("text in quotes"));
    } else if (key == "model_version") {
      model.set_model_version(in_.expect_int64("a version"));
    } else if (key == "doc_string") {
      model.set_doc_string(in_.expect_string("text in quotes"));
    } else if (key == "metadata_props") {
      in_.expect('[');
      parse_pairs(*model.mutable_metadata_props());
    } else {
      in_.fail("a model has no property " + quote(key));
    }
  }

  void parse_property(onnx::FunctionProto& function) {
    const std::string_view key = in_.expect_identifier("a property of the function");
    in_.expect(':');
    if (key == "opset_import") {
      parse_opsets(*function.mutable_opset_import());
    } else if (key == "doc_string") {
      function.set_doc_string(in_.expect_string("text in quotes"));
    } else if (key == "domain") {
      function.set_domain(in_.expect_string("text in quotes"));
    } else if (key == "overload") {
      function.set_overload(in_.expect_string("text in quotes"));
    } else {
      in_.fail("a function has no property " + quote(key));
    }
  }

  template <typename Opsets>
  void parse_opsets(Opsets& opsets) {
    in_.expect('[');
    if (in_.take(']')) return;
    do {
      count_message();
      onnx::OperatorSetIdProto& opset = *opsets.Add();
      opset.set_domain(in_.expect_string("a domain in quotes"));
      in_.expect(':');
      opset.set_version(in_.expect_int64("a version"));
    } while (in_.take(','));
    in_.expect(']');
  }

  /// "key": "value", ... up to the ']'.
  template <typename Pairs>
  void parse_pairs(Pairs& pairs) {
    if (in_.take(']')) return;
    do {
      count_message();
      onnx::StringStringEntryProto& pair = *pairs.Add();
      pair.set_key(in_.expect_string("a key in quotes"));
      in_.expect(':');
      pair.set_value(in_.expect_string("a value in quotes"));
    } while (in_.take(','));
    in_.expect(']');
  }

  void parse(onnx::FunctionProto& function) {
    count_message();
    if (in_.take('<')) {
      do {
        parse_property(function);
      } while (in_.take(','));
      in_.expect('>');
    }
    function.set_name(in_.expect_name("the name of a function"));
    if (in_.take('<')) {
      do {
        const std::string name = in_.expect_name("the name of an attribute");
        if (in_.peek() == ':' || in_.peek() == '=') {
          parse_attribute(*function.add_attribute_proto(), name, 0);
        } else {
          function.add_attribute(name);
        }
      } while (in_.take(','));
      in_.expect('>');
    }
    parse_interface(*function.mutable_input(), function);
    in_.expect_arrow();
    parse_interface(*function.mutable_output(), function);
    if (in_.take('<') && !in_.take('>')) {
      do {
        parse_value_info(*function.add_value_info());
      } while (in_.take(','));
      in_.expect('>');
    }
    parse_nodes(*function.mutable_node(), 0);
  }

  /// Names, each perhaps after its type, which goes into value_info.
  template <typename Names>
  void parse_interface(Names& names, onnx::FunctionProto& function) {
    in_.expect('(');
    if (in_.take(')')) return;
    do {
      onnx::ValueInfoProto* info = nullptr;
      if (is_type_word(in_.peek_identifier())) {
        info = function.add_value_info();
        parse(*info->mutable_type(), 0);
      }
      const std::string name = in_.expect_name("a name");
      if (info != nullptr) info->set_name(name);
      *names.Add() = name;
    } while (in_.take(','));
    in_.expect(')');
  }

  // ---- Graphs -------------------------------------------------------------------------------------------------

  void parse(onnx::GraphProto& graph, int depth) {
    if (depth > kMaxGraphDepth) in_.fail("subgraphs are nested deeper than " + std::to_string(kMaxGraphDepth));
    graph.set_name(in_.expect_name("the name of a graph"));
    in_.expect('(');
    if (!in_.take(')')) {
      do {
        onnx::ValueInfoProto& input = *graph.add_input();
        parse_value_info(input);
        if (in_.take('=')) parse_initializer(*graph.add_initializer(), input);
      } while (in_.take(','));
      in_.expect(')');
    }
    in_.expect_arrow();
    in_.expect('(');
    if (!in_.take(')')) {
      do {
        parse_value_info(*graph.add_output());
      } while (in_.take(','));
      in_.expect(')');
    }
    if (in_.take('<') && !in_.take('>')) {
      do {
        onnx::ValueInfoProto value;
        parse_value_info(value);
        if (in_.take('=')) {
          parse_initializer(*graph.add_initializer(), value);
        } else {
          *graph.add_value_info() = std::move(value);
        }
      } while (in_.take(','));
      in_.expect('>');
    }
    parse_nodes(*graph.mutable_node(), depth);
  }

  void count_message() {
    if (++num_messages_ > kMaxMessages)
      in_.fail("the model has more than " + std::to_string(kMaxMessages) + " messages");
  }

  void parse_value_info(onnx::ValueInfoProto& value) {
    count_message();
    if (is_type_word(in_.peek_identifier())) parse(*value.mutable_type(), 0);
    value.set_name(in_.expect_name("a name"));
  }

  void parse_initializer(onnx::TensorProto& tensor, const onnx::ValueInfoProto& value) {
    tensor.set_name(value.name());
    parse_elements(tensor, value.type());
  }

  template <typename Nodes>
  void parse_nodes(Nodes& nodes, int depth) {
    in_.expect('{');
    while (!in_.take('}')) parse(*nodes.Add(), depth);
  }

  /// Names up to what is none; one may be left out before a comma.
  template <typename Names>
  void parse_names(Names& names) {
    const auto take_name = [&] {
      if (in_.peek() == '"') {
        *names.Add() = in_.expect_string("a name");
        return true;
      }
      const std::string_view name = in_.take_identifier();
      if (name.empty() && in_.peek() != ',') return false;
      *names.Add() = std::string(name);
      return true;
    };
    if (!take_name()) return;
    while (in_.take(',') && take_name()) {
    }
  }

  void parse(onnx::NodeProto& node, int depth) {
    count_message();
    if (in_.take('[')) {
      node.set_name(in_.peek() == '"' ? in_.expect_string("a name") : std::string(in_.take_identifier()));
      in_.expect(']');
    }
    parse_names(*node.mutable_output());
    in_.expect('=');
    const std::string_view qualified = in_.expect_qualified_identifier("an operator");
    const size_t dot = qualified.rfind('.');
    const bool has_domain = dot != std::string_view::npos;
    node.set_domain(has_domain ? std::string(qualified.substr(0, dot)) : std::string());
    node.set_op_type(std::string(has_domain ? qualified.substr(dot + 1) : qualified));
    if (!is_syntax_identifier(node.op_type())) in_.fail(quote(node.op_type()) + " is no operator type");
    if (in_.take(':')) node.set_overload(std::string(in_.expect_identifier("an overload")));
    parse_attributes(node, depth);
    in_.expect('(');
    parse_names(*node.mutable_input());
    in_.expect(')');
    if (node.attribute_size() == 0) parse_attributes(node, depth);
  }

  // ---- Attributes ---------------------------------------------------------------------------------------------

  void parse_attributes(onnx::NodeProto& node, int depth) {
    if (!in_.take('<')) return;
    do {
      const std::string name(in_.expect_identifier("the name of an attribute"));
      parse_attribute(*node.add_attribute(), name, depth);
    } while (in_.take(','));
    in_.expect('>');
  }

  void parse_attribute(AttributeProto& attribute, const std::string& name, int depth) {
    count_message();
    attribute.set_name(name);
    if (in_.take(':')) {
      const std::string_view word = in_.expect_identifier("the type of an attribute");
      const int type = attribute_type_of_word(word);
      if (type == AttributeProto::UNDEFINED) in_.fail("attributes have no type " + quote(word));
      attribute.set_type(static_cast<AttributeProto::AttributeType>(type));
    }
    in_.expect('=');
    if (!in_.take('[')) {
      parse_single_value(attribute, attribute.type(), depth);
      return;
    }
    const int declared = attribute.type();
    if (declared != AttributeProto::UNDEFINED && element_of_list(declared) == AttributeProto::UNDEFINED) {
      in_.fail("the value is a list, expected type " + std::string(word_of_attribute_type(declared)));
    }
    if (in_.take(']')) {
      if (declared == AttributeProto::UNDEFINED) in_.fail("an empty list needs the type of its attribute");
      return;
    }
    do {
      AttributeProto element;
      if (!in_.next_is_number()) count_message();
      parse_single_value(element, element_of_list(attribute.type()), depth);
      append(attribute, element);
    } while (in_.take(','));
    in_.expect(']');
  }

  void append(AttributeProto& list, AttributeProto& element) {
    switch (element.type()) {
      case AttributeProto::INT:
        list.add_ints(element.i());
        list.set_type(AttributeProto::INTS);
        break;
      case AttributeProto::FLOAT:
        list.add_floats(element.f());
        list.set_type(AttributeProto::FLOATS);
        break;
      case AttributeProto::STRING:
        list.add_strings(element.s());
        list.set_type(AttributeProto::STRINGS);
        break;
      case AttributeProto::TENSOR:
        *list.add_tensors() = std::move(*element.mutable_t());
        list.set_type(AttributeProto::TENSORS);
        break;
      case AttributeProto::GRAPH:
        *list.add_graphs() = std::move(*element.mutable_g());
        list.set_type(AttributeProto::GRAPHS);
        break;
      case AttributeProto::TYPE_PROTO:
        *list.add_type_protos() = std::move(*element.mutable_tp());
        list.set_type(AttributeProto::TYPE_PROTOS);
        break;
      default:
        in_.fail("a list cannot hold references to attributes");
    }
  }

  /// `expected`: UNDEFINED where the value decides.
  void parse_single_value(AttributeProto& attribute, int expected, int depth) {
    if (in_.take('@')) {
      attribute.set_ref_attr_name(in_.expect_name("the name of an attribute"));
      return;
    }
    if (in_.peek() == '"' && expected != AttributeProto::GRAPH) {
      attribute.set_s(in_.expect_string("text"));
      attribute.set_type(AttributeProto::STRING);
    } else if (is_type_word(in_.peek_identifier()) && expected != AttributeProto::GRAPH) {
      parse_tensor_or_type(attribute);
    } else if (expected != AttributeProto::GRAPH && in_.next_is_number()) {
      const SyntaxLexer::Number number = in_.expect_number("a number");
      if (number.is_whole && expected != AttributeProto::FLOAT) {
        attribute.set_i(in_.to_int64(number));
        attribute.set_type(AttributeProto::INT);
      } else {
        attribute.set_f(in_.to_float(number));
        attribute.set_type(AttributeProto::FLOAT);
      }
    } else if (in_.peek() == '"' || !in_.peek_identifier().empty()) {
      parse(*attribute.mutable_g(), depth + 1);
      attribute.set_type(AttributeProto::GRAPH);
    } else {
      in_.fail_expecting("the value of an attribute");
    }
    if (expected != AttributeProto::UNDEFINED && expected != attribute.type()) {
      in_.fail("the value is of type " + std::string(word_of_attribute_type(attribute.type())) + ", expected " +
               std::string(word_of_attribute_type(expected)));
    }
  }

  void parse_tensor_or_type(AttributeProto& attribute) {
    onnx::TypeProto type;
    parse(type, 0);
    const char next = in_.peek();
    if (next != '{' && next != '=' && next != '"' && in_.peek_identifier().empty()) {
      *attribute.mutable_tp() = std::move(type);
      attribute.set_type(AttributeProto::TYPE_PROTO);
      return;
    }
    onnx::TensorProto& tensor = *attribute.mutable_t();
    attribute.set_type(AttributeProto::TENSOR);
    tensor.set_name(next == '"' ? in_.expect_string("a name") : std::string(in_.take_identifier()));
    in_.take('=');
    parse_elements(tensor, type);
  }

  // ---- Types and tensors --------------------------------------------------------------------------------------

  void parse(onnx::TypeProto& type, int depth) {
    if (depth > kMaxTypeDepth) in_.fail("types are nested deeper than " + std::to_string(kMaxTypeDepth));
    const std::string_view word = in_.expect_identifier("a type");
    if (const int element_type = element_type_of_word(word); element_type != 0) {
      parse_tensor_type(*type.mutable_tensor_type(), element_type);
      return;
    }
    in_.expect('(');
    if (word == "seq") {
      parse(*type.mutable_sequence_type()->mutable_elem_type(), depth + 1);
    } else if (word == "optional") {
      parse(*type.mutable_optional_type()->mutable_elem_type(), depth + 1);
    } else if (word == "map") {
      type.mutable_map_type()->set_key_type(expect_element_type());
      in_.expect(',');
      parse(*type.mutable_map_type()->mutable_value_type(), depth + 1);
    } else if (word == "sparse_tensor") {
      parse_tensor_type(*type.mutable_sparse_tensor_type(), expect_element_type());
    } else if (word == "opaque") {
      onnx::TypeProto::Opaque& opaque = *type.mutable_opaque_type();
      if (in_.peek() != ')') {
        const std::string first(in_.expect_qualified_identifier("the name of an opaque type"));
        if (in_.take(',')) {
          opaque.set_domain(first);
          opaque.set_name(std::string(in_.expect_identifier("the name of an opaque type")));
        } else {
          opaque.set_name(first);
        }
      }
    } else {
      in_.fail("there is no type " + quote(word));
    }
    in_.expect(')');
  }

  int expect_element_type() {
    const std::string_view word = in_.expect_identifier("an element type");
    const int type = element_type_of_word(word);
    if (type == 0) in_.fail(quote(word) + " is no element type");
    return type;
  }

  /// "float" is a scalar, "float[]" of unknown rank.
  template <typename TensorType>
  void parse_tensor_type(TensorType& type, int element_type) {
    type.set_elem_type(element_type);
    if (!in_.take('[')) {
      type.mutable_shape();
      return;
    }
    if (in_.take(']')) return;
    do {
      count_message();
      onnx::TensorShapeProto::Dimension& dim = *type.mutable_shape()->add_dim();
      if (in_.take('?')) continue;
      if (in_.next_is_number() && in_.peek_identifier().empty()) {
        dim.set_dim_value(in_.expect_int64("a size"));
      } else {
        dim.set_dim_param(in_.expect_name("a size, a name or '?'"));
      }
    } while (in_.take(','));
    in_.expect(']');
  }

  void parse_elements(onnx::TensorProto& tensor, const onnx::TypeProto& type) {
    if (!type.has_tensor_type()) in_.fail("a tensor needs a tensor's type");
    if (!type.tensor_type().has_shape()) in_.fail("a tensor needs a shape");
    tensor.set_data_type(type.tensor_type().elem_type());
    for (const onnx::TensorShapeProto::Dimension& dim : type.tensor_type().shape().dim()) {
      if (!dim.has_dim_value()) in_.fail("a tensor's shape needs numbers");
      tensor.add_dims(dim.dim_value());
    }
    if (in_.take('[')) {
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
      parse_pairs(*tensor.mutable_external_data());
      return;
    }
    if (!in_.take('{') || in_.take('}')) return;
    const uint32_t field = typed_field_of(static_cast<DataType>(tensor.data_type()));
    do {
      switch (field) {
        case tensor_field::kFloatData:
          tensor.add_float_data(in_.expect_float("a number"));
          break;
        case tensor_field::kDoubleData:
          tensor.add_double_data(in_.expect_double("a number"));
          break;
        case tensor_field::kInt64Data:
          tensor.add_int64_data(in_.expect_int64("an integer"));
          break;
        case tensor_field::kUint64Data:
          tensor.add_uint64_data(in_.expect_uint64("an integer"));
          break;
        case tensor_field::kStringData:
          tensor.add_string_data(in_.expect_string("text in quotes"));
          break;
        default:
          tensor.add_int32_data(in_.expect_int32("an integer"));
          break;
      }
    } while (in_.take(','));
    in_.expect('}');
  }

  SyntaxLexer in_;
  size_t num_messages_ = 0;
};

}  // namespace

void parse_syntax(std::string_view text, onnx::ModelProto& model) { Parser(text).parse(model); }

}  // namespace surgery
