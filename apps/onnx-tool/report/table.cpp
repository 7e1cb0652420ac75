#include "report/table.h"

#include <algorithm>

namespace app {
namespace {

/// Characters of a UTF-8 text: bytes that do not continue another.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

Table::Table(std::vector<Align> aligns, std::vector<std::string> header)
    : aligns_(std::move(aligns)), header_(std::move(header)) {}

void Table::add(std::vector<std::string> cells) {
  cells.resize(aligns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::to_string(size_t indent) const {
  std::vector<size_t> widths(aligns_.size(), 0);
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], width_of(cells[i]));
  };
  widen(header_);
  for (const auto& row : rows_) widen(row);

  std::string text;
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - width_of(cells[i]), ' ');
      line += aligns_[i] == Align::kRight ? padding + cells[i] : cells[i] + padding;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  if (!header_.empty()) print(header_);
  for (const auto& row : rows_) print(row);
  return text;
}

}  // namespace app
