#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "surgery/tensor.h"
#include "surgery/type.h"

namespace exec {

using surgery::Tensor;

struct Sequence;
struct Map;

/// What a run works on: nearly always a tensor, else a sequence, a map, or the optional that holds nothing. An optional
/// that holds something is what it holds. A value type; copies share what they hold.
class Datum {
 public:
  Datum() = default;
  Datum(Tensor tensor);  // NOLINT(google-explicit-constructor): a tensor is the common case of a datum
  explicit Datum(Sequence sequence);
  explicit Datum(Map map);
  /// The optional that holds nothing; `element` is the type that it could hold.
  static Datum nothing(surgery::Type element);

  bool is_defined() const { return !std::holds_alternative<std::monostate>(content_); }
  bool is_tensor() const { return std::holds_alternative<Tensor>(content_); }
  bool is_sequence() const { return std::holds_alternative<std::shared_ptr<const Sequence>>(content_); }
  bool is_map() const { return std::holds_alternative<std::shared_ptr<const Map>>(content_); }
  bool is_nothing() const { return std::holds_alternative<Nothing>(content_); }

  /// What it holds. Require is_tensor(), is_sequence(), is_map().
  const Tensor& tensor() const { return std::get<Tensor>(content_); }
  Tensor& tensor() { return std::get<Tensor>(content_); }
  const Sequence& sequence() const { return *std::get<std::shared_ptr<const Sequence>>(content_); }
  const Map& map() const { return *std::get<std::shared_ptr<const Map>>(content_); }
  /// The tensor, or an undefined one where there is none.
  Tensor tensor_if() const;
  /// The sequence for changing: itself where nobody else holds it, else a copy of its own. Requires is_sequence().
  Sequence& mutable_sequence();

  /// Oracle mode keeps the model's floating values, float16, bfloat16 and float, as double. Then the element type that
  /// the model has for them: in a tensor, a sequence, the values of a map, or what an optional could hold. kUndefined
  /// for what is kept in its own type.
  surgery::DataType model_type() const { return model_type_; }
  void set_model_type(surgery::DataType type) { model_type_ = type; }

  /// "float[1, 10]", "sequence(int64[])", "map(string, float)", "optional(...)" of nothing, "?" when not defined.
  surgery::Type type() const;

 private:
  friend class MemoryMeter;
  struct Nothing {
    surgery::Type element;
  };

  std::variant<std::monostate, Tensor, std::shared_ptr<const Sequence>, std::shared_ptr<const Map>, Nothing> content_;
  surgery::DataType model_type_ = surgery::DataType::kUndefined;
};

/// Any number of values of one type; of tensors only the element type has to agree.
struct Sequence {
  surgery::Type element_type;  ///< without a shape; unknown where nothing says it
  std::vector<Datum> elements;
};

/// Keys with a scalar each. Invariants: both tensors have the shape [n]; keys are int64 (or another integer) or string,
/// ascending, each once.
struct Map {
  Tensor keys;
  Tensor values;
};

/// The values of a run, or given to one, by name.
using Values = std::map<std::string, Datum, std::less<>>;

/// A type without what may differ between the elements of a sequence: the shapes.
surgery::Type without_shape(surgery::Type type);

/// Whether `datum` may be a value that is declared as `type`: symbols and unknown parts take anything.
bool fits(const Datum& datum, const surgery::Type& type);

/// The map of these keys and values, [n] each, in any order; of a key that comes twice the last value. Throws
/// Error(kRead) where keys are neither integers nor strings, or the counts differ.
Map make_map(const Tensor& keys, const Tensor& values);

}  // namespace exec
