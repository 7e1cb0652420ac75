#include "io/npy.h"

#include "io_support.h"
#include "surgery/tensor.h"

namespace surgery {
namespace {

/// A .npy file of version 1 with the header and data given.
std::string npy(const std::string& header, std::string_view data = {}) {
  std::string text = std::string("\x93NUMPY\1\0", 8);
  text += static_cast<char>(header.size() & 0xFFU);
  text += static_cast<char>(header.size() >> 8);
  return text + header + std::string(data);
}

std::string header_of(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

Tensor parse(const std::string& text) {
  const auto owner = std::make_shared<const std::string>(text);
  return parse_npy(*owner, owner);
}

std::vector<double> doubles(const Tensor& tensor) { return tensor.to_doubles().value_or(std::vector<double>()); }

struct NumericType {
  std::string_view descr;
  DataType type;
  std::string_view one;  ///< the element 1, in the file
};

TEST_CASE("npy reads every number type of numpy in both byte orders") {
  using namespace std::string_view_literals;
  const NumericType types[] = {
      {"|b1", DataType::kBool, "\1"sv},
      {"|i1", DataType::kInt8, "\1"sv},
      {"|u1", DataType::kUint8, "\1"sv},
      {"<i2", DataType::kInt16, "\1\0"sv},
      {">i2", DataType::kInt16, "\0\1"sv},
      {"<u2", DataType::kUint16, "\1\0"sv},
      {"<i4", DataType::kInt32, "\1\0\0\0"sv},
      {">u4", DataType::kUint32, "\0\0\0\1"sv},
      {"<i8", DataType::kInt64, "\1\0\0\0\0\0\0\0"sv},
      {">u8", DataType::kUint64, "\0\0\0\0\0\0\0\1"sv},
      {"<f2", DataType::kFloat16, "\0\x3C"sv},
      {">f2", DataType::kFloat16, "\x3C\0"sv},
      {"<f4", DataType::kFloat, "\0\0\x80\x3F"sv},
      {"=f4", DataType::kFloat, "\0\0\x80\x3F"sv},
      {">f8", DataType::kDouble, "\x3F\xF0\0\0\0\0\0\0"sv},
      {"<V2", DataType::kBfloat16, "\x80\x3F"sv},
  };
  for (const NumericType& each : types) {
    CAPTURE(each.descr);
    const Tensor tensor = parse(npy(header_of(std::string(each.descr), "(1,)"), each.one));
    CHECK(tensor.type() == each.type);
    CHECK(tensor.dims() == std::vector<int64_t>{1});
    const auto integers = tensor.to_int64s();
    CHECK((integers ? std::vector<double>(integers->begin(), integers->end()) : doubles(tensor)) ==
          std::vector<double>{1});
  }
}

TEST_CASE("npy swaps the halves of a complex number one by one") {
  using namespace std::string_view_literals;
  const Tensor tensor = parse(npy(header_of(">c8", "()"), "\x3F\x80\0\0\x40\0\0\0"sv));
  CHECK(tensor.type() == DataType::kComplex64);
  CHECK(save_npy_bytes(tensor).ends_with("\0\0\x80\x3F\0\0\0\x40"sv));
}

TEST_CASE("npy brings Fortran order into row-major order") {
  const Tensor matrix = parse(npy(header_of("|u1", "(2, 3)", true), "\1\4\2\5\3\6"));
  CHECK(doubles(matrix) == std::vector<double>{1, 2, 3, 4, 5, 6});
  const Tensor cube = parse(npy(header_of("|u1", "(2, 1, 2)", true), "\1\3\2\4"));
  CHECK(doubles(cube) == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("npy reads strings of both kinds without the zeros that fill them up") {
  using namespace std::string_view_literals;
  const Tensor utf32 = parse(npy(header_of("<U2", "(3,)"), "a\0\0\0\xE9\0\0\0\0\0\0\0\0\0\0\0\0\xF6\1\0\0\0\0\0"sv));
  REQUIRE(utf32.strings().size() == 3);
  CHECK(utf32.strings()[0] == "a\xC3\xA9");
  CHECK(utf32.strings()[1].empty());
  CHECK(utf32.strings()[2] == "\xF0\x9F\x98\x80");
  const Tensor chars = parse(npy(header_of("|S3", "(2,)"), "ab\0\0x\0"sv));
  CHECK(chars.strings()[0] == "ab");
  CHECK(chars.strings()[1] == "\0x"sv);
}

TEST_CASE("npy takes the header in any form that numpy accepts") {
  CHECK(parse(npy("{ \"shape\" : (2L, ) ,\"fortran_order\":True,\n'descr':'|u1' }\n", "ab")).dims() ==
        std::vector<int64_t>{2});
  CHECK(parse(npy(header_of("|u1", "()"), "a")).rank() == 0);
  CHECK(parse(npy(header_of("<f8", "(0, 3)"))).num_elements() == 0);
  const std::string header = header_of("|u1", "(1,)");
  const std::string version_2 =
      std::string("\x93NUMPY\2\0", 8) + static_cast<char>(header.size()) + std::string(3, '\0') + header + "a";
  CHECK(parse(version_2).num_elements() == 1);
}

TEST_CASE("npy writes what it reads") {
  const Tensor tensors[] = {
      Tensor::scalar(1.5F),
      Tensor::vector(std::vector<int64_t>{1, -2}),
      Tensor::zeros(DataType::kDouble, {2, 0, 3}),
      Tensor::zeros(DataType::kBfloat16, {3}),
      Tensor::from_strings({2, 1}, {"", "\xC3\xA9\xF0\x9F\x98\x80"}),
      Tensor::from_strings({1}, {"\xFF\xFE"}),
      Tensor::from_strings({0}, {}),
      Tensor::zeros(DataType::kBool, std::vector<int64_t>(20, 1)),
  };
  for (const Tensor& tensor : tensors) {
    const std::string text = save_npy_bytes(tensor);
    CHECK((text.find('\n') + 1) % 64 == 0);
    CHECK(identical(parse(text), tensor));
  }
}

TEST_CASE("npy files are saved and loaded, the elements viewed in place") {
  const TempFolder folder;
  const Tensor tensor = Tensor::vector(std::vector<int64_t>{1, 2, 3});
  save_npy(tensor, folder / "a.npy");
  CHECK(read_file(folder / "a.npy") == save_npy_bytes(tensor));
  CHECK(identical(load_npy(folder / "a.npy"), tensor));
  CHECK(error_of([&] { load_npy(folder / "b.npy"); }) == (folder / "b.npy").native() + ": no such file");
}

TEST_CASE("a type that numpy lacks is not written") {
  CHECK(error_of([] { save_npy_bytes(Tensor::zeros(DataType::kInt4, {3})); }) ==
        "numpy has no element type int4, so such a tensor cannot be written as .npy");
}

struct Refusal {
  std::string text;
  std::string_view error;
};

TEST_CASE("npy files that are not right are refused") {
  const std::string good = npy(header_of("<f4", "(2,)"), "12345678");
  const Refusal refusals[] = {
      {"PK", "not a .npy file"},
      {"\x93NUMPY\4" + std::string(10, 'x'), "format version 4 is not known"},
      {good.substr(0, 9), "its header is cut short"},
      {good.substr(0, 40), "its header is cut short"},
      {good.substr(0, good.size() - 1), "its header promises 8 bytes of data, there are 7"},
      {npy(header_of("<f4", "(9223372036854775807, 2)")), "the product of its dims overflows"},
      {npy(header_of("<f8", "(4611686018427387904,)")), "the product of its dims overflows"},
      {npy(header_of("<f4", "(-1,)")), "its header does not parse: a dim is no number"},
      {npy(header_of("<f4", "(99999999999999999999,)")), "its header does not parse: a dim is no number"},
      {npy(header_of("<f4", "(1 2)")), "its header does not parse: expected ')'"},
      {npy(header_of("|O", "(1,)")), "it holds Python objects, which are not read"},
      {npy(header_of("<f16", "(1,)")), "its element type '<f16' is none that ONNX has"},
      {npy(header_of("<M8[s]", "(1,)")), "its element type '<M8[s]' is none that ONNX has"},
      {npy(header_of("<U0", "(9,)")), "strings of width 0"},
      {npy(header_of("<U99999999999", "(0,)")), "its element type '<U99999999999' is none that ONNX has"},
      {npy(header_of("<U1", "(1,)"), std::string("\0\xD8\0\0", 4)), "a string has the code point 55296"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "structured types are not supported"},
      {npy("{'descr': '<f4', 'shape': (1,)}"),
       "its header does not have the three keys descr, fortran_order and shape"},
      {npy("{'descr': '<f4', 'evil': 1}"), "its header has the key 'evil'"},
      {npy("{'descr': '<f4"), "its header does not parse: a string does not end"},
      {npy("{'fortran_order': 1}"), "its header does not parse: fortran_order is neither True nor False"},
      {npy(""), "its header does not parse: expected '{'"},
  };
  for (const Refusal& refusal : refusals) {
    CHECK(error_of([&] { parse(refusal.text); }) == "numpy array: " + std::string(refusal.error));
  }
}

}  // namespace
}  // namespace surgery
