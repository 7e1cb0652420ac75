// com.microsoft's Tokenizer, as scikit-learn's exporters write it (ONNX Runtime's ContribOperators.md).

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/unicode.h"

namespace exec::cpu {
namespace {

constexpr std::string_view kDomain = "com.microsoft";
constexpr std::string_view kStartMark = "\x02";
constexpr std::string_view kEndMark = "\x03";

using Tokens = std::vector<std::string_view>;

/// The attributes. Patterns match leftmost and, among those, longest.
struct Tokenizer {
  bool is_marked = false;
  int64_t min_characters = 1;
  std::string padding;
  bool takes_characters = false;                 ///< separators is [""]: each character is a token
  std::vector<std::unique_ptr<RE2>> separators;  ///< applied one after the other
  std::unique_ptr<RE2> token;                    ///< in place of separators
};

std::unique_ptr<RE2> pattern_of(const KernelContext& context, std::string_view attribute, const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  auto pattern = std::make_unique<RE2>(text, options);
  if (!pattern->ok()) {
    context.fail("attribute '" + std::string(attribute) + "' is no RE2 pattern: " + pattern->error());
  }
  return pattern;
}

Tokenizer read_tokenizer(const KernelContext& context) {
  Tokenizer tokenizer;
  tokenizer.is_marked = context.attr_int("mark", 0) != 0;
  tokenizer.min_characters = context.attr_int("mincharnum", 1);
  tokenizer.padding = context.attr_string("pad_value", "");
  if (tokenizer.min_characters < 1) context.fail("attribute 'mincharnum' is below 1");
  const std::vector<std::string> separators = context.attr_strings("separators");
  const bool has_token = context.attribute("tokenexp") != nullptr;
  if (has_token == !separators.empty()) context.fail("it needs one of the attributes 'tokenexp' and 'separators'");
  if (has_token) {
    tokenizer.token = pattern_of(context, "tokenexp", context.attr_string("tokenexp", ""));
    return tokenizer;
  }
  tokenizer.takes_characters = separators.size() == 1 && separators[0].empty();
  if (tokenizer.takes_characters) {
    if (tokenizer.min_characters > 1) context.fail("attribute 'mincharnum' leaves no single character");
    return tokenizer;
  }
  for (const std::string& separator : separators) {
    if (separator.empty()) context.fail("an empty separator stands alone");
    tokenizer.separators.push_back(pattern_of(context, "separators", separator));
  }
  return tokenizer;
}

int64_t count_characters(std::string_view text) {
  int64_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(leading_character(text));
  return count;
}

/// The first match in `text` from `from` on that is not empty; an empty view where there is none.
std::string_view next_match(std::string_view text, size_t from, const RE2& pattern) {
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  while (from < text.size() && pattern.Match(whole, from, text.size(), RE2::UNANCHORED, &match, 1)) {
    const auto at = static_cast<size_t>(match.data() - text.data());
    if (!match.empty()) return text.substr(at, match.size());
    if (at >= text.size()) break;
    from = at + leading_character(text.substr(at));
  }
  return {};
}

/// Calls `visit(begin, end)` for each match that is not empty.
template <typename Visit>
void for_each_match(std::string_view text, const RE2& pattern, Visit&& visit) {
  for (size_t from = 0;;) {
    const std::string_view match = next_match(text, from, pattern);
    if (match.empty()) return;
    const auto begin = static_cast<size_t>(match.data() - text.data());
    from = begin + match.size();
    visit(begin, from);
  }
}

/// The parts between the matches of the separator, those that are not empty.
void split(std::string_view text, const RE2& separator, Tokens& parts) {
  size_t part = 0;
  for_each_match(text, separator, [&](size_t begin, size_t end) {
    if (begin > part) parts.push_back(text.substr(part, begin - part));
    part = end;
  });
  if (part < text.size()) parts.push_back(text.substr(part));
}

Tokens tokens_of(std::string_view text, const Tokenizer& tokenizer) {
  Tokens tokens;
  if (tokenizer.takes_characters) {
    for (; !text.empty(); text.remove_prefix(tokens.back().size())) {
      tokens.push_back(text.substr(0, leading_character(text)));
    }
  } else if (tokenizer.token) {
    for_each_match(text, *tokenizer.token,
                   [&](size_t begin, size_t end) { tokens.push_back(text.substr(begin, end - begin)); });
  } else {
    tokens.push_back(text);
    for (const auto& separator : tokenizer.separators) {
      Tokens parts;
      for (const std::string_view token : tokens) split(token, *separator, parts);
      tokens = std::move(parts);
    }
  }
  std::erase_if(tokens, [&](std::string_view token) { return count_characters(token) < tokenizer.min_characters; });
  return tokens;
}

/// Tokenizer-1: strings [C] or [N, C] to tokens [C, D] or [N, C, D], D being the most that one of them has.
void tokenizer(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() != 1 && input.rank() != 2) {
    context.fail("input 0 has rank " + std::to_string(input.rank()) + ", expected 1 or 2");
  }
  const Tokenizer options = read_tokenizer(context);
  std::vector<Tokens> rows;
  rows.reserve(input.strings().size());
  size_t most = 0;
  for (const std::string& text : input.strings()) {
    rows.push_back(tokens_of(text, options));
    most = std::max(most, rows.back().size());
  }
  std::vector<int64_t> dims = input.dims();
  if (rows.empty()) {
    context.output(0, DataType::kString, std::move(dims));
    return;
  }
  const size_t marks = options.is_marked && most > 0 ? 2 : 0;
  dims.push_back(static_cast<int64_t>(most + marks));
  auto target = context.output(0, DataType::kString, std::move(dims)).mutable_strings().begin();
  for (const Tokens& tokens : rows) {
    auto cell = target;
    if (marks > 0) *cell++ = kStartMark;
    cell = std::copy(tokens.begin(), tokens.end(), cell);
    if (marks > 0) *cell++ = kEndMark;
    target += static_cast<std::ptrdiff_t>(most + marks);
    std::fill(cell, target, options.padding);
  }
}

constexpr Kernel kKernels[] = {
    {"Tokenizer", kDomain, 1, kLatest, type_bit(DataType::kString), 0, tokenizer},
};

}  // namespace

std::span<const Kernel> contrib_tokenizer_kernels() { return kKernels; }

}  // namespace exec::cpu
