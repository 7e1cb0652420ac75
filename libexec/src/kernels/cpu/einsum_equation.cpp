#include "kernels/cpu/einsum_equation.h"

#include <algorithm>
#include <string>

#include "surgery/text.h"

namespace exec::cpu {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// One operand or the output of the equation.
struct Term {
  std::vector<int> before;  // labels in front of the ellipsis, or all of them
  std::vector<int> after;
  bool has_ellipsis = false;

  int64_t num_letters() const { return static_cast<int64_t>(before.size() + after.size()); }
  std::vector<int> labels(int64_t ellipsis_rank) const {
    std::vector<int> result = before;
    for (int64_t i = has_ellipsis ? ellipsis_rank : 0; i > 0; --i) result.push_back(static_cast<int>(-i));
    result.insert(result.end(), after.begin(), after.end());
    return result;
  }
};

class EquationReader {
 public:
  explicit EquationReader(const KernelContext& context)
      : context_(context), text_(context.attr_string("equation", "")) {
    std::erase(text_, ' ');
  }

  EinsumEquation read() {
    const size_t arrow = text_.find("->");
    read_inputs(std::string_view(text_).substr(0, arrow));
    if (arrow != std::string::npos) {
      read_output(std::string_view(text_).substr(arrow + 2));
    } else {
      imply_output();
    }
    return std::move(equation_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    context_.fail("equation " + surgery::quote(text_) + ": " + why);
  }

  Term read_term(std::string_view text) const {
    Term term;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("...")) {
        if (term.has_ellipsis) fail("a term has two ellipses");
        term.has_ellipsis = true;
        i += 2;
      } else if (is_letter(text[i])) {
        (term.has_ellipsis ? term.after : term.before).push_back(text[i]);
      } else {
        fail("character " + surgery::quote(text.substr(i, 1)) + " has no meaning");
      }
    }
    return term;
  }

  void read_inputs(std::string_view text) {
    std::vector<Term> terms;
    for (size_t begin = 0; begin <= text.size();) {
      const size_t end = std::min(text.find(',', begin), text.size());
      terms.push_back(read_term(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    if (terms.size() != context_.num_inputs()) {
      fail("it has " + std::to_string(terms.size()) + " terms, the node " + std::to_string(context_.num_inputs()) +
           " inputs");
    }
    for (size_t i = 0; i < terms.size(); ++i) {
      const int64_t spare = context_.input(i).rank() - terms[i].num_letters();
      if (spare < 0 || (spare > 0 && !terms[i].has_ellipsis)) {
        fail("term " + std::to_string(i) + " has " + std::to_string(terms[i].num_letters()) + " letters, input " +
             std::to_string(i) + " has rank " + std::to_string(context_.input(i).rank()));
      }
      ellipsis_rank_ = std::max(ellipsis_rank_, spare);
      equation_.inputs.push_back(terms[i].labels(spare));
      name_extents(i);
    }
  }

  void name_extents(size_t input) {
    const Dims& dims = context_.input(input).dims();
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      const int label = equation_.inputs[input][axis];
      int64_t& extent = equation_.extents.try_emplace(label, 1).first->second;
      if (dims[axis] == 1 || dims[axis] == extent) continue;
      if (extent != 1) {
        fail("axis " + std::to_string(axis) + " of input " + std::to_string(input) + " is " +
             std::to_string(dims[axis]) + " long, expected " + std::to_string(extent));
      }
      extent = dims[axis];
    }
  }

  void read_output(std::string_view text) {
    const Term term = read_term(text);
    if (!term.has_ellipsis && ellipsis_rank_ > 0) fail("the output leaves out the axes of the ellipsis");
    equation_.output = term.labels(ellipsis_rank_);
    std::vector<int> sorted = equation_.output;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (!equation_.extents.contains(sorted[i])) fail("the output names an axis that no input has");
      if (i > 0 && sorted[i] == sorted[i - 1]) fail("the output names an axis twice");
    }
  }

  void imply_output() {
    equation_.output = Term{{}, {}, true}.labels(ellipsis_rank_);
    std::map<int, int> uses;
    for (const std::vector<int>& labels : equation_.inputs) {
      for (const int label : labels) ++uses[label];
    }
    for (const auto& [label, count] : uses) {
      if (label > 0 && count == 1) equation_.output.push_back(label);
    }
  }

  const KernelContext& context_;
  std::string text_;
  EinsumEquation equation_;
  int64_t ellipsis_rank_ = 0;
};

}  // namespace

bool EinsumEquation::is_in_output(int label) const {
  return std::find(output.begin(), output.end(), label) != output.end();
}

EinsumEquation read_einsum_equation(const KernelContext& context) { return EquationReader(context).read(); }

}  // namespace exec::cpu
