#pragma once

#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "forms/form.h"
#include "forms/limits.h"
#include "io/payload.h"
#include "io/placement.h"
#include "onnx.pb.h"
#include "surgery/check.h"
#include "surgery/error.h"
#include "surgery/infer.h"
#include "surgery/io.h"
#include "surgery/model.h"

/// What must hold for any bytes whatever. Each function throws std::logic_error where it does not; what is wrong with
/// the bytes themselves (surgery::Error) is no matter. tests/fuzz/*.cpp hand them to libFuzzer, and
/// tests/unit/fuzz_found_test.cpp runs them on what it once found.
namespace surgery::fuzz {

inline void require(bool condition, const std::string& what) {
  if (!condition) throw std::logic_error(what);
}

inline std::unique_ptr<Model> load_or_null(std::string_view bytes, std::string* error = nullptr) {
  try {
    return load_bytes(bytes);
  } catch (const Error& refusal) {
    if (error != nullptr) *error = refusal.what();
    return nullptr;
  }
}

inline bool parse_or_not(std::string_view bytes, onnx::ModelProto& proto) {
  try {
    parse_binary(bytes, proto);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Refusals that protobuf does not share: limits of ours, and what is no model although it is a message.
inline bool is_stricter_by_intent(std::string_view error) {
  return error.find("nested deeper") != std::string_view::npos || error.find("100 deep") != std::string_view::npos ||
         error.find("holds no graph") != std::string_view::npos ||
         error.find("not an ONNX model: this is") != std::string_view::npos;
}

/// Packed numbers of tensors are looked at when they are used, protobuf decodes them at once.
inline bool has_payload_fault(const Model& model) {
  bool is_faulty = false;
  for_each_tensor(model, [&](const Tensor& tensor) { is_faulty |= payload_fault(tensor).has_value(); });
  for (const SparseInitializer& sparse : model.sparse_initializers()) {
    is_faulty |= payload_fault(sparse.tensor.values).has_value() || payload_fault(sparse.tensor.indices).has_value();
  }
  return is_faulty;
}

/// Our reader and protobuf's generated classes agree on what can be read, on what it says, and saving keeps each byte.
inline void reader(std::string_view bytes) {
  onnx::ModelProto proto;
  const bool is_protobuf = parse_or_not(bytes, proto);
  std::string error;
  const std::unique_ptr<Model> model = load_or_null(bytes, &error);
  if (model == nullptr) {
    require(!is_protobuf || is_stricter_by_intent(error), "protobuf reads what we refuse: " + error);
    return;
  }
  require(is_protobuf || has_payload_fault(*model), "we read what protobuf refuses");
  require(save_bytes(*model) == bytes, "a model that was not changed is not written as it was read");
  model->validate();
  if (!is_protobuf) return;
  require(model->ir_version() == proto.ir_version(), "ir_version");
  require(model->producer_name() == proto.producer_name(), "producer_name");
  require(model->doc_string() == proto.doc_string(), "doc_string");
  require(model->functions().size() == static_cast<size_t>(proto.functions_size()), "functions");
  const std::vector<Node*> nodes = model->graph().nodes();
  require(nodes.size() == static_cast<size_t>(proto.graph().node_size()), "nodes");
  for (int i = 0; i < proto.graph().node_size(); ++i) {
    const Node& ours = *nodes[static_cast<size_t>(i)];
    const onnx::NodeProto& theirs = proto.graph().node(i);
    require(ours.op_type() == theirs.op_type() && ours.name() == theirs.name() && ours.domain() == theirs.domain() &&
                ours.inputs().size() == static_cast<size_t>(theirs.input_size()) &&
                ours.outputs().size() == static_cast<size_t>(theirs.output_size()) &&
                ours.attributes().size() == static_cast<size_t>(theirs.attribute_size()),
            "node " + std::to_string(i));
  }
}

/// Every node written anew: what protobuf reads of it says the same as before.
inline void writer(std::string_view bytes) {
  onnx::ModelProto before;
  const std::unique_ptr<Model> model = load_or_null(bytes);
  if (model == nullptr || !parse_or_not(bytes, before)) return;
  Graph& graph = model->graph();
  bool is_sorted = true;
  for_each_graph(graph, [&](const Graph& each) {
    const auto order = each.topological_order();
    is_sorted = is_sorted && order && *order == each.nodes();
  });
  if (!is_sorted) return;  // it would be sorted
  for (Node* node : graph.nodes()) graph.rename_node(*node, std::string(node->name()));
  model->set_doc_string(before.doc_string() + "!");
  const std::string written = save_bytes(*model);
  onnx::ModelProto after;
  require(parse_or_not(written, after), "protobuf does not read what we write");
  after.set_doc_string(before.doc_string());
  before.set_doc_string(before.doc_string());
  std::string difference;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&difference);
  require(differencer.Compare(before, after), "written anew, the model says something else: " + difference);
  const std::unique_ptr<Model> again = load_or_null(written);
  require(again != nullptr && save_bytes(*again) == written, "what we write, we read and write as it is");
}

/// A text that is read can be printed (or is refused), and what is printed is read as the same model. The first byte
/// picks the form.
inline void text(std::string_view bytes) {
  if (bytes.empty()) return;
  constexpr std::array kForms{Form::kTextFormat, Form::kJson, Form::kSyntax};
  const Form form = kForms[static_cast<unsigned char>(bytes[0]) % kForms.size()];
  std::string encoded;
  std::string printed;
  try {
    encoded = encode_form(form, bytes.substr(1));
    printed = print_form(form, encoded).text;
  } catch (const Error&) {
    return;
  }
  std::string again;
  try {
    again = encode_form(form, printed);
  } catch (const Error& error) {
    throw std::logic_error("what is printed is not read: " + std::string(error.what()) + "\n" + printed);
  }
  require(print_form(form, again).text == printed, "what is printed and read is printed as something else: " + printed);
  // The text formats have one NaN, and the syntax has one way to keep elements.
  const bool has_nan = printed.find("nan") != std::string::npos || printed.find("NaN") != std::string::npos;
  if (form != Form::kSyntax && !has_nan) {
    require(again == encoded, "what is printed is read as something else: " + printed);
  }
}

/// check() gives findings or none, and never throws.
inline void checker(std::string_view bytes) {
  if (const std::unique_ptr<Model> model = load_or_null(bytes)) check(*model);
}

/// The same with inference, which never throws either.
inline void inference(std::string_view bytes) {
  const std::unique_ptr<Model> model = load_or_null(bytes);
  if (model == nullptr) return;
  Inference facts(*model);
  facts.run();
  CheckOptions options;
  options.inference = true;
  check(*model, options);
}

}  // namespace surgery::fuzz
