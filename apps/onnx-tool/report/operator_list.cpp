#include "report/operator_list.h"

#include <set>
#include <tuple>
#include <vector>

#include "exec/kernel.h"
#include "exec/oracle.h"
#include "report/print.h"
#include "report/table.h"

namespace app {
namespace {

/// Kernels of one operator that differ in nothing but their types, together.
struct Line {
  std::string_view domain;
  std::string_view op_type;
  int64_t since;
  int64_t until;
  int type_input;
  exec::TypeMask types;
  std::string_view oracle;  ///< what oracle mode computes in
};

std::string_view oracle_text(const exec::Kernel& kernel) {
  switch (exec::oracle_work(kernel)) {
    case exec::OracleWork::kDouble:
      return "double";
    case exec::OracleWork::kModelTypes:
      return "own";
    case exec::OracleWork::kNoFloats:
      break;
  }
  return "-";
}

std::vector<Line> lines() {
  std::vector<Line> result;
  for (const exec::Kernel& kernel : exec::all_kernels()) {
    const auto is_same = [&](const Line& line) {
      return std::tie(line.domain, line.op_type, line.since, line.until, line.type_input) ==
             std::tie(kernel.domain, kernel.op_type, kernel.since_version, kernel.until_version, kernel.type_input);
    };
    bool found = false;
    for (auto line = result.rbegin(); line != result.rend() && line->op_type == kernel.op_type; ++line) {
      if (!is_same(*line)) continue;
      line->types |= kernel.types;
      found = true;
      break;
    }
    if (!found) {
      result.push_back({kernel.domain, kernel.op_type, kernel.since_version, kernel.until_version, kernel.type_input,
                        kernel.types, oracle_text(kernel)});
    }
  }
  return result;
}

std::vector<std::string> type_names(exec::TypeMask types) {
  std::vector<std::string> names;
  for (int32_t number = 1; number < 32; ++number) {
    const auto type = static_cast<surgery::DataType>(number);
    if (is_valid(type) && (types & exec::type_bit(type)) != 0) names.emplace_back(to_string(type));
  }
  return names;
}

std::string version_text(const Line& line) {
  if (line.until == exec::kLatest) return std::to_string(line.since) + "-";
  if (line.since == line.until) return std::to_string(line.since);
  return std::to_string(line.since) + "-" + std::to_string(line.until);
}

std::string domain_text(std::string_view domain) { return domain.empty() ? "ai.onnx" : std::string(domain); }

}  // namespace

std::string operator_list_text() {
  using enum Table::Align;
  Table table({kLeft, kLeft, kLeft, kLeft, kLeft, kLeft},
              {"domain", "operator", "versions", "device", "oracle", "types"});
  std::set<std::pair<std::string_view, std::string_view>> operators;
  for (const Line& line : lines()) {
    operators.emplace(line.domain, line.op_type);
    const std::string types =
        line.type_input < 0 ? "any"
                            : "input " + std::to_string(line.type_input) + ": " + join(type_names(line.types), " ");
    table.add({domain_text(line.domain), std::string(line.op_type), version_text(line), "cpu", std::string(line.oracle),
               types});
  }
  return table.to_string() + plural(static_cast<int64_t>(operators.size()), "operator") + "\n";
}

Json operator_list_json() {
  Json report = new_report("list-operators");
  report["operators"] = Json::array();
  for (const Line& line : lines()) {
    report["operators"].push_back({{"domain", domain_text(line.domain)},
                                   {"operator", line.op_type},
                                   {"since_version", line.since},
                                   {"until_version", line.until == exec::kLatest ? Json(nullptr) : Json(line.until)},
                                   {"device", "cpu"},
                                   {"oracle", line.oracle == "-" ? Json(nullptr) : Json(line.oracle)},
                                   {"input", line.type_input < 0 ? Json(nullptr) : Json(line.type_input)},
                                   {"types", line.type_input < 0 ? Json(nullptr) : Json(type_names(line.types))}});
  }
  return report;
}

}  // namespace app
