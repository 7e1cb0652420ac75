#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surgery/data_type.h"
#include "surgery/error.h"

namespace surgery {

/// Where the elements of a tensor are kept. Implementations: owned bytes, a view into a mapped file, typed protobuf
/// fields decoded on first use, a slice of an external data file mapped on first use, strings.
/// Thread-safe: bytes() may be called from several threads.
class TensorStorage {
 public:
  virtual ~TensorStorage() = default;
  /// The elements in raw_data's form: row-major, little-endian, sub-byte types packed low bits first. Valid as long as
  /// the storage lives. Throws Error(kRead) when the data cannot be had (a missing external file, a short payload).
  virtual std::span<const std::byte> bytes() const = 0;
  /// Says that the elements are not needed for a while: those that lie in a file need not stay in memory. Whoever reads
  /// them, then or later, finds them as they were.
  virtual void release() const {}
  /// Elements of a string tensor; empty for every other type.
  virtual std::span<const std::string> strings() const { return {}; }
  /// Where external data lies, for reports: "weights.bin", "" for everything else.
  virtual std::string_view external_location() const { return {}; }
};

/// A dense tensor: element type, dims, and elements that are shared, immutable and read lazily.
/// A value type; copies share the storage.
class Tensor {
 public:
  Tensor() = default;
  /// Takes what a file says; `storage` may still fail when it is read.
  Tensor(DataType type, std::vector<int64_t> dims, std::shared_ptr<const TensorStorage> storage);

  /// Owned zero-filled elements, 64-byte aligned; the only mutable form. Throws Error(kUnsupported) when the size
  /// overflows or cannot be allocated. Strings start empty.
  static Tensor zeros(DataType type, std::vector<int64_t> dims);
  /// The same for a caller who writes every element: what they are before is not said.
  static Tensor uninitialized(DataType type, std::vector<int64_t> dims);
  static Tensor from_strings(std::vector<int64_t> dims, std::vector<std::string> values);
  template <typename T>
  static Tensor from_values(DataType type, std::vector<int64_t> dims, std::span<const T> values);
  static Tensor scalar(float value);
  static Tensor scalar(int64_t value);
  static Tensor vector(std::span<const int64_t> values);  ///< int64, shape [values.size()]

  bool is_defined() const { return type_ != DataType::kUndefined; }
  DataType type() const { return type_; }
  const std::vector<int64_t>& dims() const { return dims_; }
  int64_t rank() const { return static_cast<int64_t>(dims_.size()); }
  /// Product of the dims; 1 for a scalar. Checked when the tensor is made: cannot overflow.
  int64_t num_elements() const { return num_elements_; }
  int64_t size_bytes() const;  ///< of the raw form; total characters for strings

  std::span<const std::byte> bytes() const;
  std::span<const std::string> strings() const;
  /// The elements as T, whose size must be that of one element. Requires is_aligned().
  template <typename T>
  std::span<const T> values() const;
  /// Whether bytes() starts at a multiple of the element size (a payload inside a file need not).
  bool is_aligned() const;
  /// This tensor if it is aligned, otherwise an owned copy.
  Tensor aligned() const;

  /// The elements for writing. Requires a tensor made by zeros() or from_*() that no copy shares.
  std::span<std::byte> mutable_bytes();
  std::span<std::string> mutable_strings();
  template <typename T>
  std::span<T> mutable_values();

  /// The same elements under other dims with the same product; shares the storage.
  Tensor reshaped(std::vector<int64_t> dims) const;

  /// Elements as int64 for integer and bool types of 8 bits or more; nothing for other types or over `limit` elements.
  std::optional<std::vector<int64_t>> to_int64s(int64_t limit = 4096) const;
  /// Elements as double for every real type of 8 bits or more (float16 and bfloat16 included); nothing for others or
  /// over `limit` elements.
  std::optional<std::vector<double>> to_doubles(int64_t limit = INT64_MAX) const;

  const std::shared_ptr<const TensorStorage>& storage() const { return storage_; }

 private:
  static Tensor owned(DataType type, std::vector<int64_t> dims, bool zeroed);

  DataType type_ = DataType::kUndefined;
  std::vector<int64_t> dims_;
  int64_t num_elements_ = 0;
  std::shared_ptr<const TensorStorage> storage_;
};

/// True when type, dims and every bit of the elements are equal (NaNs with the same bits too).
bool identical(const Tensor& a, const Tensor& b);

/// Product of dims; nothing for a negative dim or on overflow of 63 bits.
std::optional<int64_t> checked_product(std::span<const int64_t> dims);

float half_to_float(uint16_t half);   ///< IEEE 754 binary16
uint16_t float_to_half(float value);  ///< rounds to nearest even
float bfloat16_to_float(uint16_t value);
uint16_t float_to_bfloat16(float value);  ///< rounds to nearest even; a NaN stays one

template <typename T>
Tensor Tensor::from_values(DataType type, std::vector<int64_t> dims, std::span<const T> values) {
  Tensor tensor = zeros(type, std::move(dims));
  std::span<T> target = tensor.mutable_values<T>();
  SURGERY_ASSERT(target.size() == values.size(), "as many values as elements");
  for (size_t i = 0; i < values.size(); ++i) target[i] = values[i];
  return tensor;
}

template <typename T>
std::span<const T> Tensor::values() const {
  SURGERY_ASSERT(bit_width(type_) == static_cast<int>(8 * sizeof(T)), "element size");
  const std::span<const std::byte> raw = bytes();
  SURGERY_ASSERT(reinterpret_cast<uintptr_t>(raw.data()) % alignof(T) == 0, "alignment");
  return {reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T)};
}

template <typename T>
std::span<T> Tensor::mutable_values() {
  SURGERY_ASSERT(bit_width(type_) == static_cast<int>(8 * sizeof(T)), "element size");
  const std::span<std::byte> raw = mutable_bytes();
  return {reinterpret_cast<T*>(raw.data()), raw.size() / sizeof(T)};
}

}  // namespace surgery
