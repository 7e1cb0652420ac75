#include "exec/inputs.h"

#include <algorithm>

#include "exec/value_file.h"
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

/// The number that some exporters write as the name of a dimension.
std::optional<int64_t> number_of(const Dim& symbol) {
  const auto number = surgery::parse_int(symbol.to_string());
  return number && *number > 0 ? number : std::nullopt;
}

/// The size of an open dimension that nothing binds.
int64_t default_size(size_t axis, size_t rank, const InputSpec& spec) {
  if (axis == 0) return spec.default_batch;
  if (spec.default_dim > 0) return spec.default_dim;
  return rank >= 4 && axis >= 2 ? kImageSide : kSequence;
}

std::vector<int64_t> choose_dims(const Value& input, const surgery::Type& type, const InputSpec& spec,
                                 Dim::Bindings& bindings) {
  if (!type.is_tensor() || !type.shape) {
    throw Error(ErrorCode::kUsage, "input " + surgery::quote(input.name()) + " is declared as " +
                                       to_string(input.type()) + ": its shape is not known; give it with --input");
  }
  const Shape& shape = *type.shape;
  std::vector<int64_t> dims;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const Dim& dim = shape[axis];
    if (dim.is_plain_symbol()) {
      const int64_t size = number_of(dim).value_or(default_size(axis, shape.size(), spec));
      bindings.try_emplace(dim.to_string(), size);
    }
    dims.push_back(dim.evaluate(bindings).value_or(default_size(axis, shape.size(), spec)));
  }
  return dims;
}

/// A seeded value of the type: a sequence of two elements, a map of a few keys, an optional that holds something.
/// `part` tells the parts of one input from each other.
Datum make_value(const Value& input, const surgery::Type& type, const std::string& part, const InputSpec& spec,
                 Dim::Bindings& bindings) {
  using Kind = surgery::Type::Kind;
  if (type.kind == Kind::kOptional && type.inner) return make_value(input, *type.inner, part, spec, bindings);
  const auto named = spec.ranges.find(input.name());
  const auto bounds = named != spec.ranges.end() ? named : spec.ranges.find("");
  const auto range = bounds == spec.ranges.end() ? std::nullopt : std::optional(bounds->second);
  if (type.kind == Kind::kSequence && type.inner) {
    Sequence sequence{without_shape(*type.inner), {}};
    for (const char* suffix : {"[0]", "[1]"}) {
      sequence.elements.push_back(make_value(input, *type.inner, part + suffix, spec, bindings));
    }
    return Datum(std::move(sequence));
  }
  if (type.kind == Kind::kMap && type.inner && type.inner->is_tensor()) {
    const Tensor keys = type.element_type == surgery::DataType::kString ? Tensor::from_strings({2}, {"a", "b"})
                                                                        : Tensor::vector(std::vector<int64_t>{0, 1});
    return Datum(make_map(keys, seeded_values(part, type.inner->element_type, {2}, spec.seed, range)));
  }
  return seeded_values(part, type.element_type, choose_dims(input, type, spec, bindings), spec.seed, range);
}

/// "FILE:float[1,3]" taken apart; nothing for anything else.
struct RawFile {
  std::string_view path;
  surgery::DataType type;
  std::vector<int64_t> dims;
};

std::optional<RawFile> parse_raw(std::string_view text) {
  const size_t colon = text.rfind(':');
  const size_t bracket = text.rfind('[');
  if (colon == std::string_view::npos || bracket == std::string_view::npos || bracket < colon || text.back() != ']') {
    return std::nullopt;
  }
  const auto type = surgery::parse_data_type(text.substr(colon + 1, bracket - colon - 1));
  if (!type) return std::nullopt;
  RawFile raw{text.substr(0, colon), *type, {}};
  std::string_view list = text.substr(bracket + 1, text.size() - bracket - 2);
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const auto dim = surgery::parse_int(list.substr(0, comma));
    if (!dim || *dim < 0) return std::nullopt;
    raw.dims.push_back(*dim);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return raw;
}

bool is_image(const std::filesystem::path& path) {
  constexpr std::string_view kExtensions[] = {".bmp", ".j2k", ".jp2", ".jpeg", ".jpg",  ".pbm", ".pgm",
                                              ".png", ".pnm", ".ppm", ".tif",  ".tiff", ".webp"};
  const std::string extension = path.extension().string();
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) != std::end(kExtensions);
}

/// Fits the picture to an input [N, C, H, W] or [N, H, W, C] of 1 or 3 channels.
Tensor load_picture(const Value& input, std::string_view file, ImageOptions images) {
  using Layout = ImageOptions::Layout;
  const auto& shape = input.type().shape;
  const bool is_picture = shape && shape->size() == 4 && input.type().element_type == surgery::DataType::kFloat;
  const auto channels_at = [&](size_t axis) {
    const Dim& dim = (*shape)[axis];
    return dim.is(1) || dim.is(3) ? static_cast<int>(dim.value()) : 0;
  };
  int channels = 0;
  if (is_picture && images.layout == Layout::kDeclared) {
    images.layout = channels_at(1) > 0 ? Layout::kChannelsFirst : Layout::kChannelsLast;
  }
  if (is_picture) channels = channels_at(images.layout == Layout::kChannelsLast ? 3 : 1);
  if (channels == 0) {
    throw Error(ErrorCode::kUsage, surgery::escape(file) +
                                       ": an image fits a float input of shape [N, 1 or 3, H, W] or [N, H, W, 1 or 3],"
                                       " not " +
                                       surgery::quote(input.name()) + " of type " + to_string(input.type()));
  }
  const size_t height_axis = images.layout == Layout::kChannelsLast ? 1 : 2;
  const auto declared = [&](size_t axis) { return (*shape)[axis].is_known() ? (*shape)[axis].value() : 0; };
  if (images.resizes && images.height == 0) images.height = declared(height_axis);
  if (images.resizes && images.width == 0) images.width = declared(height_axis + 1);
  return load_image(file, channels, images);
}

}  // namespace

const Value& find_input(const Model& model, std::string_view name) {
  for (const Value* input : model.graph().inputs()) {
    if (input->name() == name) return *input;
  }
  throw Error(ErrorCode::kUsage,
              "the model has no input " + surgery::quote(name) + surgery::suggestion(name, input_names(model)));
}

Values make_inputs(const Model& model, const Values& given, const InputSpec& spec) {
  Dim::Bindings bindings = spec.dims;
  for (const auto& [name, value] : given) {
    if (value.is_tensor()) bind_symbols(find_input(model, name), value.tensor(), bindings);
  }
  Values inputs = given;
  for (const Value* input : model.graph().inputs()) {
    if (input->is_initializer() || inputs.contains(input->name())) continue;
    inputs.emplace(input->name(), make_value(*input, input->type(), input->name(), spec, bindings));
  }
  return inputs;
}

Datum load_input(const Model& model, std::string_view input_name, std::string_view file, const ImageOptions& images) {
  const Value& input = find_input(model, input_name);
  const std::filesystem::path path(file);
  if (path.extension() == ".pb") return load_value_proto(path, input.type());
  if (is_image(path)) return load_picture(input, file, images);
  if (std::optional<RawFile> raw = parse_raw(file)) return load_raw(raw->path, raw->type, std::move(raw->dims));
  return load_tensor(file, input_name);
}

}  // namespace exec
