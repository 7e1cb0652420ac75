#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "surgery/tensor.h"
#include "surgery/type.h"

namespace surgery {

class Graph;

/// AttributeProto.AttributeType, with its numbers.
enum class AttributeType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparseTensor = 11,
  kSparseTensors = 12,
  kTypeProto = 13,
  kTypeProtos = 14,
};

std::string_view to_string(AttributeType type);

/// A sparse tensor as it is stored: values [nnz] and indices [nnz] or [nnz, rank] of the dense shape `dims`.
struct SparseTensor {
  Tensor values;
  Tensor indices;
  std::vector<int64_t> dims;
};

/// A named constant of a node. Move-only, since it may own subgraphs.
class Attribute {
 public:
  /// The rare sparse tensor is kept elsewhere: a model has hundreds of thousands of attributes, each as large as the
  /// largest of these.
  using Payload = std::variant<std::monostate, float, int64_t, std::string, Tensor, std::unique_ptr<Graph>,
                               std::vector<float>, std::vector<int64_t>, std::vector<std::string>, std::vector<Tensor>,
                               std::vector<std::unique_ptr<Graph>>, std::shared_ptr<const SparseTensor>,
                               std::vector<SparseTensor>, Type, std::vector<Type>>;

  Attribute(std::string name, float value);
  Attribute(std::string name, int64_t value);
  Attribute(std::string name, std::string value);
  Attribute(std::string name, Tensor value);
  Attribute(std::string name, std::vector<int64_t> values);
  Attribute(std::string name, std::vector<float> values);
  Attribute(std::string name, std::vector<std::string> values);
  /// What a file says, unchecked: `type` and `payload` may disagree. `source`: where it was read; nullptr: a new one.
  Attribute(std::string name, AttributeType type, Payload payload, std::string ref_attr_name, std::string_view source);
  ~Attribute();
  Attribute(Attribute&&) noexcept;
  Attribute& operator=(Attribute&&) noexcept;

  const std::string& name() const { return name_; }
  AttributeType type() const { return type_; }
  /// In a function body: the function's attribute whose value this one takes; empty elsewhere.
  const std::string& ref_attr_name() const { return ref_attr_name_; }

  /// The payload if it is of that kind, otherwise nullptr.
  template <typename T>
  const T* get_if() const {
    if constexpr (std::is_same_v<T, SparseTensor>) {
      const auto* sparse = std::get_if<std::shared_ptr<const SparseTensor>>(&payload_);
      return sparse != nullptr ? sparse->get() : nullptr;
    } else {
      return std::get_if<T>(&payload_);
    }
  }
  const Payload& payload() const { return payload_; }

  /// The subgraphs it owns: none, one, or several.
  std::span<const std::unique_ptr<Graph>> graphs() const;

  /// The encoded AttributeProto that it was read from; empty when it was made here.
  std::string_view source() const { return source_; }

 private:
  std::string name_;
  AttributeType type_ = AttributeType::kUndefined;
  Payload payload_;
  std::string ref_attr_name_;
  std::string_view source_;
};

/// A copy. Requires an attribute without subgraphs.
Attribute copy_of(const Attribute& attribute);

/// "3", "[1, 1]", "'same'", "float[2, 2]{...}": what listings show, at most about 60 characters.
std::string to_string(const Attribute& attribute);

}  // namespace surgery
