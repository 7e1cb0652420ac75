#include <algorithm>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// ai.onnx.ml: classical models and feature extraction. Data is [N, C], or [C] for one sample.
namespace surgery::infer {
namespace {

Dim num_samples(const InferContext& c) {
  if (!c.rank(0)) return {};
  return *c.rank(0) == 1 ? Dim(1) : c.dim(0, 0);
}

std::optional<Shape> shape_of_input(const InferContext& c) {
  const Shape* shape = c.shape(0);
  return shape != nullptr ? std::optional(*shape) : std::nullopt;
}

void infer_same(InferContext& c) { same_type(c, 0, 0); }
void infer_float(InferContext& c) { c.set(0, DataType::kFloat, shape_of_input(c)); }

/// X [..., C], Y indices -> [..., number of indices]; [C] counts as [1, C].
void infer_array_feature_extractor(InferContext& c) {
  const DataType type = c.element_type(0);
  c.set(0, type);
  const Shape* data = c.shape(0);
  const Shape* indices = c.shape(1);
  if (data == nullptr || data->empty()) return;
  Shape shape(data->begin(), data->end() - 1);
  if (shape.empty()) shape.emplace_back(1);
  shape.push_back(indices != nullptr ? num_elements(*indices) : Dim());
  c.set(0, type, std::move(shape));
}

/// map(int64, T) -> [1, C]: C is max_map in sparse form, the size of the map in dense form.
void infer_cast_map(InferContext& c) {
  const std::string to = c.string_or("cast_to", "TO_FLOAT");
  const DataType type = to == "TO_STRING" ? DataType::kString : to == "TO_INT64" ? DataType::kInt64 : DataType::kFloat;
  const bool sparse = c.string_or("map_form", "DENSE") == "SPARSE";
  c.set(0, type, Shape{1, sparse ? Dim(c.int_or("max_map", 1)) : Dim()});
}

void infer_category_mapper(InferContext& c) {
  c.set(0, c.element_type(0) == DataType::kString ? DataType::kInt64 : DataType::kString, shape_of_input(c));
}

void infer_dict_vectorizer(InferContext& c) {
  const Type& map = c.type(0);
  const DataType type = map.inner != nullptr ? map.inner->element_type : DataType::kUndefined;
  Dim size;
  if (const auto* words = c.strings("string_vocabulary")) size = Dim(static_cast<int64_t>(words->size()));
  if (const auto* numbers = c.ints("int64_vocabulary")) size = Dim(static_cast<int64_t>(numbers->size()));
  c.set(0, type, Shape{1, size});
}

void infer_feature_vectorizer(InferContext& c) {
  Dim features;
  if (const std::vector<int64_t>* sizes = c.ints("inputdimensions")) {
    features = 0;
    for (const int64_t size : *sizes) features = features + Dim(size);
  }
  c.set(0, DataType::kFloat, Shape{num_samples(c), features});
}

void infer_label_encoder(InferContext& c) {
  DataType type = DataType::kUndefined;
  if (c.opset() < 2) {
    type = c.element_type(0) == DataType::kString ? DataType::kInt64 : DataType::kString;
  } else if (const Tensor* values = c.tensor("values_tensor")) {
    type = values->type();
  } else if (c.attribute("values_strings") != nullptr) {
    type = DataType::kString;
  } else if (c.attribute("values_int64s") != nullptr) {
    type = DataType::kInt64;
  } else if (c.attribute("values_floats") != nullptr) {
    type = DataType::kFloat;
  }
  c.set(0, type, shape_of_input(c));
}

/// The labels' type and number, by whichever list has them.
struct Labels {
  DataType type = DataType::kInt64;
  int64_t count = 0;
};

Labels read_labels(const InferContext& c, std::string_view strings_name) {
  const std::vector<std::string>* strings = c.strings(strings_name);
  if (strings != nullptr && !strings->empty()) return {DataType::kString, static_cast<int64_t>(strings->size())};
  const bool is_linear = c.node().op_type() == "LinearClassifier";
  const std::vector<int64_t>* numbers = c.ints(is_linear ? "classlabels_ints" : "classlabels_int64s");
  if (numbers == nullptr) numbers = c.ints("classlabels_ints");
  return {DataType::kInt64, numbers != nullptr ? static_cast<int64_t>(numbers->size()) : 0};
}

void set_classification(InferContext& c, DataType labels, const Dim& scores) {
  c.set(0, labels, Shape{num_samples(c)});
  c.set(1, DataType::kFloat, Shape{num_samples(c), scores});
}

/// One set of coefficients per class; for two labels one set may serve, and still gives two scores.
void infer_linear_classifier(InferContext& c) {
  const Labels labels = read_labels(c, "classlabels_strings");
  Dim scores;
  if (const std::vector<float>* intercepts = c.floats("intercepts"); intercepts != nullptr && !intercepts->empty()) {
    const auto count = static_cast<int64_t>(intercepts->size());
    scores = count == 1 && labels.count == 2 ? 2 : count;
  }
  set_classification(c, labels.type, scores);
}

void infer_linear_regressor(InferContext& c) {
  c.set(0, DataType::kFloat, Shape{num_samples(c), c.int_or("targets", 1)});
}

/// With probabilities one score per class, otherwise one per pair of classes, which runtimes lay out differently.
void infer_svm_classifier(InferContext& c) {
  const Labels labels = read_labels(c, "classlabels_strings");
  const std::vector<float>* probabilities = c.floats("prob_a");
  const bool per_class = probabilities != nullptr && !probabilities->empty() && labels.count > 0;
  set_classification(c, labels.type, per_class ? Dim(labels.count) : Dim());
}

void infer_svm_regressor(InferContext& c) { c.set(0, DataType::kFloat, Shape{num_samples(c), 1}); }

void infer_tree_classifier(InferContext& c) {
  const Labels labels = read_labels(c, "classlabels_strings");
  set_classification(c, labels.type, labels.count > 0 ? Dim(labels.count) : Dim());
}

void infer_tree_regressor(InferContext& c) {
  c.set(0, DataType::kFloat, Shape{num_samples(c), c.int_or("n_targets", 1)});
}

/// TreeEnsemble-5
void infer_tree_ensemble(InferContext& c) {
  c.set(0, c.element_type(0), Shape{num_samples(c), c.int_or("n_targets", 1)});
}

/// One more axis: the categories.
void infer_one_hot_encoder(InferContext& c) {
  Dim categories;
  if (const auto* strings = c.strings("cats_strings")) categories = Dim(static_cast<int64_t>(strings->size()));
  if (const auto* numbers = c.ints("cats_int64s"); numbers != nullptr && !numbers->empty()) {
    categories = Dim(static_cast<int64_t>(numbers->size()));
  }
  std::optional<Shape> shape = shape_of_input(c);
  if (shape) shape->push_back(categories);
  c.set(0, DataType::kFloat, std::move(shape));
}

void infer_zip_map(InferContext& c) {
  const std::vector<std::string>* strings = c.strings("classlabels_strings");
  const bool by_name = strings != nullptr && !strings->empty();
  c.set(0, Type::sequence(
               Type::map(by_name ? DataType::kString : DataType::kInt64, Type::tensor(DataType::kFloat, Shape{}))));
}

constexpr std::string_view kDomain = "ai.onnx.ml";
constexpr Operator kOperators[] = {
    {"ArrayFeatureExtractor", infer_array_feature_extractor, kDomain},
    {"Binarizer", infer_same, kDomain},
    {"CastMap", infer_cast_map, kDomain},
    {"CategoryMapper", infer_category_mapper, kDomain},
    {"DictVectorizer", infer_dict_vectorizer, kDomain},
    {"FeatureVectorizer", infer_feature_vectorizer, kDomain},
    {"Imputer", infer_same, kDomain},
    {"LabelEncoder", infer_label_encoder, kDomain},
    {"LinearClassifier", infer_linear_classifier, kDomain},
    {"LinearRegressor", infer_linear_regressor, kDomain},
    {"Normalizer", infer_float, kDomain},
    {"OneHotEncoder", infer_one_hot_encoder, kDomain},
    {"SVMClassifier", infer_svm_classifier, kDomain},
    {"SVMRegressor", infer_svm_regressor, kDomain},
    {"Scaler", infer_float, kDomain},
    {"TreeEnsemble", infer_tree_ensemble, kDomain},
    {"TreeEnsembleClassifier", infer_tree_classifier, kDomain},
    {"TreeEnsembleRegressor", infer_tree_regressor, kDomain},
    {"ZipMap", infer_zip_map, kDomain},
};

}  // namespace

std::span<const Operator> ml_operators() { return kOperators; }

}  // namespace surgery::infer
