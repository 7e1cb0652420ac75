#include "kernels/cpu/cast.h"

#include <charconv>
#include <cmath>
#include <string>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/number_text.h"
#include "kernels/cpu/packed.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"
#include "surgery/text.h"

namespace exec::cpu {
namespace {

constexpr int64_t kBlock = 512;

/// Some elements in one of the two forms that hold every number of every type exactly.
struct Numbers {
  bool is_real = false;
  bool is_unsigned = false;  ///< of integers: 64 bits without sign
  double reals[kBlock];
  int64_t integers[kBlock];
};

/// Sign-extends the low `width` bits.
int64_t extended(uint64_t bits, int width) { return static_cast<int64_t>(bits << (64 - width)) >> (64 - width); }

template <typename T>
void read_as(const T* source, int64_t count, Numbers& numbers) {
  numbers.is_real = std::is_floating_point_v<T>;
  numbers.is_unsigned = std::is_same_v<T, uint64_t>;
  for (int64_t i = 0; i < count; ++i) {
    if constexpr (std::is_floating_point_v<T>) {
      numbers.reals[i] = static_cast<double>(source[i]);
    } else {
      numbers.integers[i] = static_cast<int64_t>(+source[i]);
    }
  }
}

void read_numbers(const Tensor& source, int64_t first, int64_t count, Numbers& numbers) {
  const std::byte* bytes = source.bytes().data();
  const auto at = [&]<typename T>(const T* /*type*/) { return reinterpret_cast<const T*>(bytes) + first; };
  switch (source.type()) {
    case DataType::kFloat:
      return read_as(at(static_cast<float*>(nullptr)), count, numbers);
    case DataType::kDouble:
      return read_as(at(static_cast<double*>(nullptr)), count, numbers);
    case DataType::kInt8:
      return read_as(at(static_cast<int8_t*>(nullptr)), count, numbers);
    case DataType::kInt16:
      return read_as(at(static_cast<int16_t*>(nullptr)), count, numbers);
    case DataType::kInt32:
      return read_as(at(static_cast<int32_t*>(nullptr)), count, numbers);
    case DataType::kInt64:
      return read_as(at(static_cast<int64_t*>(nullptr)), count, numbers);
    case DataType::kUint8:
      return read_as(at(static_cast<uint8_t*>(nullptr)), count, numbers);
    case DataType::kUint16:
      return read_as(at(static_cast<uint16_t*>(nullptr)), count, numbers);
    case DataType::kUint32:
      return read_as(at(static_cast<uint32_t*>(nullptr)), count, numbers);
    case DataType::kUint64:
      return read_as(at(static_cast<uint64_t*>(nullptr)), count, numbers);
    default:
      break;
  }
  const DataType type = source.type();
  const int width = surgery::bit_width(type);
  numbers.is_real = surgery::is_float(type);
  numbers.is_unsigned = false;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = first + i;
    const uint16_t bits = width == 16  ? reinterpret_cast<const uint16_t*>(bytes)[index]
                          : width == 8 ? std::to_integer<uint16_t>(bytes[index])
                                       : read_packed(bytes, index, width);
    if (numbers.is_real) {
      numbers.reals[i] = static_cast<double>(decode_minifloat(bits, type));
    } else if (type == DataType::kBool) {
      numbers.integers[i] = bits != 0;
    } else if (type == DataType::kInt4 || type == DataType::kInt2) {
      numbers.integers[i] = extended(bits, width);
    } else {
      numbers.integers[i] = bits;
    }
  }
}

/// The integer that a conversion of `value` to `width` bits gives, as its low bits.
uint64_t integer_bits(double value, int width, bool is_unsigned) {
  if (width == 64 && is_unsigned && value >= 0x1p63) {
    return value < 0x1p64 ? static_cast<uint64_t>(value) : uint64_t{1} << 63U;
  }
  const bool is_wide = width == 64 || (width == 32 && is_unsigned);
  const double limit = is_wide ? 0x1p63 : 0x1p31;
  if (!(value > -limit - 1 && value < limit)) return is_wide ? uint64_t{1} << 63U : 0xffffffff80000000U;
  return static_cast<uint64_t>(static_cast<int64_t>(value));
}

template <typename T>
void write_as(const Numbers& numbers, int64_t count, T* target) {
  for (int64_t i = 0; i < count; ++i) {
    if (!numbers.is_real) {
      target[i] = numbers.is_unsigned ? static_cast<T>(static_cast<uint64_t>(numbers.integers[i]))
                                      : static_cast<T>(numbers.integers[i]);
    } else if constexpr (std::is_floating_point_v<T>) {
      target[i] = static_cast<T>(numbers.reals[i]);
    } else {
      target[i] = static_cast<T>(integer_bits(numbers.reals[i], 8 * sizeof(T), std::is_unsigned_v<T>));
    }
  }
}

double real_value(const Numbers& numbers, int64_t i) {
  if (numbers.is_real) return numbers.reals[i];
  return numbers.is_unsigned ? static_cast<double>(static_cast<uint64_t>(numbers.integers[i]))
                             : static_cast<double>(numbers.integers[i]);
}

/// `first` is a multiple of kBlock, so blocks of packed types start on a byte.
void write_numbers(const Numbers& numbers, int64_t first, int64_t count, DataType type,
                   const MinifloatRounding& rounding, std::byte* bytes) {
  const auto at = [&]<typename T>(T* /*type*/) { return reinterpret_cast<T*>(bytes) + first; };
  switch (type) {
    case DataType::kFloat:
      return write_as(numbers, count, at(static_cast<float*>(nullptr)));
    case DataType::kDouble:
      return write_as(numbers, count, at(static_cast<double*>(nullptr)));
    case DataType::kInt8:
      return write_as(numbers, count, at(static_cast<int8_t*>(nullptr)));
    case DataType::kInt16:
      return write_as(numbers, count, at(static_cast<int16_t*>(nullptr)));
    case DataType::kInt32:
      return write_as(numbers, count, at(static_cast<int32_t*>(nullptr)));
    case DataType::kInt64:
      return write_as(numbers, count, at(static_cast<int64_t*>(nullptr)));
    case DataType::kUint8:
      return write_as(numbers, count, at(static_cast<uint8_t*>(nullptr)));
    case DataType::kUint16:
      return write_as(numbers, count, at(static_cast<uint16_t*>(nullptr)));
    case DataType::kUint32:
      return write_as(numbers, count, at(static_cast<uint32_t*>(nullptr)));
    case DataType::kUint64:
      return write_as(numbers, count, at(static_cast<uint64_t*>(nullptr)));
    default:
      break;
  }
  const int width = surgery::bit_width(type);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = first + i;
    uint64_t bits = 0;
    if (surgery::is_float(type)) {
      bits = encode_minifloat(real_value(numbers, i), type, rounding);
    } else if (type == DataType::kBool) {
      bits = numbers.is_real ? numbers.reals[i] != 0 : numbers.integers[i] != 0;
    } else {
      const bool is_unsigned = type == DataType::kUint4 || type == DataType::kUint2;
      bits = numbers.is_real ? integer_bits(numbers.reals[i], width, is_unsigned)
                             : static_cast<uint64_t>(numbers.integers[i]);
    }
    if (width == 16) {
      reinterpret_cast<uint16_t*>(bytes)[index] = static_cast<uint16_t>(bits);
    } else if (width == 8) {
      bytes[index] = static_cast<std::byte>(bits);
    } else {
      write_packed(bytes, index, width, static_cast<unsigned>(bits & 0xffU));
    }
  }
}

void cast_numbers(const Tensor& source, DataType type, const MinifloatRounding& rounding, Tensor& target) {
  std::byte* bytes = target.mutable_bytes().data();
  constexpr int64_t kGrain = 64 * kBlock;
  parallel_for(source.num_elements(), kGrain, [&](int64_t begin, int64_t end) {
    Numbers numbers;
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t count = std::min(kBlock, end - first);
      read_numbers(source, first, count, numbers);
      write_numbers(numbers, first, count, type, rounding, bytes);
    }
  });
}

void cast_to_strings(const Tensor& source, Tensor& target) {
  const std::span<std::string> texts = target.mutable_strings();
  Numbers numbers;
  for (int64_t first = 0; first < source.num_elements(); first += kBlock) {
    const int64_t count = std::min(kBlock, source.num_elements() - first);
    read_numbers(source, first, count, numbers);
    for (int64_t i = 0; i < count; ++i) {
      std::string& text = texts[static_cast<size_t>(first + i)];
      if (numbers.is_real) {
        text = number_text(numbers.reals[i], source.type());
      } else if (numbers.is_unsigned) {
        text = std::to_string(static_cast<uint64_t>(numbers.integers[i]));
      } else {
        text = std::to_string(numbers.integers[i]);
      }
    }
  }
}

void cast_from_strings(const KernelContext& context, const Tensor& source, DataType type,
                       const MinifloatRounding& rounding, Tensor& target) {
  const std::span<const std::string> texts = source.strings();
  std::byte* bytes = target.mutable_bytes().data();
  Numbers numbers;
  for (int64_t first = 0; first < source.num_elements(); first += kBlock) {
    const int64_t count = std::min(kBlock, source.num_elements() - first);
    // Integers are read as such, since double would lose digits of large ones; "2.7" as an integer is 2.
    bool all_integers = !surgery::is_float(type);
    for (int64_t i = 0; i < count && all_integers; ++i) {
      const std::string& text = texts[static_cast<size_t>(first + i)];
      const auto result = std::from_chars(text.data(), text.data() + text.size(), numbers.integers[i]);
      all_integers = result.ec == std::errc() && result.ptr == text.data() + text.size();
    }
    numbers.is_real = !all_integers;
    for (int64_t i = 0; i < count && numbers.is_real; ++i) {
      const std::string& text = texts[static_cast<size_t>(first + i)];
      const std::optional<double> value = parse_number(text);
      if (!value) context.fail("element " + std::to_string(first + i) + " is no number: " + surgery::quote(text));
      numbers.reals[i] = *value;
    }
    write_numbers(numbers, first, count, type, rounding, bytes);
  }
}

void cast(KernelContext& context) {
  const int64_t to = context.attr_int("to", 0);
  const auto type = static_cast<DataType>(to);
  if (to < 0 || to > surgery::kMaxDataType || !is_valid(type)) {
    context.fail("attribute to is " + std::to_string(to) + ", which is no element type");
  }
  const std::string mode = context.attr_string("round_mode", "up");
  cast_input(context, type, {context.attr_int("saturate", 1) != 0, mode});
}

/// Up to version 5, `to` is the type's name ("FLOAT").
void cast_to_name(KernelContext& context) {
  std::string name = context.attr_string("to", "");
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::optional<DataType> type = surgery::parse_data_type(name);
  if (!type) context.fail("attribute to is " + surgery::quote(name) + ", which is no element type");
  cast_input(context, *type, {});
}

void cast_like(KernelContext& context) {
  const std::string mode = context.attr_string("round_mode", "up");
  cast_input(context, context.input(1).type(), {context.attr_int("saturate", 1) != 0, mode});
}

constexpr Kernel kKernels[] = {
    {"Cast", "", 1, 5, kAllTypes & ~kComplexes, 0, cast_to_name},
    {"Cast", "", 6, kLatest, kAllTypes & ~kComplexes, 0, cast},
    {"CastLike", "", 15, kLatest, kAllTypes & ~kComplexes, 0, cast_like},
};

}  // namespace

void cast_input(KernelContext& context, DataType type, const MinifloatRounding& rounding) {
  const Tensor& source = context.input(0);
  if ((kComplexes & type_bit(type)) != 0) context.unsupported("a cast to complex numbers is not defined");
  if (rounding.mode != "up" && rounding.mode != "down" && rounding.mode != "nearest") {
    context.fail("round_mode is " + surgery::quote(rounding.mode) + ", expected up, down or nearest");
  }
  if (source.type() == type) return context.set_output(0, source);
  Tensor& target = context.output(0, type, source.dims());
  if (source.type() == DataType::kFloat && is_half(type)) {
    target = narrow(source, type);
  } else if (is_half(source.type()) && type == DataType::kFloat) {
    target = widen(source);
  } else if (type == DataType::kString) {
    cast_to_strings(source, target);
  } else if (source.type() == DataType::kString) {
    cast_from_strings(context, source, type, rounding, target);
  } else {
    cast_numbers(source, type, rounding, target);
  }
}

Tensor cast_tensor(const KernelContext& context, const Tensor& source, DataType type,
                   const MinifloatRounding& rounding) {
  if (source.type() == type) return source;
  if (((kStrings | kComplexes) & (type_bit(source.type()) | type_bit(type))) != 0) {
    context.unsupported("element type " + std::string(to_string(source.type())) + " is not supported here");
  }
  Tensor target = Tensor::zeros(type, source.dims());
  cast_numbers(source, type, rounding, target);
  return target;
}

std::span<const Kernel> cast_kernels() { return kKernels; }

}  // namespace exec::cpu
