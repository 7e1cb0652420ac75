#include "surgery/text.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using surgery::escape;
using surgery::matches_glob;
using surgery::nearest;

struct Escaped {
  std::string_view name;
  std::string_view shown;
};

const Escaped kEscaped[] = {
    {"", ""},
    {"conv_1/weight", "conv_1/weight"},
    {"caf\xC3\xA9 \xE5\xB1\x82", "caf\xC3\xA9 \xE5\xB1\x82"},  // valid UTF-8 is shown as it is
    {"a\nb\tc", "a\\x0Ab\\x09c"},
    {"\x1B[31mred", "\\x1B[31mred"},
    {std::string_view("a\0b", 3), "a\\x00b"},
    {"\x7F", "\\x7F"},
    {"\xC2\x9B", "\\xC2\\x9B"},           // U+009B starts terminal sequences too
    {"\xE2\x80\xAE", "\\xE2\\x80\\xAE"},  // right-to-left override
    {"\xFF\xFE", "\\xFF\\xFE"},
    {"\xC0\x80", "\\xC0\\x80"},           // overlong
    {"\xED\xA0\x80", "\\xED\\xA0\\x80"},  // surrogate
    {"ab\xE5\xB1", "ab\\xE5\\xB1"},       // cut off
};

TEST_CASE("escape shows control characters and invalid UTF-8 as hex") {
  for (const Escaped& e : kEscaped) {
    CAPTURE(e.shown);
    CHECK(escape(e.name) == e.shown);
  }
}

TEST_CASE("escape cuts a long name in the middle and tells its length") {
  const std::string name = std::string(1'000'000, 'a') + "z";
  CHECK(escape(name, 10) == "aaaaa...<1000001 bytes>...aaaaz");
  CHECK(escape(name).size() < 250);
  CHECK(escape("0123456789", 10) == "0123456789");
}

TEST_CASE("escape does not cut through a character") {
  CHECK(escape("\xE5\xB1\x82\xE5\xB1\x82\xE5\xB1\x82\xE5\xB1\x82", 8) == "\xE5\xB1\x82...<12 bytes>...\xE5\xB1\x82");
}

TEST_CASE("quote puts the escaped name in single quotes") { CHECK(surgery::quote("a\nb") == "'a\\x0Ab'"); }

struct GlobCase {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

const GlobCase kGlobs[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"*", "", true},
    {"*", "anything/at all", true},
    {"conv*", "conv_1", true},
    {"conv*", "my_conv", false},
    {"*conv", "my_conv", true},
    {"*a*b", "xaxbxb", true},
    {"*a*b", "xaxbxc", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"a?c",
     "a\xC3\xA9"
     "c",
     true},  // one character, not one byte
    {"layer[0-3]", "layer2", true},
    {"layer[0-3]", "layer4", false},
    {"layer[!0-3]", "layer4", true},
    {"layer[!0-3]", "layer2", false},
    {"x[]a]", "x]", true},
    {"x[a-]", "x-", true},
    {"arr[0", "arr[0", true},  // not closed: a plain bracket
    {"Conv", "conv", false},
    {"a**b", "ab", true},
};

TEST_CASE("matches_glob follows the shell's patterns") {
  for (const GlobCase& c : kGlobs) {
    CAPTURE(c.pattern);
    CAPTURE(c.text);
    CHECK(matches_glob(c.pattern, c.text) == c.matches);
  }
}

TEST_CASE("matches_glob does not backtrack exponentially") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  pattern += "b";
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(matches_glob(pattern, std::string(20'000, 'a')));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("is_glob is true for any of the special characters") {
  CHECK(surgery::is_glob("a*"));
  CHECK(surgery::is_glob("a?"));
  CHECK(surgery::is_glob("[ab]"));
  CHECK_FALSE(surgery::is_glob("Conv_1/w:0"));
}

TEST_CASE("nearest gives the closest names first") {
  const std::vector<std::string> names = {"relu_1", "conv_8", "conv_9", "conv_98", "bn_99", "completely_different"};
  CHECK(nearest("conv_99", names) == std::vector<std::string>{"conv_9", "conv_98", "conv_8"});
  CHECK(nearest("conv_99", names, 1) == std::vector<std::string>{"conv_9"});
  CHECK(nearest("zzz", names).empty());
  CHECK(nearest("", names).empty());
}

TEST_CASE("nearest counts a difference of case alone as the closest") {
  const std::vector<std::string> names = {"Conv_2", "Conv_1"};
  CHECK(nearest("conv_1", names).front() == "Conv_1");
}

TEST_CASE("nearest finds names that contain what was typed") {
  const std::vector<std::string> names = {"resnet/stage1/block3/conv", "x"};
  CHECK(nearest("block3", names) == std::vector<std::string>{"resnet/stage1/block3/conv"});
}

TEST_CASE("nearest lists a name once") {
  const std::vector<std::string> names = {"conv_1", "conv_1", "conv_1", "conv_12"};
  CHECK(nearest("conv_11", names) == std::vector<std::string>{"conv_1", "conv_12"});
}

TEST_CASE("nearest is quick on 200,000 names and on huge ones") {
  std::vector<std::string> names;
  names.reserve(200'001);
  for (int i = 0; i < 200'000; ++i)
    names.push_back("/model/layers." + std::to_string(i) + "/self_attn/MatMul_output_0");
  names.emplace_back(1 << 20, 'x');
  const auto start = std::chrono::steady_clock::now();
  CHECK(nearest("/model/layers.777/self_attn/MatMull_output_0", names, 1).front() ==
        "/model/layers.777/self_attn/MatMul_output_0");
  CHECK(nearest(std::string(1 << 20, 'y'), names).empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("suggestion is empty when nothing is near") {
  const std::vector<std::string> names = {"conv_9", "conv_98"};
  CHECK(surgery::suggestion("conv_99", names) == "; did you mean 'conv_9', 'conv_98'?");
  CHECK(surgery::suggestion("softmax", names) == "");
}

TEST_CASE("parse_int takes whole numbers in range only") {
  CHECK(surgery::parse_int("42") == 42);
  CHECK(surgery::parse_int("-9223372036854775808") == INT64_MIN);
  for (const std::string_view bad : {"", "4.0", "4x", " 4", "+4", "0x10", "9223372036854775808", "-"}) {
    CAPTURE(bad);
    CHECK_FALSE(surgery::parse_int(bad).has_value());
  }
}

TEST_CASE("parse_double takes one number only") {
  CHECK(surgery::parse_double("-1.5e3") == -1500.0);
  CHECK(surgery::parse_double("3") == 3.0);
  CHECK(surgery::parse_double("inf").has_value());
  for (const std::string_view bad : {"", "1.5x", " 1", "1e999", "one"}) {
    CAPTURE(bad);
    CHECK_FALSE(surgery::parse_double(bad).has_value());
  }
}

TEST_CASE("format_bytes uses binary units with one decimal") {
  CHECK(surgery::format_bytes(0) == "0 B");
  CHECK(surgery::format_bytes(512) == "512 B");
  CHECK(surgery::format_bytes(1536) == "1.5 KiB");
  CHECK(surgery::format_bytes(102551012) == "97.8 MiB");
  CHECK(surgery::format_bytes(1024 * 1024 - 1) == "1.0 MiB");
  CHECK(surgery::format_bytes(UINT64_MAX) == "16.0 EiB");
}

}  // namespace
