#include "surgery/tensor.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <functional>

namespace surgery {
namespace {

constexpr size_t kAlignment = 64;
/// More than any machine can address: refused without asking for it.
constexpr size_t kMaxBytes = size_t{1} << 46;

/// What uninitialized elements hold in builds with assertions: a number that nobody expects.
constexpr int kUninitialized = 0xA5;

/// `size` bytes to be freed, or nullptr. Zeroed ones come from calloc, which for large ones needs no pass over them.
void* allocate(size_t size, bool zeroed) {
  if (size > kMaxBytes) return nullptr;
  if (zeroed) return std::calloc(1, size);
  void* block = std::malloc(size);
#ifndef NDEBUG
  if (block != nullptr) std::memset(block, kUninitialized, size);
#endif
  return block;
}

/// Elements made by this program.
class OwnedBytes final : public TensorStorage {
 public:
  OwnedBytes(size_t size, bool zeroed) : size_(size), block_(allocate(size + kAlignment, zeroed), &std::free) {
    if (block_ == nullptr) {
      throw Error(ErrorCode::kUnsupported, "a tensor of " + std::to_string(size) + " bytes does not fit into memory");
    }
    const auto address = reinterpret_cast<uintptr_t>(block_.get());
    data_ = reinterpret_cast<std::byte*>((address + kAlignment - 1) / kAlignment * kAlignment);
  }

  std::span<const std::byte> bytes() const override { return {data_, size_}; }
  std::span<std::byte> writable() const { return {data_, size_}; }

 private:
  size_t size_;
  std::unique_ptr<void, decltype(&std::free)> block_;
  std::byte* data_;
};

class OwnedStrings final : public TensorStorage {
 public:
  explicit OwnedStrings(std::vector<std::string> values) : values_(std::move(values)) {}

  std::span<const std::byte> bytes() const override { return {}; }
  std::span<const std::string> strings() const override { return values_; }
  std::span<std::string> writable() const { return values_; }

 private:
  mutable std::vector<std::string> values_;  // written only while one tensor owns the storage
};

template <typename T>
T load_unaligned(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

/// Calls `use(value)` for each element as the C++ type that holds it; false for types without one.
template <typename Use>
bool for_each_real(DataType type, std::span<const std::byte> raw, Use&& use) {
  const auto walk = [&]<typename T>(std::type_identity<T>) {
    for (size_t i = 0; i + sizeof(T) <= raw.size(); i += sizeof(T)) use(load_unaligned<T>(raw.data() + i));
    return true;
  };
  switch (type) {
    case DataType::kFloat:
      return walk(std::type_identity<float>{});
    case DataType::kDouble:
      return walk(std::type_identity<double>{});
    case DataType::kInt8:
      return walk(std::type_identity<int8_t>{});
    case DataType::kInt16:
      return walk(std::type_identity<int16_t>{});
    case DataType::kInt32:
      return walk(std::type_identity<int32_t>{});
    case DataType::kInt64:
      return walk(std::type_identity<int64_t>{});
    case DataType::kBool:
    case DataType::kUint8:
      return walk(std::type_identity<uint8_t>{});
    case DataType::kUint16:
      return walk(std::type_identity<uint16_t>{});
    case DataType::kUint32:
      return walk(std::type_identity<uint32_t>{});
    case DataType::kUint64:
      return walk(std::type_identity<uint64_t>{});
    default:
      return false;
  }
}

}  // namespace

std::optional<int64_t> checked_product(std::span<const int64_t> dims) {
  int64_t product = 1;
  bool overflow = false;
  bool has_zero = false;
  for (const int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    has_zero |= dim == 0;
    overflow |= __builtin_mul_overflow(product, dim == 0 ? 1 : dim, &product);
  }
  if (overflow) return std::nullopt;  // also beside a 0: such dims are nobody's honest shape
  return has_zero ? 0 : product;
}

Tensor::Tensor(DataType type, std::vector<int64_t> dims, std::shared_ptr<const TensorStorage> storage)
    : type_(type),
      dims_(std::move(dims)),
      num_elements_(checked_product(dims_).value_or(0)),
      storage_(std::move(storage)) {}

Tensor Tensor::zeros(DataType type, std::vector<int64_t> dims) { return owned(type, std::move(dims), true); }

Tensor Tensor::uninitialized(DataType type, std::vector<int64_t> dims) { return owned(type, std::move(dims), false); }

Tensor Tensor::owned(DataType type, std::vector<int64_t> dims, bool zeroed) {
  const std::optional<int64_t> count = checked_product(dims);
  if (type == DataType::kString && count) {
    return from_strings(std::move(dims), std::vector<std::string>(static_cast<size_t>(*count)));
  }
  const std::optional<int64_t> size = count ? packed_size_bytes(type, *count) : std::nullopt;
  if (!size) {
    throw Error(ErrorCode::kUnsupported, "cannot make a tensor of type " + std::string(to_string(type)) +
                                             ": its dims are negative or their product overflows");
  }
  return {type, std::move(dims), std::make_shared<OwnedBytes>(static_cast<size_t>(*size), zeroed)};
}

Tensor Tensor::from_strings(std::vector<int64_t> dims, std::vector<std::string> values) {
  SURGERY_ASSERT(checked_product(dims) == static_cast<int64_t>(values.size()), "as many strings as elements");
  return {DataType::kString, std::move(dims), std::make_shared<OwnedStrings>(std::move(values))};
}

Tensor Tensor::scalar(float value) { return from_values<float>(DataType::kFloat, {}, std::span(&value, 1)); }

Tensor Tensor::scalar(int64_t value) { return from_values<int64_t>(DataType::kInt64, {}, std::span(&value, 1)); }

Tensor Tensor::vector(std::span<const int64_t> values) {
  return from_values<int64_t>(DataType::kInt64, {static_cast<int64_t>(values.size())}, values);
}

int64_t Tensor::size_bytes() const {
  if (type_ != DataType::kString) return packed_size_bytes(type_, num_elements_).value_or(0);
  int64_t size = 0;
  for (const std::string& text : strings()) size += static_cast<int64_t>(text.size());
  return size;
}

std::span<const std::byte> Tensor::bytes() const {
  return storage_ == nullptr ? std::span<const std::byte>{} : storage_->bytes();
}

std::span<const std::string> Tensor::strings() const {
  return storage_ == nullptr ? std::span<const std::string>{} : storage_->strings();
}

std::span<std::byte> Tensor::mutable_bytes() {
  const auto* owned = dynamic_cast<const OwnedBytes*>(storage_.get());
  SURGERY_ASSERT(owned != nullptr && storage_.use_count() == 1, "only an unshared tensor of one's own is written to");
  return owned->writable();
}

std::span<std::string> Tensor::mutable_strings() {
  const auto* owned = dynamic_cast<const OwnedStrings*>(storage_.get());
  SURGERY_ASSERT(owned != nullptr && storage_.use_count() == 1, "only an unshared tensor of one's own is written to");
  return owned->writable();
}

bool Tensor::is_aligned() const {
  const int width = bit_width(type_);
  const size_t element_size = width > 64 ? 8 : static_cast<size_t>(width / 8);
  return element_size <= 1 || reinterpret_cast<uintptr_t>(bytes().data()) % element_size == 0;
}

Tensor Tensor::aligned() const {
  if (is_aligned()) return *this;
  const std::span<const std::byte> raw = bytes();
  auto copy = std::make_shared<OwnedBytes>(raw.size(), false);
  std::memcpy(copy->writable().data(), raw.data(), raw.size());
  return {type_, dims_, std::move(copy)};
}

Tensor Tensor::reshaped(std::vector<int64_t> dims) const {
  SURGERY_ASSERT(checked_product(dims) == num_elements_, "a reshape keeps the number of elements");
  return {type_, std::move(dims), storage_};
}

std::optional<std::vector<int64_t>> Tensor::to_int64s(int64_t limit) const {
  if (num_elements_ > limit || !(is_integer(type_) || type_ == DataType::kBool)) return std::nullopt;
  std::vector<int64_t> values;
  values.reserve(static_cast<size_t>(num_elements_));
  if (!for_each_real(type_, bytes(), [&](auto value) { values.push_back(static_cast<int64_t>(value)); })) {
    return std::nullopt;
  }
  return values;
}

std::optional<std::vector<double>> Tensor::to_doubles(int64_t limit) const {
  if (num_elements_ > limit) return std::nullopt;
  std::vector<double> values;
  if (type_ == DataType::kFloat16 || type_ == DataType::kBfloat16) {
    const auto widen = type_ == DataType::kFloat16 ? half_to_float : bfloat16_to_float;
    values.reserve(static_cast<size_t>(num_elements_));
    for_each_real(DataType::kUint16, bytes(), [&](auto bits) { values.push_back(widen(static_cast<uint16_t>(bits))); });
    return values;
  }
  if (bit_width(type_) < 8 || bit_width(type_) > 64) return std::nullopt;
  values.reserve(static_cast<size_t>(num_elements_));
  if (!for_each_real(type_, bytes(), [&](auto value) { values.push_back(static_cast<double>(value)); })) {
    return std::nullopt;
  }
  return values;
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.type() != b.type() || a.dims() != b.dims()) return false;
  if (a.storage() == b.storage()) return true;
  if (a.type() == DataType::kString) {
    const auto left = a.strings();
    const auto right = b.strings();
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
  }
  const auto left = a.bytes();
  const auto right = b.bytes();
  return left.size() == right.size() && (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = (half >> 10) & 0x1FU;
  const uint32_t fraction = half & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // zero and subnormal: exact
  return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
}

uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000U;
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<uint16_t>(sign | 0x7E00U | (magnitude >> 13 & 0x3FFU));
  if (magnitude >= 0x477FF000U) return static_cast<uint16_t>(sign | 0x7C00U);  // rounds to 65536 or more: infinity
  if (magnitude < 0x38800000U) {
    // Below the smallest normal half: adding 0.5 lets the float unit round to a multiple of 2^-24.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5F)));
  }
  const uint32_t rounded = magnitude + 0xFFFU + (magnitude >> 13 & 1U);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112U << 10)));
}

float bfloat16_to_float(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

uint16_t float_to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<uint16_t>(bits >> 16 | 0x40U);
  return static_cast<uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
}

}  // namespace surgery
