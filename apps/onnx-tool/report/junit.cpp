#include "report/junit.h"

#include <algorithm>

#include "report/print.h"
#include "surgery/text.h"

namespace app {
namespace {

/// Text of an attribute: control characters made visible, XML's own characters as entities.
std::string xml(std::string_view text) {
  std::string result;
  for (const char c : surgery::escape(text, 2000)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string junit_xml(std::span<const exec::TestCase> cases, std::span<const exec::TestResult> results) {
  double seconds = 0;
  for (const exec::TestResult& result : results) seconds += result.seconds;
  const auto failures = std::count_if(results.begin(), results.end(), [](const auto& each) { return !each.passed(); });
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"onnx-tool test\" tests=\"" +
                     std::to_string(results.size()) + "\" failures=\"" + std::to_string(failures) + "\" time=\"" +
                     format_fixed(seconds, 3) + "\">\n";
  for (size_t i = 0; i < results.size(); ++i) {
    text += "  <testcase name=\"" + xml(cases[i].name) + "\" classname=\"" +
            xml(cases[i].model.parent_path().parent_path().string()) + "\" time=\"" +
            format_fixed(results[i].seconds, 3) + "\"";
    text +=
        results[i].passed() ? "/>\n" : ">\n    <failure message=\"" + xml(results[i].failure) + "\"/>\n  </testcase>\n";
  }
  return text + "</testsuite>\n";
}

}  // namespace app
