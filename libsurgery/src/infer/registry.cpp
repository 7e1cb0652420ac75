#include "infer/registry.h"

#include <unordered_map>

#include "infer/families.h"
#include "surgery/schema.h"

namespace surgery::infer {
namespace {

using Table = std::unordered_map<std::string_view, InferFunction>;

constexpr std::span<const Operator> (*kFamilies[])() = {
    unary_operators,     binary_operators,        convolution_operators,  pooling_operators,
    matmul_operators,    normalization_operators, reduction_operators,    constant_operators,
    reshape_operators,   join_operators,          slice_operators,        gather_operators,
    spread_operators,    resize_operators,        selection_operators,    quantization_operators,
    recurrent_operators, attention_operators,     control_flow_operators, sequence_operators,
    signal_operators,    vision_operators,        loss_operators,         text_operators,
    ml_operators,        training_operators,      microsoft_operators,    microsoft_attention_operators,
};

std::unordered_map<std::string_view, Table> make_tables() {
  std::unordered_map<std::string_view, Table> tables;
  for (const auto& family : kFamilies) {
    for (const Operator& op : family()) tables[op.domain].emplace(op.op_type, op.infer);
  }
  return tables;
}

}  // namespace

InferFunction find_infer_function(std::string_view domain, std::string_view op_type) {
  static const std::unordered_map<std::string_view, Table> kTables = make_tables();
  const auto table = kTables.find(schema::normalize_domain(domain));
  if (table == kTables.end()) return nullptr;
  const auto found = table->second.find(op_type);
  return found != table->second.end() ? found->second : nullptr;
}

}  // namespace surgery::infer
