#pragma once

#include <string>
#include <vector>

namespace app {

/// A plain text table: columns as wide as their widest cell, two blanks between them, no trailing blanks.
class Table {
 public:
  enum class Align { kLeft, kRight };

  /// `aligns` has one entry per column; an empty header prints none.
  explicit Table(std::vector<Align> aligns, std::vector<std::string> header = {});

  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  /// The lines, each indented by `indent` blanks and ended by a line feed. Cells are counted in UTF-8 characters.
  std::string to_string(size_t indent = 0) const;

 private:
  std::vector<Align> aligns_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace app
