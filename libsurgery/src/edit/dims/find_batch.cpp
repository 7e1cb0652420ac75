#include "edit/dims/find_batch.h"

#include <algorithm>

#include "edit/dims/trial.h"
#include "surgery/text.h"

namespace surgery::dims {
namespace {

std::vector<Value*> data_inputs(Model& model) {
  std::vector<Value*> inputs;
  for (Value* input : model.graph().inputs()) {
    if (!input->is_initializer()) inputs.push_back(input);
  }
  return inputs;
}

void require_shape(const Value& input) {
  const Type& type = input.type();
  if (type.is_known() && !type.is_tensor()) {
    throw Error(ErrorCode::kUnsupported, "input " + quote(input.name()) + " is a " + to_string(type) +
                                             "; which of its axes holds the batch is not known");
  }
  if (!type.shape) {
    throw Error(ErrorCode::kUnsupported, "input " + quote(input.name()) +
                                             " has no declared shape, so no axis that could hold the batch; "
                                             "--set-shape gives it one");
  }
}

/// Of every data input, the axis that would hold the batch; nothing for one without axes.
using Axes = std::map<const Value*, size_t>;

Axes batch_axes(const std::vector<Value*>& inputs, const BatchAxes& given) {
  Axes axes;
  std::vector<std::string> names;
  for (const Value* input : inputs) {
    names.push_back(input->name());
    require_shape(*input);
    const auto rank = static_cast<int64_t>(input->type().shape->size());
    const auto found = given.find(input->name());
    if (found == given.end()) {
      if (rank > 0) axes[input] = 0;
      continue;
    }
    const int64_t axis = found->second < 0 ? found->second + rank : found->second;
    if (axis < 0 || axis >= rank) {
      throw Error(ErrorCode::kUsage, "axis " + std::to_string(found->second) + " is out of range for input " +
                                         quote(input->name()) + " " + to_string(*input->type().shape));
    }
    axes[input] = static_cast<size_t>(axis);
  }
  for (const auto& [name, axis] : given) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw Error(ErrorCode::kUsage, "there is no input " + quote(name) + suggestion(name, names));
  }
  return axes;
}

Value& leading_input(const std::vector<Value*>& inputs, const BatchAxes& given) {
  Value* first = nullptr;
  for (Value* input : inputs) {
    if (given.contains(input->name())) return *input;
  }
  for (Value* input : inputs) {
    const size_t rank = input->type().shape->size();
    if (rank >= 2) return *input;
    if (rank == 1 && first == nullptr) first = input;
  }
  if (first == nullptr) throw Error(ErrorCode::kUsage, "the model has no input with an axis that could hold a batch");
  return *first;
}

}  // namespace

Batch find_batch(Model& model, const BatchAxes& given) {
  const std::vector<Value*> inputs = data_inputs(model);
  const Axes axes = batch_axes(inputs, given);
  const Value& leader = leading_input(inputs, given);
  const Dim leading = (*leader.type().shape)[axes.at(&leader)];

  Batch batch;
  if (leading.is_known()) batch.size = leading.value();
  if (leading.is_symbolic()) {
    if (!leading.is_plain_symbol()) {
      throw Error(ErrorCode::kUnsupported, "input " + quote(leader.name()) + " has the " +
                                               (given.empty() ? "first " : "batch ") + "dimension " +
                                               escape(leading.to_string()) + ", which is not the batch alone");
    }
    batch.symbol = *leading.symbols().begin();
  }
  for (Value* input : inputs) {
    const auto axis = axes.find(input);
    if (axis == axes.end()) continue;
    const Shape& shape = *input->type().shape;
    const Dim& dim = shape[axis->second];
    const bool alike = leading.is_unknown() ? dim.is_unknown() : dim == leading;
    // A vector of one or of unknown length is as likely a parameter as one number per sample.
    const bool sure = shape.size() >= 2 || leader.type().shape->size() == 1 || batch.size.value_or(1) > 1 ||
                      !batch.symbol.empty() || given.contains(input->name());
    if (alike && sure) {
      batch.carriers.push_back({input, axis->second});
    } else if (given.contains(input->name())) {
      throw Error(ErrorCode::kUsage, "input " + quote(input->name()) + " has " + escape(dim.to_string()) +
                                         " where input " + quote(leader.name()) + " has the batch " +
                                         escape(leading.to_string()));
    } else {
      batch.others.push_back(input);
    }
  }
  return batch;
}

void add_followers(Model& model, Batch& batch, const Inference& known) {
  if (batch.symbol.empty()) return;
  // Two numbers that no model has: what is made of them can be told apart.
  constexpr int64_t kBatch = 7919;
  constexpr int64_t kOther = 6133;
  const size_t errors = known.errors().size();
  std::map<std::string, Dim, std::less<>> sizes{{batch.symbol, Dim(kBatch)}};
  const auto fails = [&] { return infer_with(model, sizes)->errors().size() > errors; };
  if (fails()) return;  // then nothing can be told
  std::erase_if(batch.others, [&](const Value* other) {
    const Shape& shape = *other->type().shape;
    if (shape.empty() || !shape.front().is_plain_symbol()) return false;
    const std::string symbol = *shape.front().symbols().begin();
    bool follows = sizes.contains(symbol);
    if (!follows) {
      sizes[symbol] = kOther;
      const bool differs = fails();
      sizes[symbol] = kBatch;
      follows = differs && !fails();
      if (!follows) sizes.erase(symbol);
    }
    if (follows) batch.carriers.push_back({model.graph().find(other->name()), 0});
    return follows;
  });
}

}  // namespace surgery::dims
