#include <unordered_map>

#include "check/context.h"
#include "surgery/text.h"

namespace surgery::checking {
namespace {

std::string domain_text(std::string_view domain) {
  return schema::normalize_domain(domain).empty() ? "ai.onnx" : escape(domain, 60);
}

}  // namespace

void check_opsets(Context& context, const std::vector<OpsetImport>& imports, const std::string& place) {
  std::unordered_map<std::string_view, int64_t> seen;
  for (size_t i = 0; i < imports.size(); ++i) {
    const OpsetImport& import = imports[i];
    const std::string here = place + "/opset_import[" + std::to_string(i) + "]";
    const std::string opset = "opset " + std::to_string(import.version) + " of domain " + domain_text(import.domain);
    const int64_t newest = schema::max_opset(import.domain);
    if (import.version < 1) {
      context.add(kOpsetVersion, here, opset + ": versions start at 1");
    } else if (newest > 0 && import.version > newest) {
      context.add(kOpsetVersion, here, opset + " is not known: the newest known is " + std::to_string(newest));
    }
    const auto [first, is_new] = seen.emplace(schema::normalize_domain(import.domain), import.version);
    if (is_new) continue;
    if (first->second == import.version) {
      context.add(kOpsetRepeated, here, opset + " is imported twice");
    } else {
      context.add(kOpsetConflict, here, opset + ": version " + std::to_string(first->second) + " is imported too");
    }
  }
}

void check_model(Context& context) {
  const Model& model = context.model();
  const int64_t version = model.ir_version();
  if (version == 0) {
    context.add(kIrVersion, "model", "ir_version is missing");
  } else if (version < 0 || version > schema::latest_ir_version()) {
    context.add(
        kIrVersion, "model",
        "ir_version is " + std::to_string(version) + ", expected 1 to " + std::to_string(schema::latest_ir_version()));
  }
  if (model.opset_imports().empty() && version >= schema::kOpsetIrVersion) {
    context.add(kOpsetMissing, "model",
                "there is no opset_import, which IR version " + std::to_string(version) + " needs");
  }
  check_opsets(context, model.opset_imports(), "model");
}

}  // namespace surgery::checking
