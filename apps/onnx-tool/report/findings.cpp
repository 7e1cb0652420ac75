#include "report/findings.h"

#include "report/print.h"
#include "report/table.h"

namespace app {
namespace {

std::string_view severity_text(surgery::Severity severity) {
  return severity == surgery::Severity::kError ? "error" : "warning";
}

}  // namespace

FindingCount count_findings(const std::vector<surgery::Finding>& findings) {
  FindingCount count;
  for (const surgery::Finding& finding : findings) {
    ++(finding.severity == surgery::Severity::kError ? count.errors : count.warnings);
  }
  return count;
}

std::string to_text(const FindingCount& count) {
  if (count.warnings == 0) return plural(count.errors, "error");
  if (count.errors == 0) return plural(count.warnings, "warning");
  return plural(count.errors, "error") + ", " + plural(count.warnings, "warning");
}

std::string to_text(const std::vector<surgery::Finding>& findings) {
  std::string text;
  for (const surgery::Finding& finding : findings) {
    text.append(severity_text(finding.severity)).append(" ").append(finding.rule).append(" at ").append(finding.place);
    text.append("\n  found     ").append(finding.message);
    text.append("\n  expected  ").append(surgery::find_rule(finding.rule).description).append("\n");
  }
  return text;
}

Json to_json(const std::vector<surgery::Finding>& findings) {
  Json array = Json::array();
  for (const surgery::Finding& finding : findings) {
    array.push_back({{"rule", finding.rule},
                     {"severity", severity_text(finding.severity)},
                     {"place", finding.place},
                     {"found", finding.message},
                     {"expected", surgery::find_rule(finding.rule).description}});
  }
  return array;
}

std::string rules_text() {
  Table table({Table::Align::kLeft, Table::Align::kLeft, Table::Align::kLeft},
              {"rule", "severity", "what has to hold"});
  for (const surgery::Rule& rule : surgery::all_rules()) {
    table.add({std::string(rule.id), std::string(severity_text(rule.severity)), std::string(rule.description)});
  }
  return table.to_string();
}

Json rules_json() {
  Json array = Json::array();
  for (const surgery::Rule& rule : surgery::all_rules()) {
    array.push_back({{"id", rule.id}, {"severity", severity_text(rule.severity)}, {"description", rule.description}});
  }
  return array;
}

}  // namespace app
