#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "exec_testing.h"
#include "kernels/cpu/unicode.h"

using namespace surgery;
using namespace exec_testing;

namespace {

using Strings = std::vector<std::string>;

Tensor strings(Dims dims, Strings values) { return Tensor::from_strings(std::move(dims), std::move(values)); }

Tensor list(const Strings& values) { return strings({static_cast<int64_t>(values.size())}, values); }

Strings strings_of(const Tensor& tensor) { return {tensor.strings().begin(), tensor.strings().end()}; }

std::vector<Attribute> attributes(std::string name, std::string value) {
  std::vector<Attribute> result;
  result.emplace_back(std::move(name), std::move(value));
  return result;
}

}  // namespace

TEST_CASE("StringConcat joins with broadcasting") {
  const auto found = run(*one_node("StringConcat", {strings({2, 1}, {"a", "b"}), list({"x", "", "\xc3\xa9"})}, {}));
  CHECK(found[0].dims() == Dims{2, 3});
  CHECK(strings_of(found[0]) == Strings{"ax", "a", "a\xc3\xa9", "bx", "b", "b\xc3\xa9"});
  CHECK(error_of([] {
          run(*one_node("StringConcat", {list({"a", "b"}), list({"x", "y", "z"})}, {}));
        }).starts_with("3: node 'n' (StringConcat): "));
  CHECK(error_of([] {
          run(*one_node("StringConcat", {list({"a"}), floats({1}, {1})}, {}));
        }) == "3: node 'n' (StringConcat): input 1 is float, expected string");
}

TEST_CASE("strings that grow over the memory limit are refused") {
  const std::string long_text(1 << 20, 'x');
  const auto model = one_node("StringConcat", {list({long_text}), list({long_text})}, {});
  CHECK(error_of([&] {
          run(*model, {.max_bytes = 1 << 20});
        }).starts_with("4: node 'n' (StringConcat): its result would take 2.0 MiB"));
}

TEST_CASE("StringSplit splits as Python does") {
  struct Case {
    std::string text;
    std::string delimiter;
    int64_t limit;
    Strings parts;
  };
  const Case cases[] = {
      {"a,b,,c", ",", -1, {"a", "b", "", "c"}},
      {"a,b,,c", ",", 1, {"a", "b,,c"}},
      {"", ",", -1, {""}},
      {",", ",", -1, {"", ""}},
      {"a--b-c", "--", -1, {"a", "b-c"}},
      {"  a \t b\n", "", -1, {"a", "b"}},
      {"  a  b  c ", "", 1, {"a", "b  c "}},
      {"  a b", "", 0, {"a b"}},
      {"a\xe3\x80\x80"
       "b\xc2\xa0"
       "c",
       "",
       -1,
       {"a", "b", "c"}},  // ideographic space, no-break space
      {"   ", "", -1, {}},
      {"\xff \xfe", "", -1, {"\xff", "\xfe"}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    std::vector<Attribute> attributes;
    if (!each.delimiter.empty()) attributes.emplace_back("delimiter", each.delimiter);
    if (each.limit >= 0) attributes.emplace_back("maxsplit", each.limit);
    const auto found = run(*one_node("StringSplit", {strings({}, {each.text})}, std::move(attributes), 22, 2));
    CHECK(strings_of(found[0]) == each.parts);
    CHECK(found[0].dims() == Dims{static_cast<int64_t>(each.parts.size())});
    CHECK(found[1].to_int64s() == std::vector<int64_t>{static_cast<int64_t>(each.parts.size())});
  }
}

TEST_CASE("StringSplit fills up with empty strings") {
  const auto found = run(*one_node("StringSplit", {list({"a b c", "", "d"})}, {}, 22, 2));
  CHECK(found[0].dims() == Dims{3, 3});
  CHECK(strings_of(found[0]) == Strings{"a", "b", "c", "", "", "", "d", "", ""});
  CHECK(found[1].to_int64s() == std::vector<int64_t>{3, 0, 1});
}

TEST_CASE("case is Unicode's, without a locale") {
  CHECK(exec::cpu::lower_case("\xc3\x84"
                              "B\xce\xa9") ==
        "\xc3\xa4"
        "b\xcf\x89");
  CHECK(exec::cpu::upper_case("stra\xc3\x9f"
                              "e i") ==
        "STRA\xc3\x9f"
        "E I");
  CHECK(exec::cpu::upper_case("a\xff") == "A\xff");
}

TEST_CASE("StringNormalizer drops stop words and changes case") {
  const Strings words{"Monday", "tuesday", "Tuesday", "wednesday"};
  const auto normalized = [&](std::vector<Attribute> given) {
    return strings_of(run(*one_node("StringNormalizer", {list(words)}, std::move(given)))[0]);
  };
  const auto with = [](const std::string& change, int64_t exact, const Strings& stops) {
    std::vector<Attribute> given;
    given.emplace_back("case_change_action", change);
    given.emplace_back("is_case_sensitive", exact);
    if (!stops.empty()) given.emplace_back("stopwords", stops);
    return given;
  };
  CHECK(normalized(with("UPPER", 1, {"tuesday"})) == Strings{"MONDAY", "TUESDAY", "WEDNESDAY"});
  CHECK(normalized(with("LOWER", 0, {"TUESDAY"})) == Strings{"monday", "wednesday"});
  CHECK(normalized(with("NONE", 0, {"TUESDAY", "monday", "Wednesday"})) == Strings{""});
  CHECK(normalized({}) == words);
  CHECK(error_of([&] { normalized(with("Upper", 0, {})); }) ==
        "3: node 'n' (StringNormalizer): attribute 'case_change_action' is 'Upper', expected LOWER, UPPER or NONE");
  CHECK(error_of([&] {
          run(*one_node("StringNormalizer", {strings({2, 1}, {"a", "b"})}, {}));
        }) == "3: node 'n' (StringNormalizer): input 0 has shape [2, 1], expected [C] or [1, C]");
}

TEST_CASE("RegexFullMatch matches the whole text and refuses what is no pattern") {
  const auto found =
      run(*one_node("RegexFullMatch", {list({"ab1", "ab", "xab1", ""})}, attributes("pattern", "[a-z]+\\d")));
  CHECK(found[0].to_int64s() == std::vector<int64_t>{1, 0, 1, 0});
  CHECK(error_of([] { run(*one_node("RegexFullMatch", {list({"a"})}, attributes("pattern", "(a"))); }) ==
        "3: node 'n' (RegexFullMatch): attribute 'pattern' is no RE2 pattern: missing ): (a");
  // A pattern that takes exponential time in backtracking engines.
  CHECK(run(*one_node("RegexFullMatch", {list({std::string(5000, 'a') + "!"})}, attributes("pattern", "(a+)+")))[0]
            .to_int64s() == std::vector<int64_t>{0});
}

namespace {

std::vector<Attribute> tfidf(const std::string& mode, int64_t min, int64_t max, int64_t skips, const Dims& counts,
                             const Dims& indexes, const Dims& pool, const std::vector<float>& weights = {}) {
  std::vector<Attribute> given;
  given.emplace_back("mode", mode);
  given.emplace_back("min_gram_length", min);
  given.emplace_back("max_gram_length", max);
  given.emplace_back("max_skip_count", skips);
  given.emplace_back("ngram_counts", counts);
  given.emplace_back("ngram_indexes", indexes);
  given.emplace_back("pool_int64s", pool);
  if (!weights.empty()) given.emplace_back("weights", weights);
  return given;
}

}  // namespace

TEST_CASE("TfIdfVectorizer counts n-grams with skips") {
  const Tensor x = tensor(DataType::kInt64, {2, 4}, {1, 2, 1, 2, 2, 9, 1, 2});
  // The pool: [1], [2]; [1, 2], [2, 1].
  const Dims pool{1, 2, 1, 2, 2, 1};
  const auto count = [&](std::vector<Attribute> given) {
    return values_of(run(*one_node("TfIdfVectorizer", {x}, std::move(given)))[0]);
  };
  CHECK(count(tfidf("TF", 1, 2, 0, {0, 2}, {0, 1, 2, 3}, pool)) == std::vector<double>{2, 2, 2, 1, 1, 2, 1, 0});
  CHECK(count(tfidf("TF", 2, 2, 1, {0, 2}, {0, 1, 2, 3}, pool)) == std::vector<double>{0, 0, 2, 1, 0, 0, 1, 1});
  CHECK(count(tfidf("TF", 1, 1, 5, {0, 2}, {3, 0, 1, 2}, pool)) == std::vector<double>{2, 0, 0, 2, 2, 0, 0, 1});
  CHECK(count(tfidf("IDF", 1, 1, 0, {0, 2}, {0, 1, 2, 3}, pool, {3, 5, 7, 9})) ==
        std::vector<double>{3, 5, 0, 0, 3, 5, 0, 0});
  CHECK(count(tfidf("TFIDF", 1, 1, 0, {0, 2}, {0, 1, 2, 3}, pool, {3, 5, 7, 9})) ==
        std::vector<double>{6, 10, 0, 0, 3, 10, 0, 0});
  // A weight belongs to an n-gram of the pool, wherever its column is.
  CHECK(count(tfidf("TFIDF", 1, 1, 0, {0, 2}, {3, 0, 1, 2}, pool, {3, 5, 7, 9})) ==
        std::vector<double>{10, 0, 0, 6, 10, 0, 0, 3});
}

TEST_CASE("TfIdfVectorizer refuses attributes that do not fit together") {
  const Tensor x = tensor(DataType::kInt64, {2}, {1, 2});
  const auto message = [&](std::vector<Attribute> given) {
    return error_of([&] { run(*one_node("TfIdfVectorizer", {x}, std::move(given))); });
  };
  CHECK(message(tfidf("TF", 1, 1, 0, {0, 3}, {0, 1}, {1, 2})) ==
        "3: node 'n' (TfIdfVectorizer): ngram_counts [0, 3] do not divide a pool of 2");
  CHECK(message(tfidf("TF", 1, 1, 0, {0}, {0}, {1, 2})) ==
        "3: node 'n' (TfIdfVectorizer): the pool holds more n-grams than the 1 of ngram_indexes");
  CHECK(message(tfidf("TF", 2, 1, 0, {0}, {0, 1}, {1, 2})) ==
        "3: node 'n' (TfIdfVectorizer): n-grams of 2 to 1 tokens with up to 0 skipped");
  CHECK(message(tfidf("TF", 1, 1, 0, {0}, {0, int64_t{1} << 60}, {1, 2}))
            .starts_with("4: node 'n' (TfIdfVectorizer): output 0 would be"));
  CHECK(message(tfidf("TF", 1, INT64_MAX, INT64_MAX - 1, {0}, {0, 1}, {1, 2})) == "(no error)");
  CHECK(error_of([&] {
          run(*one_node("TfIdfVectorizer", {list({"a"})}, tfidf("TF", 1, 1, 0, {0}, {0, 1}, {1, 2})));
        }) ==
        "3: node 'n' (TfIdfVectorizer): needs one of pool_strings and pool_int64s, that of the type of its input");
}
