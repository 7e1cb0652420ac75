#include "forms/syntax_printer.h"

#include <algorithm>

#include "forms/syntax_elements.h"
#include "forms/syntax_names.h"
#include "onnx.pb.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

using onnx::AttributeProto;

constexpr size_t kStep = 3;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::kUnsupported, "ONNX's textual syntax has no way to write " + what);
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void print(const onnx::ModelProto& model) {
    out_ += "<\n";
    indent();
    out_ += "ir_version: " + std::to_string(model.ir_version());
    key("opset_import");
    list("[", ", ", "]", model.opset_import(), [&](const auto& opset) { print(opset); });
    if (model.has_producer_name()) text_key("producer_name", model.producer_name());
    if (model.has_producer_version()) text_key("producer_version", model.producer_version());
    if (model.has_domain()) text_key("domain", model.domain());
    if (model.has_model_version()) {
      key("model_version");
      out_ += std::to_string(model.model_version());
    }
    if (model.has_doc_string()) text_key("doc_string", model.doc_string());
    if (model.metadata_props_size() > 0) {
      key("metadata_props");
      print_pairs(model.metadata_props());
    }
    out_ += "\n>\n";
    print(model.graph());
    for (const onnx::FunctionProto& function : model.functions()) {
      out_ += '\n';
      print(function);
    }
  }

 private:
  // ---- Pieces -------------------------------------------------------------------------------------------------

  void indent() { out_.append(indent_, ' '); }

  void key(std::string_view name) {
    out_ += ",\n";
    indent();
    out_ += name;
    out_ += ": ";
  }
  void text_key(std::string_view name, std::string_view value) {
    key(name);
    quoted(value);
  }

  void quoted(std::string_view text) { append_syntax_string(out_, text); }

  void name(std::string_view text) {
    if (is_syntax_identifier(text)) {
      out_ += text;
    } else {
      quoted(text);
    }
  }

  template <typename Items, typename Print>
  void list(std::string_view open, std::string_view separator, std::string_view close, const Items& items,
            Print&& one) {
    out_ += open;
    bool is_first = true;
    for (const auto& item : items) {
      if (!is_first) out_ += separator;
      is_first = false;
      one(item);
    }
    out_ += close;
  }

  template <typename Items>
  void names(std::string_view open, std::string_view close, const Items& items) {
    list(open, ", ", close, items, [&](const std::string& item) { name(item); });
  }

  template <typename Pairs>
  void print_pairs(const Pairs& pairs) {
    list("[", ", ", "]", pairs, [&](const auto& pair) {
      quoted(pair.key());
      out_ += ": ";
      quoted(pair.value());
    });
  }

  template <typename T>
  void number(T value) {
    append_syntax_number(out_, value);
  }

  // ---- Types --------------------------------------------------------------------------------------------------

  template <typename TensorType>
  void print_tensor_type(const TensorType& type) {
    out_ += word_of_element_type(type.elem_type());
    if (!type.has_shape()) {
      out_ += "[]";
    } else if (type.shape().dim_size() > 0) {
      list("[", ",", "]", type.shape().dim(), [&](const onnx::TensorShapeProto::Dimension& dim) {
        if (dim.has_dim_value()) {
          number(dim.dim_value());
        } else if (dim.has_dim_param()) {
          name(dim.dim_param());
        } else {
          out_ += '?';
        }
      });
    }
  }

  void print(const onnx::TypeProto& type) {
    switch (type.value_case()) {
      case onnx::TypeProto::kTensorType:
        print_tensor_type(type.tensor_type());
        break;
      case onnx::TypeProto::kSequenceType:
        out_ += "seq(";
        print(type.sequence_type().elem_type());
        out_ += ')';
        break;
      case onnx::TypeProto::kMapType:
        out_ += "map(";
        out_ += word_of_element_type(type.map_type().key_type());
        out_ += ", ";
        print(type.map_type().value_type());
        out_ += ')';
        break;
      case onnx::TypeProto::kOptionalType:
        out_ += "optional(";
        print(type.optional_type().elem_type());
        out_ += ')';
        break;
      case onnx::TypeProto::kSparseTensorType:
        out_ += "sparse_tensor(";
        print_tensor_type(type.sparse_tensor_type());
        out_ += ')';
        break;
      case onnx::TypeProto::kOpaqueType:
        print(type.opaque_type());
        break;
      case onnx::TypeProto::VALUE_NOT_SET:
        break;
    }
  }

  void print(const onnx::TypeProto::Opaque& type) {
    if (!type.domain().empty() && (!is_qualified_identifier(type.domain()) || !is_syntax_identifier(type.name()))) {
      refuse("the opaque type " + quote(type.domain()) + ", " + quote(type.name()));
    }
    if (type.domain().empty() && !type.name().empty() && !is_qualified_identifier(type.name())) {
      refuse("the opaque type " + quote(type.name()));
    }
    out_ += "opaque(";
    if (!type.domain().empty()) out_ += type.domain() + ',';
    out_ += type.name() + ')';
  }

  void print(const onnx::ValueInfoProto& value) {
    print(value.type());
    out_ += ' ';
    name(value.name());
  }

  // ---- Tensors ------------------------------------------------------------------------------------------------

  void print(const onnx::TensorProto& tensor, bool is_initializer) {
    if (tensor.has_segment()) refuse("tensor " + quote(tensor.name()) + ", one segment of a larger one");
    out_ += word_of_element_type(tensor.data_type());
    if (tensor.dims_size() > 0) list("[", ",", "]", tensor.dims(), [&](int64_t dim) { number(dim); });
    if (!tensor.name().empty()) {
      out_ += ' ';
      name(tensor.name());
    }
    const bool is_external = tensor.data_location() == onnx::TensorProto::EXTERNAL;
    if (is_initializer || is_external) out_ += " = ";  // its brackets would be taken for dims
    if (is_external) {
      print_pairs(tensor.external_data());
    } else {
      append_syntax_elements(out_, tensor);
    }
  }

  // ---- Nodes --------------------------------------------------------------------------------------------------

  void print(const AttributeProto& attribute) {
    if (!is_syntax_identifier(attribute.name())) refuse("the attribute name " + quote(attribute.name()));
    out_ += attribute.name() + ": ";
    const int type = type_of(attribute);
    out_ += word_of_attribute_type(type);
    out_ += " = ";
    if (attribute.has_ref_attr_name()) {
      out_ += '@';
      name(attribute.ref_attr_name());
      return;
    }
    const auto print_number = [&](auto value) { number(value); };
    switch (type) {
      case AttributeProto::INT:
        number(attribute.i());
        break;
      case AttributeProto::INTS:
        list("[", ", ", "]", attribute.ints(), print_number);
        break;
      case AttributeProto::FLOAT:
        number(attribute.f());
        break;
      case AttributeProto::FLOATS:
        list("[", ", ", "]", attribute.floats(), print_number);
        break;
      case AttributeProto::STRING:
        quoted(attribute.s());
        break;
      case AttributeProto::STRINGS:
        list("[", ", ", "]", attribute.strings(), [&](const std::string& text) { quoted(text); });
        break;
      case AttributeProto::GRAPH:
        indent_ += kStep;
        print(attribute.g());
        indent_ -= kStep;
        break;
      case AttributeProto::GRAPHS:
        indent_ += kStep;
        list("[", ", ", "]", attribute.graphs(), [&](const onnx::GraphProto& graph) { print(graph); });
        indent_ -= kStep;
        break;
      case AttributeProto::TENSOR:
        print(attribute.t(), false);
        break;
      case AttributeProto::TENSORS:
        list("[", ", ", "]", attribute.tensors(), [&](const onnx::TensorProto& tensor) { print(tensor, false); });
        break;
      case AttributeProto::TYPE_PROTO:
        print(attribute.tp());
        break;
      case AttributeProto::TYPE_PROTOS:
        list("[", ", ", "]", attribute.type_protos(), [&](const onnx::TypeProto& each) { print(each); });
        break;
      default:
        refuse("attribute " + quote(attribute.name()) + ", a " + std::string(word_of_attribute_type(type)));
    }
  }

  /// The type that is written, or that of the value where a file (before IR version 2) has none.
  static int type_of(const AttributeProto& attribute) {
    if (attribute.type() != AttributeProto::UNDEFINED) return attribute.type();
    if (attribute.has_f()) return AttributeProto::FLOAT;
    if (attribute.has_i()) return AttributeProto::INT;
    if (attribute.has_s()) return AttributeProto::STRING;
    if (attribute.has_t()) return AttributeProto::TENSOR;
    if (attribute.has_g()) return AttributeProto::GRAPH;
    if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
    if (attribute.ints_size() > 0) return AttributeProto::INTS;
    if (attribute.strings_size() > 0) return AttributeProto::STRINGS;
    if (attribute.tensors_size() > 0) return AttributeProto::TENSORS;
    if (attribute.graphs_size() > 0) return AttributeProto::GRAPHS;
    return AttributeProto::UNDEFINED;
  }

  void print(const onnx::NodeProto& node) {
    indent();
    if (node.has_name()) {
      out_ += '[';
      name(node.name());
      out_ += "] ";
    }
    names("", "", node.output());
    out_ += " = ";
    if (!is_syntax_identifier(node.op_type())) refuse("the operator type " + quote(node.op_type()));
    if (!node.domain().empty()) {
      if (!is_qualified_identifier(node.domain())) refuse("the domain " + quote(node.domain()));
      out_ += node.domain() + '.';
    }
    out_ += node.op_type();
    if (!node.overload().empty()) {
      if (!is_syntax_identifier(node.overload())) refuse("the overload " + quote(node.overload()));
      out_ += ':' + node.overload();
    }
    bool has_subgraph = false;
    for (const AttributeProto& attribute : node.attribute()) {
      has_subgraph |= attribute.has_g() || attribute.graphs_size() > 0;
    }
    const auto attributes = [&] {
      if (node.attribute_size() == 0) return;
      list(" <", ", ", ">", node.attribute(), [&](const AttributeProto& attribute) { print(attribute); });
    };
    if (!has_subgraph) attributes();
    names(" (", ")", node.input());
    if (has_subgraph) attributes();
    out_ += '\n';
  }

  template <typename Nodes>
  void print_nodes(const Nodes& nodes) {
    out_ += "{\n";
    for (const onnx::NodeProto& node : nodes) print(node);
    if (indent_ > kStep) out_.append(std::max(kStep, indent_ - kStep), ' ');
    out_ += '}';
  }

  // ---- Graphs and functions -----------------------------------------------------------------------------------

  void print(const onnx::GraphProto& graph) {
    if (graph.sparse_initializer_size() > 0) {
      refuse("sparse initializer " + quote(graph.sparse_initializer(0).values().name()));
    }
    const auto print_value = [&](const onnx::ValueInfoProto& value) { print(value); };
    name(graph.name());
    list(" (", ", ", ")", graph.input(), print_value);
    list(" => (", ", ", ") ", graph.output(), print_value);
    if (graph.initializer_size() > 0 || graph.value_info_size() > 0) {
      out_ += '\n';
      indent();
      out_ += '<';
      list("", ", ", "", graph.initializer(), [&](const onnx::TensorProto& tensor) { print(tensor, true); });
      if (graph.initializer_size() > 0 && graph.value_info_size() > 0) out_ += ", ";
      list("", ", ", ">\n", graph.value_info(), print_value);
    }
    print_nodes(graph.node());
  }

  void print(const onnx::OperatorSetIdProto& opset) {
    quoted(opset.domain());
    out_ += " : " + std::to_string(opset.version());
  }

  void print(const onnx::FunctionProto& function) {
    out_ += "<\n  domain: ";
    quoted(function.domain());
    out_ += ",\n";
    if (!function.overload().empty()) {
      out_ += "  overload: ";
      quoted(function.overload());
      out_ += ",\n";
    }
    if (function.has_doc_string()) {
      out_ += "  doc_string: ";
      quoted(function.doc_string());
      out_ += ",\n";
    }
    out_ += "  opset_import: ";
    list("[", ",", "]", function.opset_import(), [&](const auto& opset) { print(opset); });
    out_ += "\n>\n";
    name(function.name());
    out_ += ' ';
    if (function.attribute_size() + function.attribute_proto_size() > 0) {
      list("<", ",", "", function.attribute(), [&](const std::string& attribute) { name(attribute); });
      if (function.attribute_size() > 0 && function.attribute_proto_size() > 0) out_ += ',';
      list("", ",", ">", function.attribute_proto(), [&](const AttributeProto& attribute) { print(attribute); });
    }
    names("(", ")", function.input());
    names(" => (", ")", function.output());
    out_ += '\n';
    if (function.value_info_size() > 0) {
      list("<", ", ", ">\n", function.value_info(), [&](const onnx::ValueInfoProto& value) { print(value); });
    }
    print_nodes(function.node());
  }

  std::string& out_;
  size_t indent_ = kStep;
};

}  // namespace

std::string print_syntax(const onnx::ModelProto& model) {
  std::string out;
  Printer(out).print(model);
  return out;
}

}  // namespace surgery
