#include "graph_text.h"

#include <cctype>
#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "surgery/text.h"

namespace graph_text {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::unique_ptr<Model> parse() {
    model_ = create_model(17);
    if (peek() == '<') parse_header();
    model_->graph().set_name(word());
    parse_graph(model_->graph());
    while (peek() != '\0') parse_function();
    model_->validate();
    return std::move(model_);
  }

 private:
  // ---- Letters and words ----------------------------------------------------------------------------------------

  [[noreturn]] void fail(const std::string& message) const {
    throw std::runtime_error("graph text: " + message + " before: " + std::string(text_.substr(next_, 40)));
  }
  char peek() {
    while (next_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[next_])) != 0) ++next_;
    return next_ < text_.size() ? text_[next_] : '\0';
  }
  bool accept(std::string_view token) {
    peek();
    if (!text_.substr(next_).starts_with(token)) return false;
    next_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail("expected " + std::string(token));
  }
  static bool is_word_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '/' || c == ':';
  }
  std::string word() {
    peek();
    const size_t start = next_;
    while (next_ < text_.size() && is_word_char(text_[next_])) ++next_;
    if (start == next_) fail("expected a name");
    return std::string(text_.substr(start, next_ - start));
  }
  std::string quoted() {
    expect("\"");
    const size_t end = text_.find('"', next_);
    std::string text(text_.substr(next_, end - next_));
    next_ = end + 1;
    return text;
  }
  std::string number() {
    peek();
    const size_t start = next_;
    while (next_ < text_.size() && (is_word_char(text_[next_]) || text_[next_] == '-' || text_[next_] == '+')) ++next_;
    return std::string(text_.substr(start, next_ - start));
  }
  int64_t integer() { return std::stoll(number()); }

  // ---- Types and tensors ----------------------------------------------------------------------------------------

  Type parse_type() {
    const std::string name = word();
    if (name == "seq" || name == "optional") {
      expect("(");
      const Type inner = parse_type();
      expect(")");
      return name == "seq" ? Type::sequence(inner) : Type::optional(inner);
    }
    const auto element = parse_data_type(name);
    if (!element) fail("no element type: " + name);
    Shape shape;
    if (!accept("[")) return Type::tensor(*element, shape);
    if (accept("...")) {
      expect("]");
      return Type::tensor(*element);
    }
    while (!accept("]")) {
      if (accept("?")) {
        shape.emplace_back();
      } else if (std::isdigit(static_cast<unsigned char>(peek())) != 0) {
        shape.emplace_back(integer());
      } else {
        shape.push_back(Dim::symbol(word()));
      }
      accept(",");
    }
    return Type::tensor(*element, std::move(shape));
  }

  Tensor parse_tensor(const Type& type) {
    std::vector<int64_t> dims;
    for (const Dim& dim : *type.shape) dims.push_back(dim.value());
    std::vector<double> values;
    if (accept("fill")) {
      values = fill(*checked_product(dims));
    } else {
      expect("{");
      if (type.element_type == DataType::kString) {
        std::vector<std::string> texts;
        while (!accept("}")) {
          texts.push_back(quoted());
          accept(",");
        }
        return Tensor::from_strings(dims, texts);
      }
      if (type.element_type == DataType::kInt64) return parse_int64s(dims);  // a double does not hold all of them
      while (!accept("}")) {
        values.push_back(std::stod(number()));
        accept(",");
      }
    }
    Tensor tensor = Tensor::zeros(type.element_type, dims);
    if (static_cast<int64_t>(values.size()) != tensor.num_elements()) fail("another number of elements");
    for (size_t i = 0; i < values.size(); ++i) store(tensor, i, values[i]);
    return tensor;
  }

  Tensor parse_int64s(const std::vector<int64_t>& dims) {
    std::vector<int64_t> values;
    while (!accept("}")) {
      values.push_back(integer());
      accept(",");
    }
    return Tensor::from_values<int64_t>(DataType::kInt64, dims, values);
  }

  std::vector<double> fill(int64_t count) {
    expect("(");
    auto state = static_cast<uint64_t>(integer()) * 2654435761U + 12345U;
    double low = -1;
    double high = 1;
    if (accept(",")) {
      low = std::stod(number());
      expect(",");
      high = std::stod(number());
    }
    expect(")");
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      values.push_back(low + (high - low) * static_cast<double>(state >> 40U) / static_cast<double>(1U << 24U));
    }
    return values;
  }

  // ---- Models, graphs, nodes ------------------------------------------------------------------------------------

  std::vector<OpsetImport> parse_imports() {
    std::vector<OpsetImport> imports;
    expect("[");
    while (!accept("]")) {
      std::string domain = quoted();
      expect(":");
      imports.push_back({std::move(domain), integer()});
      accept(",");
    }
    return imports;
  }

  void parse_header() {
    expect("<");
    while (!accept(">")) {
      if (accept("ir_version")) {
        expect(":");
        model_->set_ir_version(integer());
      } else if (accept("opset_import")) {
        expect(":");
        for (const OpsetImport& import : parse_imports()) model_->set_opset(import.domain, import.version);
      } else {
        fail("expected ir_version or opset_import");
      }
      accept(",");
    }
  }

  void parse_function() {
    Function function;
    function.opset_imports = model_->opset_imports();
    expect("<");
    while (!accept(">")) {
      if (accept("domain")) {
        expect(":");
        function.domain = quoted();
      } else {
        expect("opset_import");
        expect(":");
        function.opset_imports = parse_imports();
      }
      accept(",");
    }
    function.name = word();
    if (accept("<")) {
      while (!accept(">")) {
        function.attribute_names.push_back(word());
        accept(",");
      }
    }
    function.body = std::make_unique<Graph>(*model_, nullptr);
    Graph& body = *function.body;
    expect("(");
    while (!accept(")")) {
      body.add_input(word(), {});
      accept(",");
    }
    expect("=>");
    expect("(");
    std::vector<std::string> outputs;
    while (!accept(")")) {
      outputs.push_back(word());
      accept(",");
    }
    parse_nodes(body);
    scopes_.push_back(&body);
    for (const std::string& name : outputs) body.add_output(lookup(name));
    scopes_.pop_back();
    model_->functions().push_back(std::move(function));
  }

  void parse_graph(Graph& graph) {
    scopes_.push_back(&graph);
    expect("(");
    while (!accept(")")) {
      Type type = parse_type();
      Value& input = graph.add_input(word(), type);
      if (accept("=")) graph.set_initializer(input, parse_tensor(type));
      accept(",");
    }
    expect("=>");
    expect("(");
    std::vector<std::pair<Type, std::string>> outputs;
    while (!accept(")")) {
      Type type = parse_type();
      outputs.emplace_back(std::move(type), word());
      accept(",");
    }
    std::vector<std::pair<Type, std::string>> declared;
    if (accept("<")) {
      while (!accept(">")) {
        Type type = parse_type();
        std::string name = word();
        if (accept("=")) {
          graph.add_initializer(name, parse_tensor(type));
        } else {
          declared.emplace_back(std::move(type), std::move(name));
        }
        accept(",");
      }
    }
    scopes_.pop_back();
    parse_nodes(graph);
    scopes_.push_back(&graph);
    for (const auto& [type, name] : outputs) {
      Value& value = lookup(name);
      if (value.producer() != nullptr) graph.set_type(value, type);
      graph.add_output(value);
    }
    for (const auto& [type, name] : declared) {
      graph.set_type(lookup(name), type);
      graph.set_value_info(lookup(name), true);
    }
    scopes_.pop_back();
  }

  Value& lookup(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (Value* value = (*scope)->find(name)) return *value;
    }
    fail("no value " + name);
  }

  void parse_nodes(Graph& graph) {
    scopes_.push_back(&graph);
    expect("{");
    while (!accept("}")) parse_node(graph);
    scopes_.pop_back();
  }

  void parse_node(Graph& graph) {
    NodeSpec spec;
    if (accept("[")) {
      spec.name = word();
      expect("]");
    }
    while (!accept("=")) {
      spec.output_names.push_back(peek() == ',' ? "" : word());
      accept(",");
    }
    spec.op_type = word();
    if (const size_t dot = spec.op_type.rfind('.'); dot != std::string::npos) {
      spec.domain = spec.op_type.substr(0, dot);
      spec.op_type = spec.op_type.substr(dot + 1);
    }
    if (peek() == '<') parse_attributes(spec);
    expect("(");
    while (!accept(")")) {
      spec.inputs.push_back(peek() == ',' ? nullptr : &lookup(word()));
      accept(",");
    }
    if (peek() == '<') parse_attributes(spec);
    graph.insert_before(nullptr, std::move(spec));
  }

  void parse_attributes(NodeSpec& spec) {
    expect("<");
    while (!accept(">")) {
      std::string name = word();
      expect("=");
      spec.attributes.push_back(parse_attribute(std::move(name)));
      accept(",");
    }
  }

  static bool is_real(const std::string& text) {
    return text.find_first_of(".ein") != std::string::npos;  // 1.5, 1e-5, inf, nan
  }

  Attribute parse_attribute(std::string name) {
    if (accept("@")) return {std::move(name), AttributeType::kUndefined, {}, word(), {}};
    if (peek() == '"') return {std::move(name), quoted()};
    if (accept("[")) {
      if (peek() == '"') {
        std::vector<std::string> texts;
        for (; !accept("]"); accept(",")) texts.push_back(quoted());
        return {std::move(name), std::move(texts)};
      }
      std::vector<std::string> numbers;
      while (!accept("]")) {
        numbers.push_back(number());
        accept(",");
      }
      if (!numbers.empty() && is_real(numbers[0])) {
        std::vector<float> reals;
        for (const std::string& each : numbers) reals.push_back(std::stof(each));
        return {std::move(name), std::move(reals)};
      }
      std::vector<int64_t> integers;
      for (const std::string& each : numbers) integers.push_back(std::stoll(each));
      return {std::move(name), std::move(integers)};
    }
    if (std::isalpha(static_cast<unsigned char>(peek())) != 0) {
      const size_t start = next_;
      const std::string first = word();
      if (first == "inf" || first == "nan") return {std::move(name), std::stof(first)};
      if (parse_data_type(first)) {
        next_ = start;
        const Type type = parse_type();
        return {std::move(name), parse_tensor(type)};
      }
      auto subgraph = std::make_unique<Graph>(*model_, nullptr);
      subgraph->set_name(first);
      parse_graph(*subgraph);
      return {std::move(name), AttributeType::kGraph, std::move(subgraph), {}, {}};
    }
    const std::string text = number();
    if (is_real(text)) return {std::move(name), std::stof(text)};
    return {std::move(name), static_cast<int64_t>(std::stoll(text))};
  }

  std::string_view text_;
  size_t next_ = 0;
  std::unique_ptr<Model> model_;
  std::vector<Graph*> scopes_;
};

}  // namespace

void store(Tensor& tensor, size_t i, double value) {
  switch (tensor.type()) {
    case DataType::kFloat:
      tensor.mutable_values<float>()[i] = static_cast<float>(value);
      return;
    case DataType::kDouble:
      tensor.mutable_values<double>()[i] = value;
      return;
    case DataType::kFloat16:
      tensor.mutable_values<uint16_t>()[i] = float_to_half(static_cast<float>(value));
      return;
    case DataType::kInt64:
      tensor.mutable_values<int64_t>()[i] = static_cast<int64_t>(value);
      return;
    case DataType::kInt32:
      tensor.mutable_values<int32_t>()[i] = static_cast<int32_t>(value);
      return;
    case DataType::kInt8:
      tensor.mutable_values<int8_t>()[i] = static_cast<int8_t>(value);
      return;
    case DataType::kUint8:
    case DataType::kBool:
      tensor.mutable_values<uint8_t>()[i] = static_cast<uint8_t>(value);
      return;
    default:
      throw std::runtime_error("graph text: no values of type " + std::string(to_string(tensor.type())));
  }
}

std::unique_ptr<Model> parse(std::string_view text) { return Parser(text).parse(); }

std::string print(Graph& graph, const std::string& indent) {
  const auto names = [](std::span<Value* const> values) {
    std::string text;
    for (size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + (values[i] ? values[i]->name() : "");
    return text;
  };
  std::string text;
  for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
    text += indent + names(node->outputs()) + " = ";
    text += (node->domain().empty() ? "" : node->domain() + ".") + node->op_type();
    std::map<std::string, std::string> attributes;
    std::string subgraphs;
    for (const Attribute& attribute : node->attributes()) {
      if (attribute.graphs().empty()) attributes[attribute.name()] = to_string(attribute);
      for (const auto& subgraph : attribute.graphs()) {
        subgraphs += indent + "  " + attribute.name() + ":\n" + print(*subgraph, indent + "    ");
      }
    }
    if (!attributes.empty()) text += " <";
    for (const auto& [name, value] : attributes) text += (text.back() == '<' ? "" : ", ") + name + " = " + value;
    if (!attributes.empty()) text += ">";
    text += " (" + names(node->inputs()) + ")\n" + subgraphs;
  }
  return text;
}

std::string print(Model& model) { return print(model.graph()); }

}  // namespace graph_text
