#include <cmath>

#include "kernel_testing.h"
#include "kernels/cpu/minifloat.h"
#include "kernels/cpu/number_text.h"

using exec::cpu::decode_minifloat;
using exec::cpu::encode_minifloat;
using kernel_testing::Case;
using kernel_testing::Refusal;
using surgery::DataType;

namespace {

constexpr Case kCases[] = {
    {"floats are cut to integers", 13, "float[4] x = {-1.9, 1.9, 300, -1}", "y = Cast <to = 2> (x)",
     "uint8[4] e = {255, 1, 44, 255}"},
    {"floats that int32 cannot hold give the smallest one", 13, "float[3] x = {nan, 3e9, -inf}",
     "y = Cast <to = 6> (x)", "int32[3] e = {-2147483648, -2147483648, -2147483648}"},
    {"integers lose their high bits", 13, "int32[2] x = {200, -1}", "y = Cast <to = 3> (x)", "int8[2] e = {-56, -1}"},
    {"anything but 0 is true, NaN too", 13, "float[3] x = {0, -0.1, nan}", "y = Cast <to = 9> (x)",
     "bool[3] e = {0, 1, 1}"},
    {"a large integer to float is rounded once", 13, "int64[1] x = {16777217}", "y = Cast <to = 1> (x)",
     "float[1] e = {16777216}"},
    {"a double to float16 is rounded once", 13, "double[1] x = {1.00048828125000001}", "y = Cast <to = 10> (x)",
     "float16[1] e = {1}"},
    {"CastLike takes the other's type", 15, "float[1] x = {2.5}, int32[1] t = {0}", "y = CastLike (x, t)",
     "int32[1] e = {2}"},
    {"strings to numbers", 13, "string[5] x = {\"1e2\", \" -3.5 \", \"+INF\", \"nan\", \"0\"}", "y = Cast <to = 1> (x)",
     "float[5] e = {100, -3.5, inf, nan, 0}"},
    {"strings to large integers keep every digit", 13, "string[1] x = {\"9007199254740993\"}, int64 ten = {10}",
     "i = Cast <to = 7> (x) y = Mod (i, ten)", "int64[1] e = {3}"},
    {"through 4 bits and back", 21, "float[3] x = {-9, 7, 8}", "i = Cast <to = 22> (x) y = Cast <to = 6> (i)",
     "int32[3] e = {7, 7, -8}"},
    {"through float8 and back", 19, "float[3] x = {500, -0.3, 1e-9}", "i = Cast <to = 17> (x) y = Cast <to = 1> (i)",
     "float[3] e = {448, -0.3125, 0}"},
    {"the type's name before version 6", 1, "float[1] x = {1.5}", "y = Cast <to = \"INT32\"> (x)", "int32[1] e = {1}"},
    {"QuantizeLinear halves to even and saturates", 13, "float[4] x = {-5, 1, 3, 1000}, float s = {2}, uint8 z = {1}",
     "y = QuantizeLinear (x, s, z)", "uint8[4] e = {0, 1, 3, 255}"},
    {"QuantizeLinear per channel", 13, "float[2, 2] x = {1, 2, 1, 2}, float[2] s = {1, 0.5}, int8[2] z = {0, 10}",
     "y = QuantizeLinear <axis = 0> (x, s, z)", "int8[2, 2] e = {1, 2, 12, 14}"},
    {"QuantizeLinear in blocks, the last one short", 21,
     "float[1, 3] x = {2, 4, 6}, float[1, 2] s = {1, 2}, uint8[1, 2] z = {0, 0}",
     "y = QuantizeLinear <axis = 1, block_size = 2> (x, s, z)", "uint8[1, 3] e = {2, 4, 3}"},
    {"DequantizeLinear of int8", 13, "int8[3] x = {-128, 0, 127}, float s = {0.5}, int8 z = {1}",
     "y = DequantizeLinear (x, s, z)", "float[3] e = {-64.5, -0.5, 63}"},
    {"DynamicQuantizeLinear of zeros does not divide by 0", 11, "float[2] x = {0, 0}",
     "y, s, z = DynamicQuantizeLinear (x)", "uint8[2] e = {0, 0}"},
};

constexpr Refusal kRefusals[] = {
    {"a string that is no number", 13, "string[2] x = {\"1\", \"one\"}", "y = Cast <to = 1> (x)",
     "node of output 'y' (Cast): element 1 is no number: 'one'"},
    {"a type that is none", 13, "float[1] x = {1}", "y = Cast <to = 99> (x)",
     "node of output 'y' (Cast): attribute to is 99, which is no element type"},
    {"a zero point of another type", 13, "int8[1] x = {1}, float s = {1}, uint8 z = {0}",
     "y = DequantizeLinear (x, s, z)",
     "node of output 'y' (DequantizeLinear): the zero point is uint8, expected the data's int8"},
    {"scales that do not go with the axis", 13, "float[2] x = {1, 2}, float[3] s = {1, 1, 1}",
     "y = QuantizeLinear <axis = 0> (x, s)",
     "node of output 'y' (QuantizeLinear): there are 3 scales for the 2 of axis 0"},
};

struct Text {
  double value;
  DataType type;
  std::string_view text;
};

constexpr Text kTexts[] = {
    {0.1, DataType::kFloat, "0.1"},
    {1e-5, DataType::kFloat, "1e-05"},
    {3, DataType::kDouble, "3.0"},
    {1e16, DataType::kDouble, "1e+16"},
    {123456789012345.0, DataType::kDouble, "123456789012345.0"},
    {-0.0, DataType::kFloat, "-0.0"},
    {0.0999755859375, DataType::kFloat16, "0.1"},
};

}  // namespace

TEST_CASE("casts and quantisation give what the specification says") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("casts and quantisation refuse what has no value") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}

TEST_CASE("numbers are written with the fewest digits that name them") {
  for (const Text& row : kTexts) {
    CHECK(exec::cpu::number_text(row.value, row.type) == row.text);
    CHECK(exec::cpu::parse_number(row.text).has_value());
  }
  CHECK_FALSE(exec::cpu::parse_number("--1").has_value());
  CHECK_FALSE(exec::cpu::parse_number("").has_value());
}

TEST_CASE("every half has one float, which rounds back to it") {
  for (uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = exec::cpu::half_to_float(half);
    const bool same = std::bit_cast<uint32_t>(value) == std::bit_cast<uint32_t>(surgery::half_to_float(half));
    const bool back =
        std::isnan(value) || (exec::cpu::float_to_half(value) == half &&
                              encode_minifloat(static_cast<double>(value), DataType::kFloat16, {}) == half);
    if (!same || !back) FAIL("half " << bits);
  }
}

TEST_CASE("floats round to halves as the library's own conversion does") {
  for (uint32_t high = 0; high < 0x10000U; ++high) {
    for (const uint32_t low : {0x0U, 0x1U, 0x0fffU, 0x1000U, 0x1001U, 0x2fffU, 0x3000U, 0x7fffU, 0x8000U, 0x8001U}) {
      const float value = std::bit_cast<float>(high << 16U | low);
      if (std::isnan(value)) continue;
      const bool same = exec::cpu::float_to_half(value) == surgery::float_to_half(value) &&
                        exec::cpu::float_to_bfloat16(value) == surgery::float_to_bfloat16(value);
      if (!same) FAIL("float " << value);
    }
  }
}

TEST_CASE("small floating-point types round back to their own bits") {
  for (const auto& [type, count] : {std::pair{DataType::kFloat8E4M3Fn, 256},
                                    {DataType::kFloat8E4M3Fnuz, 256},
                                    {DataType::kFloat8E5M2, 256},
                                    {DataType::kFloat8E5M2Fnuz, 256},
                                    {DataType::kFloat4E2M1, 16},
                                    {DataType::kFloat6E2M3, 64},
                                    {DataType::kFloat6E3M2, 64}}) {
    for (int bits = 0; bits < count; ++bits) {
      const float value = decode_minifloat(static_cast<uint16_t>(bits), type);
      if (std::isnan(value)) continue;
      const uint16_t back = encode_minifloat(static_cast<double>(value), type, {.saturate = false});
      if (back != bits) FAIL(to_string(type) << " " << bits << " is " << value << ", which gives " << back);
    }
  }
}
