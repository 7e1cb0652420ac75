#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: ONNX Runtime 1.31.
constexpr Case kCases[] = {
    {"rows of different length are filled up", 17, R"(string[2] a = {"Hello World", "I love it !"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = [" "]> (a))",
     R"(string[2, 4] e = {"Hello", "World", "#", "#", "I", "love", "it", "!"})"},
    {"marks go around each row, padding behind them", 17, R"(string[2] a = {"a b", "c"})",
     R"(y = com.microsoft.Tokenizer <mark = 1, mincharnum = 1, pad_value = "#", separators = [" "]> (a))",
     "string[2, 4] e = {\"\x02\", \"a\", \"b\", \"\x03\", \"\x02\", \"c\", \"\x03\", \"#\"}"},
    {"short tokens are left out", 17, R"(string[2] a = {"Hello World", "I"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 2, pad_value = "#", separators = [" "]> (a))",
     R"(string[2, 2] e = {"Hello", "World", "#", "#"})"},
    {"separators one after the other", 17, R"(string[2] a = {"a,b;c", " ;x"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = [",", ";"]> (a))",
     R"(string[2, 3] e = {"a", "b", "c", " ", "x", "#"})"},
    {"the longest separator counts, not the first", 17, R"(string[1] a = {"abcabx"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = ["ab|abc"]> (a))",
     R"(string[1, 1] e = {"x"})"},
    {"characters", 17, R"(string[2] a = {"hé", "a"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = [""]> (a))",
     R"(string[2, 2] e = {"h", "é", "a", "#"})"},
    {"an expression of tokens, empty matches left out", 17, R"(string[1] a = {"ab12 c3"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", tokenexp = "[a-z]*"> (a))",
     R"(string[1, 2] e = {"ab", "c"})"},
    {"two axes", 17, R"(string[2, 2] a = {"a b", "c", "d", "e f g"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = [" "]> (a))",
     R"(string[2, 2, 3] e = {"a", "b", "#", "c", "#", "#", "d", "#", "#", "e", "f", "g"})"},
};

constexpr Refusal kRefusals[] = {
    {"no way to find tokens", 17, R"(string[1] a = {"x"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#"> (a))",
     "node of output 'y' (com.microsoft.Tokenizer): it needs one of the attributes 'tokenexp' and 'separators'"},
    {"a bad pattern", 17, R"(string[1] a = {"x"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", tokenexp = "["> (a))",
     "node of output 'y' (com.microsoft.Tokenizer): attribute 'tokenexp' is no RE2 pattern: missing ]: ["},
    {"no characters asked for", 17, R"(string[1] a = {"x"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 0, pad_value = "#", separators = [" "]> (a))",
     "node of output 'y' (com.microsoft.Tokenizer): attribute 'mincharnum' is below 1"},
    {"three axes", 17, R"(string[1, 1, 1] a = {"x"})",
     R"(y = com.microsoft.Tokenizer <mark = 0, mincharnum = 1, pad_value = "#", separators = [" "]> (a))",
     "node of output 'y' (com.microsoft.Tokenizer): input 0 has rank 3, expected 1 or 2"},
};

}  // namespace

TEST_CASE("Tokenizer gives what ONNX Runtime gives") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("Tokenizer refuses what does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
