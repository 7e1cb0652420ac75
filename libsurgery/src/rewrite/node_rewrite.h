#pragma once

#include <span>
#include <string_view>

#include "surgery/rewrite.h"

namespace surgery {

/// A Rewrite made of its facts and one function.
class NodeRewrite final : public Rewrite {
 public:
  using Apply = RewriteResult (*)(Node& node, Rewriter& rewriter);

  /// All arguments must outlive the program: string literals and arrays of static storage.
  constexpr NodeRewrite(std::string_view name, std::string_view description, std::span<const std::string_view> anchors,
                        Apply function)
      : name_(name), description_(description), anchors_(anchors), apply_(function) {}

  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  std::span<const std::string_view> anchors() const override { return anchors_; }
  RewriteResult apply(Node& node, Rewriter& rewriter) const override { return apply_(node, rewriter); }

 private:
  std::string_view name_;
  std::string_view description_;
  std::span<const std::string_view> anchors_;
  Apply apply_;
};

/// A GraphRewrite made of its facts and one function.
class WholeGraphRewrite final : public GraphRewrite {
 public:
  using Apply = void (*)(Graph& graph, Rewriter& rewriter);

  constexpr WholeGraphRewrite(std::string_view name, std::string_view description, Apply function)
      : name_(name), description_(description), apply_(function) {}

  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  void apply(Graph& graph, Rewriter& rewriter) const override { apply_(graph, rewriter); }

 private:
  std::string_view name_;
  std::string_view description_;
  Apply apply_;
};

}  // namespace surgery
