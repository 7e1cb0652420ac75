// Operators on string tensors: StringConcat, StringSplit, StringNormalizer, RegexFullMatch.

#include <re2/re2.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/unicode.h"

namespace exec::cpu {
namespace {

const Tensor& string_input(const KernelContext& context, size_t index) {
  const Tensor& tensor = context.input(index);
  if (tensor.type() != DataType::kString) {
    context.fail("input " + std::to_string(index) + " is " + std::string(to_string(tensor.type())) +
                 ", expected string");
  }
  return tensor;
}

/// StringConcat-20.
void string_concat(KernelContext& context) {
  const Tensor& a = string_input(context, 0);
  const Tensor& b = string_input(context, 1);
  const Dims both[] = {a.dims(), b.dims()};
  const Dims dims = broadcast_dims(context, both);
  Tensor& output = context.output(0, DataType::kString, dims);
  const LoopNest nest(dims, {broadcast_strides(a.dims(), dims), broadcast_strides(b.dims(), dims)});
  const auto for_each_pair = [&](auto&& visit) {
    nest.for_each_run(0, nest.num_elements(), [&](const LoopNest::Offsets& offsets, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        visit(a.strings()[static_cast<size_t>(offsets[0] + i * nest.run_stride(0))],
              b.strings()[static_cast<size_t>(offsets[1] + i * nest.run_stride(1))]);
      }
    });
  };
  int64_t characters = 0;
  for_each_pair([&](const std::string& left, const std::string& right) {
    characters = checked_add(context, characters, static_cast<int64_t>(left.size() + right.size()));
  });
  context.reserve_bytes(characters);
  auto target = output.mutable_strings().begin();
  for_each_pair([&](const std::string& left, const std::string& right) { *target++ = left + right; });
}

/// The parts between the `delimiter`s, as Python's str.split(delimiter, limit) has them; limit < 0: all of them.
std::vector<std::string_view> split_at(std::string_view text, std::string_view delimiter, int64_t limit) {
  std::vector<std::string_view> parts;
  for (int64_t splits = 0; limit < 0 || splits < limit; ++splits) {
    const size_t at = text.find(delimiter);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + delimiter.size());
  }
  parts.push_back(text);
  return parts;
}

/// The words between runs of white space, as Python's str.split(None, limit) has them.
std::vector<std::string_view> split_words(std::string_view text, int64_t limit) {
  std::vector<std::string_view> words;
  while (true) {
    while (const size_t space = leading_space(text)) text.remove_prefix(space);
    if (text.empty()) return words;
    if (limit >= 0 && static_cast<int64_t>(words.size()) == limit) {
      words.push_back(text);
      return words;
    }
    size_t size = 0;
    while (size < text.size() && leading_space(text.substr(size)) == 0) size += leading_character(text.substr(size));
    words.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
}

/// StringSplit-20: [dims..., most parts of any element], filled up with "", and the number of parts of each.
void string_split(KernelContext& context) {
  const Tensor& input = string_input(context, 0);
  const std::string delimiter = context.attr_string("delimiter", "");
  const int64_t limit = context.attr_int("maxsplit", -1);
  std::vector<std::vector<std::string_view>> parts;
  size_t most = 0;
  for (const std::string& text : input.strings()) {
    parts.push_back(delimiter.empty() ? split_words(text, limit) : split_at(text, delimiter, limit));
    most = std::max(most, parts.back().size());
  }
  Dims dims = input.dims();
  dims.push_back(static_cast<int64_t>(most));
  Tensor& output = context.output(0, DataType::kString, std::move(dims));
  for (size_t i = 0; i < parts.size(); ++i) {
    std::copy(parts[i].begin(), parts[i].end(),
              output.mutable_strings().begin() + static_cast<std::ptrdiff_t>(i * most));
  }
  if (!context.has_output(1)) return;
  const std::span<int64_t> counts = context.output(1, DataType::kInt64, input.dims()).mutable_values<int64_t>();
  for (size_t i = 0; i < parts.size(); ++i) counts[i] = static_cast<int64_t>(parts[i].size());
}

enum class CaseChange { kNone, kLower, kUpper };

std::string change_case(const std::string& text, CaseChange change) {
  if (change == CaseChange::kNone) return text;
  return change == CaseChange::kLower ? lower_case(text) : upper_case(text);
}

CaseChange read_case_change(const KernelContext& context) {
  const std::string action = context.attr_string("case_change_action", "NONE");
  if (action == "LOWER") return CaseChange::kLower;
  if (action == "UPPER") return CaseChange::kUpper;
  if (action != "NONE")
    context.fail("attribute 'case_change_action' is '" + action + "', expected LOWER, UPPER or NONE");
  return CaseChange::kNone;
}

/// StringNormalizer-10: elements that are stop words are dropped, the others change case. An attribute 'locale' changes
/// nothing: the mapping is Unicode's.
void string_normalizer(KernelContext& context) {
  const Tensor& input = string_input(context, 0);
  const Dims& dims = input.dims();
  if (dims.empty() || dims.size() > 2 || (dims.size() == 2 && dims[0] != 1)) {
    context.fail("input 0 has shape " + dims_text(dims) + ", expected [C] or [1, C]");
  }
  const CaseChange change = read_case_change(context);
  // Without regard to case, words are compared in lower case, or in upper case where that is what they become.
  const bool exact = context.attr_int("is_case_sensitive", 0) != 0;
  const CaseChange compared = exact                          ? CaseChange::kNone
                              : change == CaseChange::kUpper ? CaseChange::kUpper
                                                             : CaseChange::kLower;
  std::set<std::string> stop_words;
  for (const std::string& word : context.attr_strings("stopwords")) stop_words.insert(change_case(word, compared));
  std::vector<std::string> kept;
  for (const std::string& text : input.strings()) {
    if (!stop_words.empty() && stop_words.contains(change_case(text, compared))) continue;
    kept.push_back(change_case(text, change));
  }
  if (kept.empty()) kept.emplace_back();
  Dims kept_dims{static_cast<int64_t>(kept.size())};
  if (dims.size() == 2) kept_dims.insert(kept_dims.begin(), 1);
  Tensor& output = context.output(0, DataType::kString, std::move(kept_dims));
  std::move(kept.begin(), kept.end(), output.mutable_strings().begin());
}

/// RegexFullMatch-20. RE2 takes time linear in the text for every pattern.
void regex_full_match(KernelContext& context) {
  const Tensor& input = string_input(context, 0);
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 pattern(context.attr_string("pattern", ""), options);
  if (!pattern.ok()) context.fail("attribute 'pattern' is no RE2 pattern: " + pattern.error());
  const std::span<uint8_t> matches = context.output(0, DataType::kBool, input.dims()).mutable_values<uint8_t>();
  for (size_t i = 0; i < matches.size(); ++i) matches[i] = RE2::FullMatch(input.strings()[i], pattern) ? 1 : 0;
}

constexpr Kernel kKernels[] = {
    {"RegexFullMatch", "", 20, kLatest, kStrings, 0, regex_full_match},
    {"StringConcat", "", 20, kLatest, kStrings, 0, string_concat},
    {"StringNormalizer", "", 10, kLatest, kStrings, 0, string_normalizer},
    {"StringSplit", "", 20, kLatest, kStrings, 0, string_split},
};

}  // namespace

std::span<const Kernel> string_kernels() { return kKernels; }

}  // namespace exec::cpu
