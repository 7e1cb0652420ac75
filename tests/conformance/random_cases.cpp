#include "random_cases.h"

#include <cmath>

#include "exec/session.h"
#include "surgery/io.h"
#include "surgery/model.h"

namespace {

using surgery::DataType;
using surgery::Tensor;
using surgery::Type;
using surgery::Value;

constexpr int64_t kDraws = 20000;
constexpr int64_t kTenth = kDraws / 10;

/// In ascending order, 0 and 1 excluded.
double probability(int64_t index) { return (static_cast<double>(index) + 0.5) / static_cast<double>(kDraws); }

template <typename T>
Tensor probabilities(DataType type) {
  Tensor tensor = Tensor::zeros(type, {kDraws});
  for (int64_t i = 0; i < kDraws; ++i)
    tensor.mutable_values<T>()[static_cast<size_t>(i)] = static_cast<T>(probability(i));
  return tensor;
}

/// `of_zero`: the probabilities are those of a 0.
std::string wrong_distribution(const std::vector<double>& draws, bool of_zero) {
  for (int64_t tenth = 0; tenth < 10; ++tenth) {
    double drawn = 0;
    double expected = 0;
    double variance = 0;
    for (int64_t i = tenth * kTenth; i < (tenth + 1) * kTenth; ++i) {
      const double value = draws[static_cast<size_t>(i)];
      if (value != 0 && value != 1) return "draws " + std::to_string(value);
      const double p = of_zero ? 1 - probability(i) : probability(i);
      drawn += value;
      expected += p;
      variance += p * (1 - p);
    }
    if (std::abs(drawn - expected) > 5 * std::sqrt(variance)) {
      return std::to_string(drawn) + " ones where " + std::to_string(expected) + " are likely";
    }
  }
  return {};
}

}  // namespace

bool is_bernoulli(const std::string& name) { return name.starts_with("test_bernoulli"); }

std::string wrong_draws(const exec::TestCase& test_case) {
  const std::unique_ptr<surgery::Model> model = surgery::load(test_case.model);
  Value& input = *model->graph().inputs()[0];
  Value& output = *model->graph().outputs()[0];
  exec::DataSet data = exec::load_data_set(*model, test_case.data_sets.at(0));
  const exec::Values found = exec::Session(*model, {}).run_values(std::move(data.inputs));
  const Tensor& drawn = found.at(output.name()).tensor();
  const Tensor& expected = data.outputs.at(0).tensor();
  if (drawn.type() != expected.type() || drawn.dims() != expected.dims()) return "another type or shape";

  const DataType type = input.type().element_type;
  model->graph().set_type(input, Type::tensor(type));
  model->graph().set_type(output, Type::tensor(output.type().element_type));
  exec::Values many;
  many[input.name()] = type == DataType::kDouble ? probabilities<double>(type) : probabilities<float>(type);
  const exec::Values draws = exec::Session(*model, {}).run_values(std::move(many));
  // The body that the standard gives compares the wrong way round: its models draw a 1 with probability 1 - x.
  const bool is_body = test_case.name.ends_with("_expanded");
  return wrong_distribution(draws.at(output.name()).tensor().to_doubles().value(), is_body);
}
