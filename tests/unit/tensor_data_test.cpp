#ifdef HAVE_ONNX_PROTO

#include "io/payload.h"
#include "io/sparse_storage.h"
#include "io_support.h"
#include "surgery/model.h"

namespace surgery {
namespace {

/// The initializer "w" of a model that says this of it, in protobuf's text format.
Tensor tensor_of(const std::string& text) {
  // Kept for good: the tensor views it.
  static std::vector<LoadedModel> kept;
  kept.push_back(load_text("graph { initializer { name: 'w' " + text + " } }"));
  return *kept.back().graph().initializers()[0]->initializer();
}

std::string raw_of(const Tensor& tensor) {
  const std::span<const std::byte> raw = tensor.bytes();
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

struct Form {
  std::string_view name;
  std::string typed;
  std::string raw;
};

TEST_CASE("typed data and raw data of every type are the same elements") {
  const Form forms[] = {
      {"float", "data_type: 1 dims: 2 float_data: 1 float_data: -2", R"(\000\000\200\077\000\000\000\300)"},
      {"uint8", "data_type: 2 dims: 2 int32_data: 1 int32_data: 255", R"(\001\377)"},
      {"int8", "data_type: 3 dims: 2 int32_data: -1 int32_data: 127", R"(\377\177)"},
      {"uint16", "data_type: 4 dims: 1 int32_data: 65535", R"(\377\377)"},
      {"int16", "data_type: 5 dims: 1 int32_data: -2", R"(\376\377)"},
      {"int32", "data_type: 6 dims: 2 int32_data: -1 int32_data: 258", R"(\377\377\377\377\002\001\000\000)"},
      {"int64", "data_type: 7 dims: 1 int64_data: -2", R"(\376\377\377\377\377\377\377\377)"},
      {"bool", "data_type: 9 dims: 2 int32_data: 1 int32_data: 0", R"(\001\000)"},
      {"float16", "data_type: 10 dims: 1 int32_data: 15360", R"(\000\074)"},
      {"double", "data_type: 11 dims: 1 double_data: 1", R"(\000\000\000\000\000\000\360\077)"},
      {"uint32", "data_type: 12 dims: 1 uint64_data: 4294967295", R"(\377\377\377\377)"},
      {"uint64", "data_type: 13 dims: 1 uint64_data: 18446744073709551615", R"(\377\377\377\377\377\377\377\377)"},
      {"complex64", "data_type: 14 dims: 1 float_data: 1 float_data: 2", R"(\000\000\200\077\000\000\000\100)"},
      {"complex128", "data_type: 15 dims: 1 double_data: 0 double_data: 1",
       R"(\000\000\000\000\000\000\000\000\000\000\000\000\000\000\360\077)"},
      {"bfloat16", "data_type: 16 dims: 1 int32_data: 16256", R"(\200\077)"},
      {"float8", "data_type: 17 dims: 2 int32_data: 56 int32_data: 200", R"(\070\310)"},
      {"uint4", "data_type: 21 dims: 3 int32_data: 33 int32_data: 3", R"(\041\003)"},
      {"int4", "data_type: 22 dims: 4 int32_data: 33 int32_data: 255", R"(\041\377)"},
      {"float4", "data_type: 23 dims: 1 int32_data: 7", R"(\007)"},
      {"e8m0", "data_type: 24 dims: 1 int32_data: 127", R"(\177)"},
      {"uint2", "data_type: 25 dims: 5 int32_data: 228 int32_data: 1", R"(\344\001)"},
      {"int2", "data_type: 26 dims: 4 int32_data: 228", R"(\344)"},
  };
  for (const Form& form : forms) {
    CAPTURE(form.name);
    const std::string header = form.typed.substr(0, form.typed.find("_data:", form.typed.find("dims")));
    const Tensor typed = tensor_of(form.typed);
    const Tensor raw = tensor_of(header.substr(0, header.rfind(' ')) + " raw_data: \"" + form.raw + "\"");
    CHECK_FALSE(payload_fault(typed));
    CHECK_FALSE(payload_fault(raw));
    CHECK(raw_of(typed) == raw_of(raw));
    CHECK(typed.size_bytes() == static_cast<int64_t>(raw_of(raw).size()));
  }
}

TEST_CASE("typed data is read packed, unpacked, and partly both") {
  const std::string float_1("\0\0\x80\x3F", 4);
  const std::string loose = "\x25" + float_1;  // float_data, not packed
  for (const std::string& data : {bytes(4, float_1 + float_1 + float_1), loose + loose + loose,
                                  loose + bytes(4, float_1 + float_1), bytes(4, float_1) + bytes(4, float_1) + loose}) {
    const LoadedModel loaded = load_source(bytes(7, bytes(5, varint(1, 3) + varint(2, 1) + data)));
    CHECK(loaded.graph().initializers()[0]->initializer()->to_doubles() == std::vector<double>{1, 1, 1});
  }
  const std::string ints = varint(7, 5) + bytes(7, std::string("\x06\xFF\x01", 3));
  const LoadedModel loaded = load_source(bytes(7, bytes(5, varint(1, 3) + varint(2, 7) + ints)));
  CHECK(loaded.graph().initializers()[0]->initializer()->to_int64s() == std::vector<int64_t>{5, 6, 255});
}

TEST_CASE("strings are read, empty ones too") {
  const Tensor tensor = tensor_of("data_type: 8 dims: 3 string_data: 'a' string_data: '' string_data: '\\303\\251'");
  REQUIRE(tensor.strings().size() == 3);
  CHECK(tensor.strings()[1].empty());
  CHECK(tensor.strings()[2] == "\xC3\xA9");
}

TEST_CASE("tensors of no elements need no data") {
  CHECK(raw_of(tensor_of("data_type: 1 dims: 0")).empty());
  CHECK(raw_of(tensor_of("data_type: 7 dims: 2 dims: 0 raw_data: ''")).empty());
  CHECK(tensor_of("data_type: 8 dims: 0").strings().empty());
}

struct Refusal {
  std::string_view text;
  std::string_view error;
};

TEST_CASE("a tensor that contradicts itself can be shown, and is refused when it is used") {
  const Refusal refusals[] = {
      {"data_type: 1 dims: -1 raw_data: '1234'", "dim 0 is -1"},
      {"data_type: 1 dims: 4611686018427387904 dims: 4",
       "the product of its dims float[4611686018427387904, 4] overflows"},
      {"data_type: 1 dims: 0 dims: 4611686018427387904 dims: 4",
       "the product of its dims float[0, 4611686018427387904, 4] overflows"},
      {"data_type: 7 dims: 4611686018427387904", "the size of int64[4611686018427387904] overflows"},
      {"data_type: 1 dims: 0 raw_data: '1234'", "raw_data has 4 bytes, float[0] needs 0"},
      {"data_type: 1 dims: 4 raw_data: '123456789012345'", "raw_data has 15 bytes, float[4] needs 16"},
      {"data_type: 1 dims: 4 raw_data: '12345678901234567'", "raw_data has 17 bytes, float[4] needs 16"},
      {"data_type: 22 dims: 5 raw_data: '12'", "raw_data has 2 bytes, int4[5] needs 3"},
      {"data_type: 25 dims: 5 raw_data: '123'", "raw_data has 3 bytes, uint2[5] needs 2"},
      {"data_type: 1 dims: 1 raw_data: '1234' float_data: 1", "it has data in several fields, expected one"},
      {"data_type: 1 dims: 1 int32_data: 1 float_data: 1", "it has data in several fields, expected one"},
      {"data_type: 0 dims: 1 raw_data: '1234'", "data_type 0 is no element type"},
      {"data_type: 99 dims: 1 raw_data: '1234'", "data_type 99 is no element type"},
      {"dims: 1 raw_data: '1234'", "data_type 0 is no element type"},
      {"data_type: 1 dims: 3", "it has no data, float[3] needs 12 bytes"},
      {"data_type: 1", "it has no data, float[] needs 4 bytes"},
      {"data_type: 8 dims: 2", "it has no data, string[2] needs 2 strings"},
      {"data_type: 8 dims: 2 string_data: 'a'", "string_data has 1 entries, string[2] needs 2"},
      {"data_type: 8 dims: 1 raw_data: 'a'", "strings cannot be in raw_data"},
      {"data_type: 1 dims: 1 int32_data: 1",
       "its elements are in int32_data, those of type float belong into float_data"},
      {"data_type: 7 dims: 1 float_data: 1",
       "its elements are in float_data, those of type int64 belong into int64_data"},
      {"data_type: 1 dims: 3 float_data: 1", "float_data has 1 entries, float[3] needs 3"},
      {"data_type: 14 dims: 1 float_data: 1", "float_data has 1 entries, complex64[1] needs 2"},
      {"data_type: 7 dims: 3 int64_data: 300 int64_data: 1", "it has 2 entries of data, its dims need 3"},
      {"data_type: 21 dims: 3 int32_data: 1", "it has 1 entries of data, its dims need 2"},
      {"data_type: 1 dims: 1 raw_data: '1234' segment { begin: 0 }",
       "it is one segment of a larger tensor, which is not supported"},
      {"data_type: 1 dims: 1 data_location: EXTERNAL", "external data: the key 'location' is missing"},
  };
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.text);
    const Tensor tensor = tensor_of(std::string(refusal.text));
    const std::string expected = "tensor 'w': " + std::string(refusal.error);
    CHECK(payload_fault(tensor) == expected);
    CHECK(error_of([&] {
            tensor.bytes();
            tensor.strings();
          }) == expected);
  }
}

TEST_CASE("a rank over 1024 can be shown, and is refused when the tensor is used") {
  const LoadedModel loaded = load_source(
      bytes(7, bytes(5, bytes(1, std::string(60000, '\1')) + varint(2, 1) + bytes(8, "w") + bytes(9, "1234"))));
  const Tensor& tensor = *loaded.graph().initializers()[0]->initializer();
  CHECK(tensor.rank() == 60000);
  CHECK(payload_fault(tensor) == "tensor 'w': rank 60000 is over the limit of 1024");
}

TEST_CASE("packed numbers that are cut short are refused when the tensor is used") {
  const LoadedModel loaded =
      load_source(bytes(7, bytes(5, varint(1, 2) + varint(2, 7) + bytes(8, "w") + bytes(7, "\1\x80"))));
  CHECK(payload_fault(*loaded.graph().initializers()[0]->initializer()) ==
        "tensor 'w': malformed protobuf: packed numbers are cut short");
}

/// A sparse initializer "s" of dims [2, 3].
std::optional<std::string> sparse_refusal(const std::string& values, const std::string& indices,
                                          const std::string& dims = "dims: 2 dims: 3") {
  const LoadedModel loaded = load_text("graph { sparse_initializer { " + dims + " values { name: 's' " + values +
                                       " } indices { " + indices + " } } }");
  return payload_fault(*loaded.graph().initializers()[0]->initializer());
}

TEST_CASE("sparse tensors are checked before they are spread out") {
  const std::string two = "data_type: 2 dims: 2 raw_data: 'ab'";
  const auto at = [](const std::string& text) { return "data_type: 7 " + text; };
  const std::string prefix = "sparse tensor 's': ";
  CHECK_FALSE(sparse_refusal(two, at("dims: 2 int64_data: 0 int64_data: 5")));
  CHECK_FALSE(sparse_refusal(two, at("dims: 2 dims: 2 int64_data: 0 int64_data: 2 int64_data: 1 int64_data: 0")));
  CHECK(sparse_refusal(two, at("dims: 2 int64_data: 5 int64_data: 4")) ==
        prefix + "index number 1 is not in ascending order");
  CHECK(sparse_refusal(two, at("dims: 2 int64_data: 4 int64_data: 4")) ==
        prefix + "index number 1 is not in ascending order");
  CHECK(sparse_refusal(two, at("dims: 2 int64_data: 0 int64_data: 6")) == prefix + "index number 1 is out of range");
  CHECK(sparse_refusal(two, at("dims: 2 int64_data: -1 int64_data: 1")) == prefix + "index number 0 is out of range");
  CHECK(sparse_refusal(two, at("dims: 2 dims: 2 int64_data: 0 int64_data: 3 int64_data: 1 int64_data: 0")) ==
        prefix + "index number 0 is out of range");
  CHECK(sparse_refusal(two, at("dims: 1 int64_data: 0")) == prefix + "2 values, but 1 indices");
  CHECK(sparse_refusal(two, "data_type: 6 dims: 2 int32_data: 0 int32_data: 1") ==
        prefix + "indices have type int32, expected int64");
  CHECK(sparse_refusal(two, at("dims: 2 int64_data: 0 int64_data: 1"), "dims: -2") ==
        prefix + "its dims are missing, negative, or their product overflows");
  CHECK(sparse_refusal("data_type: 2 dims: 2 raw_data: 'a'", at("dims: 2 int64_data: 0 int64_data: 1")) ==
        prefix + "tensor 's': raw_data has 1 bytes, uint8[2] needs 2");
}

TEST_CASE("a sparse tensor of absurd dims costs nothing until it is used, and is refused then") {
  const LoadedModel loaded = load_text(R"(graph { sparse_initializer { dims: 1099511627776 dims: 1048576
    values { name: 's' data_type: 1 dims: 0 } indices { data_type: 7 dims: 0 } } })");
  const Tensor& tensor = *loaded.graph().initializers()[0]->initializer();
  CHECK_FALSE(payload_fault(tensor));
  CHECK(error_of([&] { tensor.bytes(); }) == "sparse tensor 's': as a dense tensor it would have over 2 GiB");
}

}  // namespace
}  // namespace surgery

#endif
