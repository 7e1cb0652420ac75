#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "edit/dims/companions.h"
#include "edit/dims/mender.h"
#include "infer/einsum_equation.h"

/// Einsum: axes of one letter must agree. A letter that holds the batch must be in the result, once, and be the only
/// one that does; else samples are summed over, or put beside each other.
namespace surgery::dims {
namespace {

constexpr char kEllipsis = '.';  // stands for all three points

/// A term with its ellipsis as one character.
std::string letters_of(std::string term) {
  if (const size_t points = term.find("..."); points != std::string::npos) term.replace(points, 3, 1, kEllipsis);
  return term;
}

struct Equation {
  std::vector<std::string> terms;
  std::string result;
};

std::optional<Equation> parse(std::string_view text) {
  const auto parsed = infer::parse_einsum(text);
  if (!parsed) return std::nullopt;
  Equation equation;
  for (const std::string& operand : parsed->operands) equation.terms.push_back(letters_of(operand));
  if (parsed->has_output) {
    equation.result = letters_of(parsed->output);
    return equation;
  }
  std::map<char, int> times;  // without an arrow: the ellipsis, then every letter that stands there once, sorted
  for (const std::string& term : equation.terms) {
    for (const char letter : term) ++times[letter];
  }
  for (const auto& [letter, count] : times) {
    if (letter == kEllipsis || count == 1) equation.result += letter;
  }
  return equation;
}

/// Axes of the inputs by letter; those of an ellipsis by the letters '0', '1', ... counted from its end.
std::map<char, std::vector<Operand>> axes_by_letter(const Node& node, const Mender& mender, const Equation& equation) {
  std::map<char, std::vector<Operand>> axes;
  for (size_t input = 0; input < equation.terms.size(); ++input) {
    const Shape* shape = mender.shape(node.input(input));
    const std::string& term = equation.terms[input];
    if (shape == nullptr) continue;
    const bool has_ellipsis = term.find(kEllipsis) != std::string::npos;
    if (shape->size() + (has_ellipsis ? 1 : 0) < term.size()) continue;  // not valid
    const size_t hidden = has_ellipsis ? shape->size() + 1 - term.size() : 0;
    size_t axis = 0;
    for (const char letter : term) {
      if (letter != kEllipsis) {
        axes[letter].push_back({input, axis++});
        continue;
      }
      for (size_t i = 0; i < hidden; ++i) axes[static_cast<char>('0' + (hidden - 1 - i))].push_back({input, axis++});
    }
  }
  return axes;
}

}  // namespace

void check_einsum(Node& node, Mender& mender) {
  const std::optional<Equation> equation = parse(node.string_or("equation", ""));
  if (!equation) return;
  for (const auto& [letter, operands] : axes_by_letter(node, mender, *equation)) {
    const bool is_hidden = letter >= '0' && letter <= '9';
    const auto is_freed = [&](const Operand& operand) {
      return mender.is_freed((*mender.shape(node.input(operand.input)))[operand.axis]);
    };
    if (std::none_of(operands.begin(), operands.end(), is_freed)) continue;
    agree(node, mender, operands, is_hidden);
    const char shown = is_hidden ? kEllipsis : letter;
    const auto times = std::count(equation->result.begin(), equation->result.end(), shown);
    bool is_twice = false;
    for (const std::string& term : equation->terms) {
      is_twice = is_twice || std::count(term.begin(), term.end(), shown) > 1;
    }
    if (times == 1 && !is_twice) continue;
    mender.note_mixing();
    if (!mender.is_per_sample()) continue;
    throw no_other_size(
        mender, node,
        std::string(is_twice ? "takes a diagonal over '" : "sums over '") + letter + "', which holds the batch");
  }
}

}  // namespace surgery::dims
