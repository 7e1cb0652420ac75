#include "exec/inputs.h"

#include "runtime/input_values.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Dim;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Model;
using surgery::Shape;
using surgery::Value;

constexpr int64_t kImageSide = 64;  // a multiple of the strides of common networks
constexpr int64_t kSequence = 8;

std::vector<std::string> input_names(const Model& model) {
  std::vector<std::string> names;
  for (const Value* input : model.graph().inputs()) names.push_back(input->name());
  return names;
}

const Value& find_input(const Model& model, std::string_view name) {
  for (const Value* input : model.graph().inputs()) {
    if (input->name() == name) return *input;
  }
  throw Error(ErrorCode::kUsage,
              "the model has no input " + surgery::quote(name) + surgery::suggestion(name, input_names(model)));
}

/// Takes the sizes that a given tensor has for the symbols of the input's shape.
void bind_symbols(const Value& input, const Tensor& tensor, Dim::Bindings& bindings) {
  const auto& shape = input.type().shape;
  if (!shape || shape->size() != tensor.dims().size()) return;  // Session refuses it with found and expected
  for (size_t i = 0; i < shape->size(); ++i) {
    const Dim& dim = (*shape)[i];
    if (!dim.is_plain_symbol()) continue;
    const auto [bound, is_new] = bindings.try_emplace(dim.to_string(), tensor.dims()[i]);
    if (is_new || bound->second == tensor.dims()[i]) continue;
    throw Error(ErrorCode::kUsage, "input " + surgery::quote(input.name()) + ": dimension " +
                                       surgery::quote(bound->first) + " is " + std::to_string(tensor.dims()[i]) +
                                       " here and " + std::to_string(bound->second) + " elsewhere");
  }
}

/// The size of an open dimension that nothing binds.
int64_t default_size(size_t axis, size_t rank, const InputSpec& spec) {
  if (axis == 0) return spec.default_batch;
  if (spec.default_dim > 0) return spec.default_dim;
  return rank >= 4 && axis >= 2 ? kImageSide : kSequence;
}

std::vector<int64_t> choose_dims(const Value& input, const InputSpec& spec, Dim::Bindings& bindings) {
  if (!input.type().is_tensor() || !input.type().shape) {
    throw Error(ErrorCode::kUsage, "input " + surgery::quote(input.name()) + " is declared as " +
                                       to_string(input.type()) + ": its shape is not known; give it with --input");
  }
  const Shape& shape = *input.type().shape;
  std::vector<int64_t> dims;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const Dim& dim = shape[axis];
    if (dim.is_plain_symbol()) bindings.try_emplace(dim.to_string(), default_size(axis, shape.size(), spec));
    dims.push_back(dim.evaluate(bindings).value_or(default_size(axis, shape.size(), spec)));
  }
  return dims;
}

}  // namespace

Values make_inputs(const Model& model, const Values& given, const InputSpec& spec) {
  Dim::Bindings bindings = spec.dims;
  for (const auto& [name, value] : given) {
    if (value.is_tensor()) bind_symbols(find_input(model, name), value.tensor(), bindings);
  }
  Values inputs = given;
  for (const Value* input : model.graph().inputs()) {
    if (input->is_initializer() || inputs.contains(input->name())) continue;
    std::vector<int64_t> dims = choose_dims(*input, spec, bindings);
    inputs.emplace(input->name(), seeded_values(input->name(), input->type().element_type, std::move(dims), spec.seed));
  }
  return inputs;
}

Tensor load_input(const Model& model, std::string_view input_name, std::string_view file) {
  const Value& input = find_input(model, input_name);
  const std::string extension = std::filesystem::path(file).extension().string();
  if (extension != ".png" && extension != ".jpg" && extension != ".jpeg") return load_tensor(file, input_name);
  const auto& shape = input.type().shape;
  const bool is_image = shape && shape->size() == 4 && input.type().element_type == surgery::DataType::kFloat;
  const auto& channels = is_image ? (*shape)[1] : Dim();
  if (!channels.is(1) && !channels.is(3)) {
    throw Error(ErrorCode::kUsage, surgery::escape(file) +
                                       ": an image fits a float input of shape [N, 1 or 3, H, W], not " +
                                       surgery::quote(input_name) + " of type " + to_string(input.type()));
  }
  return load_image(file, static_cast<int>(channels.value()));
}

}  // namespace exec
