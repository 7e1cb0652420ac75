#include "exec/verify.h"

#include <algorithm>

#include "exec/batched_run.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Error;
using surgery::ErrorCode;
using surgery::Meaning;
using surgery::Model;
using surgery::Node;
using surgery::Value;

using Names = std::map<std::string, std::string, std::less<>>;

/// Where the journal of the changed model says that a tensor carries on under another name: old name -> present name.
Names renamed(const Model& after) {
  Names present_name;
  Names origin;  // present name -> old name
  for (const surgery::Journal::Correspondence& link : after.journal().correspondences()) {
    if (link.relation != "same") continue;
    std::string old_name = link.before;
    if (const auto chained = origin.find(link.before); chained != origin.end()) {
      old_name = chained->second;
      origin.erase(chained);
    }
    present_name[old_name] = link.after;
    origin[link.after] = old_name;
  }
  return present_name;
}

bool is_data_input(const Value* value) {
  return value != nullptr && value->is_graph_input() && !value->is_initializer();
}

bool has_open_dims(const Model& model) {
  const auto inputs = model.graph().inputs();
  return std::any_of(inputs.begin(), inputs.end(), [](const Value* input) {
    return is_data_input(input) && input->type().shape && !surgery::is_static(*input->type().shape);
  });
}

/// The dims of inputs that are a number before and a symbol after: the symbol, and the number.
surgery::Dim::Bindings freed_dims(const Model& before, const Model& after, const Names& names) {
  surgery::Dim::Bindings freed;
  for (const Value* input : before.graph().inputs()) {
    const auto link = names.find(input->name());
    const Value* now = after.graph().find(link == names.end() ? input->name() : link->second);
    if (!is_data_input(input) || !is_data_input(now) || !input->type().shape || !now->type().shape) continue;
    const surgery::Shape& old_dims = *input->type().shape;
    const surgery::Shape& dims = *now->type().shape;
    for (size_t axis = 0; axis < std::min(dims.size(), old_dims.size()); ++axis) {
      if (dims[axis].is_plain_symbol() && old_dims[axis].is_known()) {
        freed.emplace(dims[axis].to_string(), old_dims[axis].value());
      }
    }
  }
  return freed;
}

/// Inputs of one bool that nothing bounds.
std::vector<std::string> flags_of(const Model& model) {
  std::vector<std::string> flags;
  for (const Value* input : model.graph().inputs()) {
    const surgery::Type& type = input->type();
    const bool is_one = is_data_input(input) && type.shape && num_elements(*type.shape).is(1);
    if (is_one && type.element_type == surgery::DataType::kBool) flags.push_back(input->name());
  }
  return flags;
}

/// The input sets that a proof runs on. Two, of different sizes, where the sizes are open: a constant that happens to
/// be right for one batch is caught by the other, and one that holds the old batch by a batch that is larger.
std::vector<InputSpec> specs_for(const Model& before, const Model& after, const Names& names, const InputSpec& base) {
  constexpr int64_t kMaxOldSize = 64;  // from there on a larger one would cost too much
  std::vector<InputSpec> specs{base};
  const std::vector<std::string> flags = flags_of(after);
  if (!has_open_dims(after) && flags.empty()) return specs;
  InputSpec other = base;
  // What chooses a branch: both of them must have run.
  for (const std::string& flag : flags) {
    specs.front().ranges.try_emplace(flag, 0.0, 0.0);
    other.ranges.try_emplace(flag, 1.0, 1.0);
  }
  other.seed = base.seed + 1;
  other.default_batch = base.default_batch + 1;
  for (const auto& [symbol, old_size] : freed_dims(before, after, names)) {
    // Never the old size: there the two are held to each other as a whole, and a row that stands for all is none.
    specs.front().dims.try_emplace(symbol, base.default_batch + (old_size == base.default_batch ? 2 : 0));
    other.dims.try_emplace(symbol, std::max(base.default_batch, old_size <= kMaxOldSize ? old_size : 0) + 1);
  }
  specs.push_back(other);
  return specs;
}

/// The axis in which a tensor for the changed model does not fit the input of the one before: its batch.
std::optional<size_t> changed_axis(const Value& input, const Tensor& tensor) {
  const auto& shape = input.type().shape;
  if (!shape || !tensor.is_defined() || shape->size() != tensor.dims().size()) return std::nullopt;
  for (size_t axis = 0; axis < shape->size(); ++axis) {
    if ((*shape)[axis].is_known() && (*shape)[axis].value() != tensor.dims()[axis]) return axis;
  }
  return std::nullopt;
}

/// The same samples for both sides.
struct SampleSets {
  Values inputs_b;
  Values given_a;  ///< by A's names; all samples
  int64_t batch_a = 0;
  int64_t batch_b = 0;
  bool differ() const { return batch_a != batch_b; }
};

SampleSets make_samples(const Model& before, const Model& after, const Names& names, const Values& given,
                        const InputSpec& spec) {
  SampleSets sets;
  Values given_b;
  for (const auto& [name, value] : given) {
    const auto link = names.find(name);
    given_b.emplace(link == names.end() ? name : link->second, value);
  }
  sets.inputs_b = make_inputs(after, given_b, spec);
  for (const Value* input : before.graph().inputs()) {
    if (!is_data_input(input)) continue;
    const auto link = names.find(input->name());
    const auto given_value = sets.inputs_b.find(link == names.end() ? input->name() : link->second);
    if (given_value == sets.inputs_b.end()) continue;
    sets.given_a.emplace(input->name(), given_value->second);
    const Tensor tensor = given_value->second.tensor_if();
    const std::optional<size_t> axis = changed_axis(*input, tensor);
    if (!axis || sets.differ()) continue;
    sets.batch_a = (*input->type().shape)[*axis].value();
    sets.batch_b = tensor.dims()[*axis];
  }
  return sets;
}

/// The group of samples that starts at `first`; `in_other_places` in another order, so that what a node makes of a
/// sample must not depend on its place in the batch.
SharedSamples samples_from(const SampleSets& sets, int64_t first, bool in_other_places) {
  SharedSamples samples{.batch_a = sets.batch_a, .batch_b = sets.batch_b};
  for (int64_t i = 0; i < std::min(sets.batch_a, sets.batch_b - first); ++i) {
    samples.rows_a.push_back(in_other_places ? (i + 1) % sets.batch_a : i);
    samples.rows_b.push_back(first + i);
  }
  return samples;
}

/// Whether rows of both can stand in one tensor.
bool can_be_joined(const Tensor& a, const Tensor& b, size_t axis) {
  if (!b.is_defined() || a.type() != b.type() || a.rank() != b.rank()) return false;
  for (size_t i = 0; i < a.dims().size(); ++i) {
    if (i != axis && a.dims()[i] != b.dims()[i]) return false;
  }
  return true;
}

/// The tensors of A's inputs for a group of samples. One that has too few of them is filled up with other samples,
/// which a result that is broadcast does not show: made ones, or where the samples were given, these again.
Values group_of(const SampleSets& sets, const Model& before, const SharedSamples& samples, const InputSpec& spec,
                bool are_given) {
  InputSpec others = spec;
  others.seed = spec.seed + 1000;
  const bool is_full = samples.rows_a.size() == static_cast<size_t>(sets.batch_a);
  const Values fill = are_given || is_full ? Values{} : make_inputs(before, {}, others);
  Values group;
  for (const auto& [name, value] : sets.given_a) {
    const Tensor tensor = value.tensor_if();
    const Value& input = *before.graph().find(name);
    const std::optional<size_t> axis = changed_axis(input, tensor);
    const bool has_batch =
        axis && (*input.type().shape)[*axis].is(sets.batch_a) && tensor.dims()[*axis] == sets.batch_b;
    if (!has_batch) {
      group.emplace(name, value);
      continue;
    }
    const auto made = fill.find(name);
    const Tensor other = made != fill.end() ? made->second.tensor_if() : Tensor();
    const bool is_filled = can_be_joined(tensor, other, *axis);
    std::vector<RowOf> rows;
    for (int64_t i = 0; i < sets.batch_a; ++i) rows.push_back(is_filled ? RowOf{1, i} : RowOf{0, i % sets.batch_b});
    for (size_t i = 0; i < samples.rows_a.size(); ++i) {
      rows[static_cast<size_t>(samples.rows_a[i])] = {0, samples.rows_b[i]};
    }
    const Tensor tensors[] = {tensor, other};
    group.emplace(name, pick_rows(tensors, rows, *axis));
  }
  return group;
}

void append(LockstepResult& total, LockstepResult part) {
  if (part.first_bad && !total.first_bad) total.first_bad = total.pairs.size() + *part.first_bad;
  std::move(part.pairs.begin(), part.pairs.end(), std::back_inserter(total.pairs));
  total.unpaired_outputs = std::move(part.unpaired_outputs);
}

LockstepResult run_on(const Model& before, const Model& after, const Names& names, Meaning meaning,
                      const VerifyOptions& options, const InputSpec& spec) {
  LockstepOptions lockstep;
  lockstep.tolerance = options.tolerance;
  lockstep.run = options.run;
  const auto is_output = [](const Value* value) { return value != nullptr && value->is_graph_output(); };
  for (const auto& [name_a, name_b] : names) {
    if (before.graph().find(name_a) == nullptr || after.graph().find(name_b) == nullptr) continue;
    // An output that took over another tensor is compared with what had its name: the interface is what must be kept.
    if (is_output(after.graph().find(name_b)) && is_output(before.graph().find(name_b))) continue;
    lockstep.pairs[name_a] = name_b;
  }
  const SampleSets sets = make_samples(before, after, names, options.given, spec);
  if (!sets.differ() || sets.batch_a <= 0) {
    return run_lockstep(before, after, make_inputs(before, sets.given_a, spec), sets.inputs_b, lockstep);
  }
  LockstepResult result;
  // Places beyond the old size have nothing to be compared with; samples have.
  const bool are_samples = meaning != Meaning::kPerPlace;
  for (int64_t first = 0; first < (are_samples ? sets.batch_b : 1); first += sets.batch_a) {
    lockstep.samples = samples_from(sets, first, are_samples);
    const Values inputs_a =
        make_inputs(before, group_of(sets, before, *lockstep.samples, spec, !options.given.empty()), spec);
    append(result, run_lockstep(before, after, inputs_a, sets.inputs_b, lockstep));
  }
  return result;
}

std::optional<std::string> missing_kernel(const Model& model) {
  const Node* node = first_unsupported(model);
  if (node == nullptr) return std::nullopt;
  return "there is no kernel for " + describe(*node);
}

/// Whether the error is the fault of `before`: then it fails by itself too.
std::optional<Error> failure_of(const Model& before, const VerifyOptions& options) {
  try {
    Session(before, options.run).run_values(make_inputs(before, options.given, options.inputs));
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

std::string number(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<size_t>(std::snprintf(text.data(), text.size(), "%.3g", value)));
  return text;
}

std::string agreement(const LockstepResult& result, size_t num_sets, Meaning meaning) {
  double worst = 0;
  for (const PairResult& pair : result.pairs) worst = std::max(worst, pair.difference.max_abs);
  return std::to_string(result.pairs.size()) + " tensors agree on " +
         (num_sets == 1 ? "one set of inputs" : std::to_string(num_sets) + " sets of inputs") +
         (meaning == Meaning::kPerSample  ? ", sample by sample"
          : meaning == Meaning::kPerPlace ? ", place by place"
                                          : "") +
         ", largest difference " + number(worst);
}

std::string disagreement(const LockstepResult& result) {
  if (!result.first_bad) {
    return "output " + surgery::quote(result.unpaired_outputs.front()) + " has no counterpart";
  }
  const PairResult& bad = result.pairs[*result.first_bad];
  return "first bad tensor " + surgery::quote(bad.b) + " of " + bad.node + ": " +
         (bad.difference.reason.empty() ? "max abs " + number(bad.difference.max_abs) : bad.difference.reason);
}

}  // namespace

VerifyResult verify(const Model& before, const Model& after, Meaning meaning, const VerifyOptions& options) {
  VerifyResult result;
  for (const Model* model : {&before, &after}) {
    if (const auto missing = missing_kernel(*model)) {
      result.message = *missing;
      return result;
    }
  }
  const Names names = renamed(after);
  const std::vector<InputSpec> specs =
      options.given.empty() ? specs_for(before, after, names, options.inputs) : std::vector<InputSpec>{options.inputs};
  try {
    for (const InputSpec& spec : specs) append(result.details, run_on(before, after, names, meaning, options, spec));
  } catch (const Error& error) {
    if (const auto fault = failure_of(before, options)) {
      result.obstacle = fault->code();
      result.message = std::string("the model before cannot be run: ") + fault->what();
      return result;
    }
    // A stale size or a limit of ours is no difference; everything else is a model that ran and does not any more.
    result.obstacle = error.code();
    result.ran = error.code() == ErrorCode::kRead;
    result.message = std::string("the model after cannot be run as the one before: ") + error.what();
    return result;
  }
  if (result.details.pairs.empty()) {
    result.message = "the two models have no tensor in common to compare";
    return result;
  }
  result.ran = true;
  // Outputs that only one side has are an edit's business where the interface may change.
  const bool outputs_match = meaning != Meaning::kKept || result.details.unpaired_outputs.empty();
  result.equal = !result.details.first_bad && outputs_match;
  result.message = result.equal ? agreement(result.details, specs.size(), meaning) : disagreement(result.details);
  return result;
}

}  // namespace exec
