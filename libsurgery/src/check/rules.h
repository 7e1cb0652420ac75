#pragma once

#include "surgery/check.h"

/// The rules, group by group. Each has one file of the same name, or shares the file named here.
namespace surgery::checking {

// model.cpp
inline constexpr Rule kIrVersion{"ir-version", Severity::kError, "ir_version is set and no newer than this program"};
inline constexpr Rule kOpsetMissing{"opset-missing", Severity::kError,
                                    "from IR version 3 on a model, and always a function, imports opsets"};
inline constexpr Rule kOpsetVersion{"opset-version", Severity::kError,
                                    "an imported opset version is positive and, in a domain of ONNX, known"};
inline constexpr Rule kOpsetConflict{"opset-conflict", Severity::kError, "no domain is imported in two versions"};
inline constexpr Rule kOpsetRepeated{"opset-repeated", Severity::kWarning, "no domain is imported twice"};

// functions.cpp
inline constexpr Rule kFunctionName{"function-name", Severity::kError, "a function has a name and a domain"};
inline constexpr Rule kFunctionRepeated{"function-repeated", Severity::kError,
                                        "no two functions share domain, name and overload"};
inline constexpr Rule kFunctionRecursion{"function-recursion", Severity::kError,
                                         "no function calls itself, directly or through others"};
inline constexpr Rule kCallDepth{"call-depth", Severity::kError, "functions call each other at most 100 deep"};

// graph.cpp
inline constexpr Rule kNestingDepth{"nesting-depth", Severity::kError, "subgraphs nest at most 32 deep"};
inline constexpr Rule kEmptyName{"empty-name", Severity::kError, "inputs, initializers and graph outputs have names"};
inline constexpr Rule kDuplicateName{"duplicate-name", Severity::kError,
                                     "in a graph each name is given to one value only"};
inline constexpr Rule kShadowedName{"shadowed-name", Severity::kWarning,
                                    "a subgraph gives no value a name that an enclosing graph uses"};
inline constexpr Rule kUndefinedInput{"undefined-input", Severity::kError,
                                      "what a node reads is produced, stored or given by a graph in scope"};
inline constexpr Rule kUndefinedOutput{"undefined-output", Severity::kError, "every graph output is produced"};
inline constexpr Rule kRepeatedOutput{"repeated-output", Severity::kWarning, "no value is a graph output twice"};
inline constexpr Rule kUnsorted{"unsorted", Severity::kError, "nodes come after the nodes whose results they read"};
inline constexpr Rule kCycle{"cycle", Severity::kError, "no node depends on its own result"};
inline constexpr Rule kMissingType{"missing-type", Severity::kWarning, "inputs and outputs of the model have a type"};
inline constexpr Rule kInitializerNotInput{"initializer-not-input", Severity::kWarning,
                                           "before IR version 4, initializers are graph inputs too"};

// operators.cpp
inline constexpr Rule kEmptyOpType{"empty-op-type", Severity::kError, "a node has an op_type"};
inline constexpr Rule kDomainNotImported{"domain-not-imported", Severity::kError,
                                         "the domain of a node is imported by its model or function"};
inline constexpr Rule kFunctionDomainNotImported{"function-domain-not-imported", Severity::kWarning,
                                                 "the domain of a function that is called is imported"};
inline constexpr Rule kUnknownOperator{"unknown-operator", Severity::kError,
                                       "an operator of a domain of ONNX exists in the imported version"};
inline constexpr Rule kRuntimeOperator{"runtime-operator", Severity::kWarning,
                                       "what a runtime has put into the domain of ONNX is not used"};
inline constexpr Rule kDeprecatedOperator{"deprecated-operator", Severity::kError,
                                          "an operator is not deprecated in the imported version"};
inline constexpr Rule kInputCount{"input-count", Severity::kError, "a node has as many inputs as its operator takes"};
inline constexpr Rule kOutputCount{"output-count", Severity::kError,
                                   "a node has as many outputs as its operator gives"};
inline constexpr Rule kOmittedInput{"omitted-input", Severity::kError, "only optional inputs are omitted"};
inline constexpr Rule kOmittedOutput{"omitted-output", Severity::kError, "only optional outputs are omitted"};
inline constexpr Rule kInputType{"input-type", Severity::kError,
                                 "declared types of inputs are among those the operator takes, and agree"};

// attributes.cpp
inline constexpr Rule kUnknownAttribute{"unknown-attribute", Severity::kError,
                                        "an operator has the attributes that are given"};
inline constexpr Rule kUnknownFunctionAttribute{"unknown-function-attribute", Severity::kWarning,
                                                "a called function has the attributes that are given"};
inline constexpr Rule kMissingAttribute{"missing-attribute", Severity::kError, "required attributes are given"};
inline constexpr Rule kRepeatedAttribute{"repeated-attribute", Severity::kError, "no attribute is given twice"};
inline constexpr Rule kAttributeType{"attribute-type", Severity::kError,
                                     "an attribute says its type, and it is the one the operator wants"};
inline constexpr Rule kAttributePayload{"attribute-payload", Severity::kError,
                                        "an attribute holds a value of the type it says"};
inline constexpr Rule kAttributeReference{"attribute-reference", Severity::kError,
                                          "a reference to a function's attribute names one that exists"};
inline constexpr Rule kConstantValue{"constant-value", Severity::kError, "a Constant has exactly one value"};

// subgraphs.cpp
inline constexpr Rule kSubgraphInputs{"subgraph-inputs", Severity::kError,
                                      "a subgraph has as many inputs as its node passes"};
inline constexpr Rule kSubgraphOutputs{"subgraph-outputs", Severity::kError,
                                       "a subgraph has as many outputs as its node takes"};

// tensors.cpp
inline constexpr Rule kTensorType{"tensor-type", Severity::kError, "a stored tensor has a known element type"};
inline constexpr Rule kTensorDims{"tensor-dims", Severity::kError,
                                  "dims of a stored tensor are not negative, at most 1024, and their product fits"};
inline constexpr Rule kTensorData{
    "tensor-data", Severity::kError,
    "the data of a stored tensor is there and fits its dims; indices of a sparse one ascend"};
inline constexpr Rule kLinkedDataFile{"linked-data-file", Severity::kWarning,
                                      "a data file has no second name that may lie outside of the model's folder"};

// inference.cpp
inline constexpr Rule kImpossibleNode{"impossible-node", Severity::kError,
                                      "an operator can work on the types, shapes and attributes that a node has"};
inline constexpr Rule kTypeContradiction{
    "type-contradiction", Severity::kError,
    "the declared type of a value agrees with the one that follows from the node that makes it"};
inline constexpr Rule kUncheckedOperator{"unchecked-operator", Severity::kWarning,
                                         "types and shapes of a node's results follow from its operator"};

}  // namespace surgery::checking
