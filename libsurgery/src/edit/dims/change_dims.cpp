#include "edit/dims/change_dims.h"

#include "edit/declared_types.h"
#include "edit/dims/mend_squeeze.h"
#include "edit/dims/set_before.h"
#include "edit/dims/trial.h"
#include "edit/new_errors.h"
#include "surgery/text.h"

namespace surgery::dims {
namespace {

/// The changes, sorted by what the axes are now.
struct Plan {
  Bindings bindings;               // symbols that get another meaning
  std::vector<FreedDim> freed;     // numbers
  std::vector<AxisChange> opened;  // axes that nothing is known of
};

void bind(Bindings& bindings, const std::string& symbol, const Dim& target) {
  const auto [known, is_new] = bindings.emplace(symbol, target);
  if (is_new || known->second == target) return;
  throw Error(ErrorCode::kUsage, "dimension " + quote(symbol) + " cannot be both " + escape(known->second.to_string()) +
                                     " and " + escape(target.to_string()));
}

void free_axis(std::vector<FreedDim>& freed, const AxisChange& change, int64_t size, bool is_one) {
  for (FreedDim& dim : freed) {
    const bool is_same_name = change.target.is_symbolic() && dim.target == change.target;
    if (is_same_name && dim.old_size != size) {
      throw Error(ErrorCode::kUsage, "dimension " + quote(change.target.to_string()) + " cannot be both " +
                                         std::to_string(dim.old_size) + " and " + std::to_string(size));
    }
    if (!is_same_name && !is_one) continue;
    dim.carriers.push_back({change.input, change.axis});
    return;
  }
  freed.push_back({{{change.input, change.axis}}, size, change.target});
}

Plan sort(const std::vector<AxisChange>& changes, bool per_sample) {
  Plan plan;
  for (const AxisChange& change : changes) {
    const Dim& dim = change.input->type().shape->at(change.axis);
    if (dim == change.target) continue;
    if (dim.is_known()) {
      free_axis(plan.freed, change, dim.value(), per_sample);
    } else if (dim.is_plain_symbol()) {
      bind(plan.bindings, *dim.symbols().begin(), change.target);
    } else {
      plan.opened.push_back(change);
    }
  }
  return plan;
}

void set_axis(Model& model, Value& input, size_t axis, const Dim& target) {
  Type type = input.type();
  type.shape->at(axis) = target;
  model.graph().set_type(input, std::move(type));
}

void add(EditReport& report, std::vector<std::string> notes) {
  for (std::string& note : notes) report.notes.push_back(std::move(note));
}

/// What is impossible in the changed model and was possible before.
void require_possible(const NewErrors& errors, const Inference& inference, const MendOptions& options,
                      EditReport& report) {
  try {
    errors.require_none(inference, options.refusal);
  } catch (const Error& error) {
    if (!options.force) throw;
    report.notes.push_back("warning: " + std::string(error.what()));
  }
}

/// A size that is open must do for more than the old one: tried with twice that.
void try_another_size(const Model& model, const std::vector<FreedDim>& freed, const NewErrors& errors,
                      const MendOptions& options, EditReport& report) {
  Bindings trial;
  for (const FreedDim& dim : freed) {
    if (dim.target.is_symbolic()) trial.emplace(dim.target.to_string(), Dim(dim.old_size) * Dim(2));
  }
  if (trial.empty()) return;
  require_possible(errors, *infer_with(model, trial), options, report);
}

Meaning claim(const Plan& plan, bool mixes) {
  bool has_other_number = false;
  for (const FreedDim& dim : plan.freed) has_other_number = has_other_number || dim.target.is_known();
  if (plan.freed.size() == 1 && !mixes) return Meaning::kPerPlace;
  if (has_other_number) return Meaning::kChanged;
  const bool is_nothing = plan.freed.empty() && plan.bindings.empty() && plan.opened.empty();
  return is_nothing ? Meaning::kKept : Meaning::kInterface;
}

EditReport carry_out(Model& model, Plan plan, const MendOptions& options, ModelFacts& facts) {
  EditReport report;
  const Inference& before = facts.undeclared();
  const NewErrors errors(before);
  for (const auto& [symbol, target] : plan.bindings) {
    if (target.is(1)) add(report, name_squeezed_axes(model, before, symbol));
  }
  substitute_symbols(model, plan.bindings);
  for (const auto& [input, axis, target] : plan.opened) set_axis(model, *input, axis, target);
  bool mixes = false;
  if (!plan.freed.empty()) {
    Mender mender(model, std::move(plan.freed), options, before);
    mender.run();
    add(report, mender.take_notes());
    plan.freed = mender.freed();
    mixes = mender.mixes();
  }
  for (const FreedDim& dim : plan.freed) {
    for (const auto& [input, axis] : dim.carriers) set_axis(model, *input, axis, dim.target);
  }
  require_set_sizes(model);
  const Inference& after = facts.undeclared();
  require_possible(errors, after, options, report);
  try_another_size(model, plan.freed, errors, options, report);
  redeclare(model, after, plan.freed.empty() ? Unproven::kKeep : Unproven::kDrop);
  report.meaning = claim(plan, mixes);
  for (const FreedDim& dim : plan.freed) {
    if (report.meaning == Meaning::kInterface) report.old_sizes.emplace(dim.target.to_string(), dim.old_size);
  }
  return report;
}

}  // namespace

EditReport change_dims(Model& model, const std::vector<AxisChange>& changes, const MendOptions& options,
                       ModelFacts& facts) {
  Plan plan = sort(changes, options.per_sample);
  MendOptions with = options;
  bool are_numbers = true;
  for (const auto& [input, axis, target] : changes) {
    note_set(model, *input, axis, target);
    are_numbers = are_numbers && target.is_known();
  }
  if (are_numbers && !options.per_sample) with.refusal = ErrorCode::kUsage;
  return carry_out(model, std::move(plan), with, facts);
}

EditReport bind_symbols(Model& model, const Bindings& bindings, const MendOptions& options, ModelFacts& facts) {
  MendOptions with = options;
  with.refusal = ErrorCode::kUsage;
  for (const auto& [symbol, target] : bindings) note_set(model, symbol, target);
  return carry_out(model, {bindings, {}, {}}, with, facts);
}

std::set<std::string, std::less<>> declared_symbols(Model& model) {
  std::set<std::string, std::less<>> symbols;
  for_each_graph(model.graph(), [&](Graph& graph) {
    for (const Value* value : graph.values()) {
      if (!value->type().shape) continue;
      for (const Dim& dim : *value->type().shape) symbols.merge(dim.symbols());
    }
  });
  return symbols;
}

}  // namespace surgery::dims
