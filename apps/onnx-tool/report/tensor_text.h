#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/json.h"
#include "surgery/tensor.h"
#include "surgery/type.h"

namespace app {

/// One class of a row of scores.
struct RankedClass {
  int64_t index;
  double score;
};
using Ranking = std::vector<RankedClass>;

/// The `count` best classes of each row of scores [N, C] (or [C], one row), best first, the lower index first among
/// equals; empty for tensors of another rank or type, or without elements.
std::vector<Ranking> rank_classes(const surgery::Tensor& scores, int64_t count);

/// "float[1, 10]"
std::string type_text(const surgery::Tensor& tensor);
/// "float[N, 10]", names of symbols escaped, cut to 120 characters.
std::string type_text(const surgery::Type& type);

/// The elements of a tensor of at most 16: "1, 2, 3"; empty for a larger one.
std::string elements_text(const surgery::Tensor& tensor);

/// A line with name, type and range, then for few rows of scores their `top` best classes, or for small tensors the
/// elements.
std::string tensor_text(const std::string& name, const surgery::Tensor& tensor, int64_t top);

/// An element of a tensor of that type (or the least or largest one): an integer of integers, also where it went
/// through a double.
Json element_json(double value, surgery::DataType type);

/// The same as an object; elements of tensors of up to 4096 elements under "values", flat.
Json tensor_json(const std::string& name, const surgery::Tensor& tensor, int64_t top);

}  // namespace app
