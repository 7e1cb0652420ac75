#include <algorithm>
#include <utility>

#include "infer/families.h"
#include "infer/shapes.h"

/// Strings.
namespace surgery::infer {
namespace {

std::optional<Shape> shape_of_input(const InferContext& c) {
  const Shape* shape = c.shape(0);
  return shape != nullptr ? std::optional(*shape) : std::nullopt;
}

void infer_string_concat(InferContext& c) { c.set(0, DataType::kString, broadcast_inputs(c, 0, 2)); }

/// [C] or [1, C]; without stopwords nothing is dropped, but an empty input gives one empty string.
void infer_string_normalizer(InferContext& c) {
  c.set(0, DataType::kString);
  std::optional<Shape> shape = shape_of_input(c);
  if (!shape || shape->empty()) return;
  const std::vector<std::string>* stopwords = c.strings("stopwords");
  const bool drops = stopwords != nullptr && !stopwords->empty();
  if (shape->size() == 2) shape->front() = 1;
  if (drops) {
    shape->back() = Dim();
  } else {
    shape->back() = max(shape->back(), Dim(1));
  }
  c.set(0, DataType::kString, std::move(shape));
}

/// Y has one more axis: the parts of the longest string; Z their numbers.
void infer_string_split(InferContext& c) {
  std::optional<Shape> shape = shape_of_input(c);
  c.set(1, DataType::kInt64, shape);
  if (shape) shape->emplace_back();
  c.set(0, DataType::kString, std::move(shape));
}

void infer_regex_full_match(InferContext& c) { c.set(0, DataType::kBool, shape_of_input(c)); }

/// [C] -> [max_index + 1], [N, C] -> [N, max_index + 1]
void infer_tfidf(InferContext& c) {
  c.set(0, DataType::kFloat);
  const std::optional<Shape> shape = shape_of_input(c);
  const std::vector<int64_t>* indexes = c.ints("ngram_indexes");
  if (!shape || shape->empty()) return;
  Shape result(shape->begin(), shape->end() - 1);
  if (indexes != nullptr && !indexes->empty()) {
    result.push_back(Dim(*std::max_element(indexes->begin(), indexes->end())) + Dim(1));
  } else {
    result.emplace_back();
  }
  c.set(0, DataType::kFloat, std::move(result));
}

constexpr Operator kOperators[] = {
    {"RegexFullMatch", infer_regex_full_match},
    {"StringConcat", infer_string_concat},
    {"StringNormalizer", infer_string_normalizer},
    {"StringSplit", infer_string_split},
    {"TfIdfVectorizer", infer_tfidf},
};

}  // namespace

std::span<const Operator> text_operators() { return kOperators; }

}  // namespace surgery::infer
