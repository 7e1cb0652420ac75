#include <algorithm>
#include <map>
#include <string>

#include "edit/dims/companions.h"
#include "edit/dims/mender.h"

/// Einsum: axes of one letter must agree. A letter that holds the batch must be in the result, once, and be the only
/// one that does; else samples are summed over, or put beside each other.
namespace surgery::dims {
namespace {

constexpr char kEllipsis = '.';  // stands for all three points

/// "bij" and "b...j" without blanks, an ellipsis as one character.
std::string letters_of(std::string_view term) {
  std::string letters;
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ') continue;
    letters += term[i];
    if (term[i] == kEllipsis) i = std::min(term.find_last_of(kEllipsis), term.size());
  }
  return letters;
}

struct Equation {
  std::vector<std::string> terms;
  std::string result;
};

Equation parse(std::string_view text) {
  Equation equation;
  const size_t arrow = text.find("->");
  std::string_view left = text.substr(0, arrow);
  for (size_t comma = 0; comma != std::string_view::npos; left.remove_prefix(comma + 1)) {
    comma = left.find(',');
    equation.terms.push_back(letters_of(left.substr(0, comma)));
    if (comma == std::string_view::npos) break;
  }
  if (arrow != std::string_view::npos) {
    equation.result = letters_of(text.substr(arrow + 2));
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
  const Equation equation = parse(node.string_or("equation", ""));
  for (const auto& [letter, operands] : axes_by_letter(node, mender, equation)) {
    const bool is_hidden = letter >= '0' && letter <= '9';
    const auto is_freed = [&](const Operand& operand) {
      return mender.is_freed((*mender.shape(node.input(operand.input)))[operand.axis]);
    };
    if (std::none_of(operands.begin(), operands.end(), is_freed)) continue;
    agree(node, mender, operands, is_hidden);
    const char shown = is_hidden ? kEllipsis : letter;
    const auto times = std::count(equation.result.begin(), equation.result.end(), shown);
    bool is_twice = false;
    for (const std::string& term : equation.terms) {
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
