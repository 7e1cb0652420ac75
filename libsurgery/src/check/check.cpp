#include "surgery/check.h"

#include <algorithm>
#include <array>

#include "check/context.h"

namespace surgery {

std::span<const Rule> all_rules() {
  using namespace checking;  // NOLINT(google-build-using-namespace): forty names of one header
  static constexpr std::array kRules{kIrVersion,
                                     kOpsetMissing,
                                     kOpsetVersion,
                                     kOpsetConflict,
                                     kOpsetRepeated,
                                     kFunctionName,
                                     kFunctionRepeated,
                                     kFunctionRecursion,
                                     kCallDepth,
                                     kNestingDepth,
                                     kEmptyName,
                                     kDuplicateName,
                                     kShadowedName,
                                     kUndefinedInput,
                                     kUndefinedOutput,
                                     kRepeatedOutput,
                                     kUnsorted,
                                     kCycle,
                                     kMissingType,
                                     kInitializerNotInput,
                                     kEmptyOpType,
                                     kDomainNotImported,
                                     kFunctionDomainNotImported,
                                     kUnknownOperator,
                                     kRuntimeOperator,
                                     kDeprecatedOperator,
                                     kInputCount,
                                     kOutputCount,
                                     kOmittedInput,
                                     kOmittedOutput,
                                     kInputType,
                                     kUnknownAttribute,
                                     kUnknownFunctionAttribute,
                                     kMissingAttribute,
                                     kRepeatedAttribute,
                                     kAttributeType,
                                     kAttributePayload,
                                     kAttributeReference,
                                     kConstantValue,
                                     kSubgraphInputs,
                                     kSubgraphOutputs,
                                     kTensorType,
                                     kTensorDims,
                                     kTensorData,
                                     kLinkedDataFile,
                                     kImpossibleNode,
                                     kTypeContradiction,
                                     kUncheckedOperator};
  return kRules;
}

const Rule& find_rule(std::string_view id) {
  const auto rules = all_rules();
  const auto found = std::ranges::find(rules, id, &Rule::id);
  SURGERY_ASSERT(found != rules.end(), "the id of a rule");
  return *found;
}

std::vector<Finding> check(const Model& model, const CheckOptions& options) {
  using namespace checking;  // NOLINT(google-build-using-namespace)
  Context context(model, options);
  check_model(context);
  const Opsets opsets(model.opset_imports(), model.ir_version());
  check_graph(context, Scope{.graph = model.graph(), .opsets = opsets, .function = nullptr});
  check_functions(context);
  if (options.inference) check_inference(context);
  return context.take();
}

void require_valid(const Model& model, const CheckOptions& options) {
  const std::vector<Finding> findings = check(model, options);
  const auto is_error = [](const Finding& finding) {
    return finding.severity == Severity::kError && finding.rule != checking::kUnsorted.id;
  };
  const auto first = std::ranges::find_if(findings, is_error);
  if (first == findings.end()) return;
  const auto more = std::ranges::count_if(findings, is_error) - 1;
  std::string message = first->place + ": " + first->message;
  if (more > 0) message += " (and " + std::to_string(more) + (more == 1 ? " more error)" : " more errors)");
  throw Error(ErrorCode::kRead, message);
}

}  // namespace surgery
