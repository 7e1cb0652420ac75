#include "report/table.h"

#include <doctest/doctest.h>

#include "report/print.h"

using app::Table;

TEST_CASE("columns are as wide as their widest cell and lines end without blanks") {
  Table table({Table::Align::kLeft, Table::Align::kRight, Table::Align::kLeft}, {"name", "count", "note"});
  table.add({"conv", "1", ""});
  table.add({"relu_long", "1,000", "x"});
  CHECK(table.to_string(2) ==
        "  name       count  note\n"
        "  conv           1\n"
        "  relu_long  1,000  x\n");
}

TEST_CASE("width counts characters, not bytes") {
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  table.add({"\u5c42", "a"});
  table.add({"xy", "b"});
  CHECK(table.to_string() == "\u5c42   a\nxy  b\n");
}

TEST_CASE("a short row is filled with empty cells") {
  Table table({Table::Align::kLeft, Table::Align::kLeft});
  table.add({"a"});
  CHECK(table.to_string() == "a\n");
}

TEST_CASE("shorten cuts at a character and shows that it did") {
  CHECK(app::shorten("abcdef", 6) == "abcdef");
  CHECK(app::shorten("abcdefg", 6) == "abc...");
  CHECK(app::shorten("\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4", 6) == "\u00e4\u00f6\u00fc...");
}

TEST_CASE("counts are grouped by thousands") {
  struct Case {
    int64_t count;
    std::string_view text;
  };
  for (const Case& c : {Case{0, "0"}, Case{999, "999"}, Case{1000, "1,000"}, Case{1234567, "1,234,567"},
                        Case{-1000, "-1,000"}, Case{-100, "-100"}}) {
    CHECK(app::format_count(c.count) == c.text);
  }
  CHECK(app::plural(1, "node") == "1 node");
  CHECK(app::plural(2, "node") == "2 nodes");
}
