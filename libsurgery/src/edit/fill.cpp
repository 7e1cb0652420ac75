#include <filesystem>

#include "edit/arguments.h"
#include "edit/edits.h"
#include "surgery/convert.h"
#include "surgery/infer.h"
#include "surgery/io.h"
#include "surgery/text.h"

/// --fill NAME=ones|zeros|VALUE|FILE.npy: gives a weight (an initializer, or the output of a Constant node) new
/// elements of the same type and shape. A file of another type is converted where every element is exactly
/// representable. Meaning   kKept where the elements were the same already, else kChanged.
namespace surgery::edits {
namespace {

bool is_file(std::string_view text) { return text.size() > 4 && text.ends_with(".npy"); }

Tensor from_number(const Value& weight, const Tensor& before, std::string_view text) {
  const std::optional<double> number = text == "ones" ? 1.0 : text == "zeros" ? 0.0 : parse_double(text);
  if (!number) throw expected("ones, zeros, a number or a .npy file", text);
  const std::string type(to_string(before.type()));
  if (before.type() == DataType::kString || bit_width(before.type()) < 8 || before.type() == DataType::kComplex64 ||
      before.type() == DataType::kComplex128) {
    throw Error(ErrorCode::kUnsupported,
                quote(weight.name()) + " has elements of type " + type + ", which cannot be filled with a number");
  }
  std::optional<Tensor> tensor = filled(before.type(), before.dims(), *number);
  if (!tensor) throw expected("a value of type " + type + " for " + quote(weight.name()), text);
  return std::move(*tensor);
}

Tensor from_file(const Value& weight, const Tensor& before, std::string_view path) {
  Tensor array = load_npy(std::filesystem::path(path));
  const auto describe_tensor = [](const Tensor& tensor) {
    return to_string(Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end())));
  };
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, quote(path) + " holds " + describe_tensor(array) + ", and " + quote(weight.name()) +
                                        " is " + describe_tensor(before) + why);
  };
  if (array.dims() != before.dims()) throw refuse("");
  std::optional<Tensor> converted = convert_exactly(array, before.type());
  if (!converted) throw refuse(": not every element has the same value in that type");
  return std::move(*converted);
}

std::shared_ptr<const Tensor> stored_tensor(const Value& value) {
  if (value.initializer() != nullptr) return std::make_shared<const Tensor>(*value.initializer());
  if (auto constant = constant_of(value)) return constant;
  const std::string what = value.producer() != nullptr ? "is computed by " + describe(*value.producer())
                           : value.is_graph_input()    ? "is an input without a stored value"
                                                       : "has no stored value";
  throw Error(ErrorCode::kUsage, quote(value.name()) + " is no weight: it " + what);
}

void store(Value& weight, Tensor tensor) {
  Graph& graph = weight.graph();
  if (weight.producer() == nullptr) {
    graph.set_initializer(weight, std::move(tensor));
    return;
  }
  Node& constant = *weight.producer();
  while (!constant.attributes().empty()) {
    graph.remove_attribute(constant, std::string(constant.attributes()[0].name()));
  }
  graph.set_attribute(constant, Attribute("value", std::move(tensor)));
}

}  // namespace

void fill_weight(Value& weight, std::string_view value, EditReport& report) {
  const std::shared_ptr<const Tensor> before = stored_tensor(weight);
  Tensor after = is_file(value) ? from_file(weight, *before, value) : from_number(weight, *before, value);
  const std::string type = to_string(Type::tensor(after.type(), Shape(after.dims().begin(), after.dims().end())));
  report.notes.push_back("weight " + quote(weight.name()) + " (" + type + ") filled with " +
                         (is_file(value) ? quote(value) : std::string(value)));
  if (identical(*before, after)) {
    report.notes.back() += ", which it held already";
    return;
  }
  report.meaning = Meaning::kChanged;
  store(weight, std::move(after));
}

EditReport fill(Model& model, std::string_view argument, const EditContext& /*context*/) {
  const auto [name, value] = split_assignment(argument, "NAME=ones|zeros|VALUE|FILE.npy");
  EditReport report;
  fill_weight(select_value(model, name), value, report);
  return report;
}

}  // namespace surgery::edits
