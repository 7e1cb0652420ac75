#include "surgery/infer.h"

#include <utility>

#include "infer/engine.h"

namespace surgery {

Inference::Inference(const Model& model, const InferenceOptions& options)
    : engine_(std::make_unique<infer::Engine>(model, options)) {}
Inference::~Inference() = default;

void Inference::run() { engine_->run(); }
bool Inference::update(const Node& node) { return engine_->update(node); }
void Inference::update_downstream(const Node& node) { engine_->update_downstream(node); }
void Inference::catch_up() { engine_->catch_up(); }
void Inference::assume(const Value& value, Type type) { engine_->assume(value, std::move(type)); }

const Fact& Inference::fact(const Value& value) const { return engine_->fact(value); }

const Shape* Inference::shape(const Value& value) const {
  const Type& type = fact(value).type;
  return type.is_tensor() && type.shape ? &*type.shape : nullptr;
}

DataType Inference::element_type(const Value& value) const {
  const Type& type = fact(value).type;
  return type.is_tensor() ? type.element_type : DataType::kUndefined;
}

std::optional<std::vector<int64_t>> Inference::static_shape(const Value& value) const {
  const Shape* dims = shape(value);
  return dims != nullptr ? static_dims(*dims) : std::nullopt;
}

const std::vector<Contradiction>& Inference::contradictions() const { return engine_->contradictions(); }
const std::vector<std::string>& Inference::errors() const { return engine_->errors(); }
std::vector<ImpossibleNode> Inference::impossible_nodes() const { return engine_->impossible_nodes(); }
const std::vector<std::string>& Inference::unknown_operators() const { return engine_->unknown_operators(); }
bool Inference::is_fresh(std::string_view symbol) const { return engine_->is_fresh(symbol); }

}  // namespace surgery
