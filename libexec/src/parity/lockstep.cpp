#include <algorithm>
#include <set>

#include "exec/parity.h"
#include "parity/shared_samples.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::Model;
using surgery::Value;

using Names = std::map<std::string, std::string, std::less<>>;

/// Names of A that no pair has and names of B that no pair has.
std::pair<std::vector<std::string>, std::vector<std::string>> unpaired_outputs(const Model& a, const Model& b,
                                                                               const Names& pairs,
                                                                               const std::set<std::string>& taken_b) {
  std::pair<std::vector<std::string>, std::vector<std::string>> left;
  for (const Value* output : a.graph().outputs()) {
    if (!pairs.contains(output->name())) left.first.push_back(output->name());
  }
  for (const Value* output : b.graph().outputs()) {
    if (!taken_b.contains(output->name())) left.second.push_back(output->name());
  }
  return left;
}

/// A's tensor name -> B's, for every tensor that is compared.
Names pair_tensors(const Model& a, const Model& b, const Names& given, std::vector<std::string>& unpaired) {
  Names pairs = given;
  std::set<std::string> taken_b;
  for (const auto& [name_a, name_b] : pairs) taken_b.insert(name_b);
  const auto try_pair = [&](const std::string& name_a, const std::string& name_b) {
    if (pairs.contains(name_a) || taken_b.contains(name_b)) return;
    pairs.emplace(name_a, name_b);
    taken_b.insert(name_b);
  };
  for (const Value* output : a.graph().outputs()) {
    const Value* same = b.graph().find(output->name());
    if (same != nullptr && same->is_graph_output()) try_pair(output->name(), output->name());
  }
  const auto [left_a, left_b] = unpaired_outputs(a, b, pairs, taken_b);
  for (size_t i = 0; i < std::min(left_a.size(), left_b.size()); ++i) try_pair(left_a[i], left_b[i]);
  for (size_t i = left_b.size(); i < left_a.size(); ++i) unpaired.push_back(left_a[i]);
  for (size_t i = left_a.size(); i < left_b.size(); ++i) unpaired.push_back(left_b[i]);
  for (const Value* value : a.graph().values()) {
    const Value* same = value->producer() == nullptr ? nullptr : b.graph().find(value->name());
    if (same != nullptr && same->producer() != nullptr) try_pair(value->name(), value->name());
  }
  return pairs;
}

class Lockstep {
 public:
  Lockstep(const Model& a, const Model& b, const LockstepOptions& options)
      : model_a_(a),
        model_b_(b),
        options_(options),
        pairs_(pair_tensors(a, b, options.pairs, result_.unpaired_outputs)) {
    for (const auto& [name_a, name_b] : pairs_) name_in_a_.emplace(name_b, name_a);
    if (options.samples) without_data_ = values_without_data(b);
  }

  LockstepResult run(const Model& a, const Values& inputs_a, const Values& inputs_b) {
    Side side_a(*this, a, options_.run, true);
    Side side_b(*this, model_b_, options_.run, false);
    side_a.start(inputs_a);
    side_b.start(inputs_b);
    while (!side_a.is_done() || !side_b.is_done()) {
      // The side that keeps the other one's tensors waiting goes on.
      const bool b_is_behind = !waiting_a_.empty() && !side_b.is_done();
      (b_is_behind || side_a.is_done() ? side_b : side_a).step();
    }
    compare_remaining(side_a.take_outputs(), side_b.take_outputs());
    return finish();
  }

 private:
  struct Entry {
    PairResult pair;
    size_t order;
  };

  /// One of the two runs, handing on what it makes; errors say which side they come from.
  class Side final : public Observer {
   public:
    Side(Lockstep& owner, const Model& model, const RunOptions& options, bool is_a) : owner_(owner), is_a_(is_a) {
      guard([&] { session_ = std::make_unique<Session>(model, options); });
    }
    void start(const Values& inputs) {
      guard([&] { session_->start(inputs, this); });
    }
    bool is_done() const { return session_->is_done(); }
    void step() {
      guard([&] { session_->step(); });
    }
    Values take_outputs() { return session_->take_outputs(); }
    void on_value(const Value& value, const Datum& datum) override {
      is_a_ ? owner_.made_by_a(value.name(), datum) : owner_.made_by_b(value.name(), datum);
    }

   private:
    template <typename Action>
    void guard(Action&& action) {
      try {
        action();
      } catch (const surgery::Error& error) {
        throw error.within(is_a_ ? "A" : "B");
      }
    }

    Lockstep& owner_;
    bool is_a_;
    std::unique_ptr<Session> session_;
  };

  void made_by_a(const std::string& name, const Datum& datum) {
    const auto pair = pairs_.find(name);
    if (pair == pairs_.end()) return;
    const auto waiting = waiting_b_.find(pair->second);
    if (waiting == waiting_b_.end()) {
      waiting_a_.emplace(name, datum);
      return;
    }
    compare_pair(name, pair->second, datum, waiting->second.datum, waiting->second.order);
    waiting_b_.erase(waiting);
  }

  void made_by_b(const std::string& name, const Datum& datum) {
    const auto name_a = name_in_a_.find(name);
    if (name_a == name_in_a_.end()) return;
    const size_t order = next_order_++;
    const auto waiting = waiting_a_.find(name_a->second);
    if (waiting == waiting_a_.end()) {
      waiting_b_.emplace(name, Waiting{datum, order});
      return;
    }
    compare_pair(name_a->second, name, waiting->second, datum, order);
    waiting_a_.erase(waiting);
  }

  /// What no node makes: inputs and weights that are outputs, and weights that the caller paired.
  void compare_remaining(const Values& outputs_a, const Values& outputs_b) {
    std::set<std::string> compared;
    for (const Entry& entry : entries_) compared.insert(entry.pair.a);
    for (const auto& [name_a, name_b] : options_.pairs) {
      const Value* a = model_a_.graph().find(name_a);
      const Value* b = model_b_.graph().find(name_b);
      if (a == nullptr || b == nullptr || !a->is_initializer() || !b->is_initializer()) continue;
      if (compared.insert(name_a).second)
        compare_pair(name_a, name_b, *a->initializer(), *b->initializer(), next_order_++);
    }
    for (const auto& [name_a, datum] : outputs_a) {
      const auto pair = pairs_.find(name_a);
      if (pair == pairs_.end() || compared.contains(name_a)) continue;
      const auto other = outputs_b.find(pair->second);
      if (other != outputs_b.end()) compare_pair(name_a, pair->second, datum, other->second, next_order_++);
    }
  }

  ToleranceOf tolerance_of(const std::string& name_a, const std::string& name_b) const {
    for (const std::string& name : {name_a, name_b}) {
      if (const auto found = options_.tolerances.find(name); found != options_.tolerances.end()) {
        return [tolerance = found->second](surgery::DataType) { return tolerance; };
      }
    }
    return [this](surgery::DataType type) { return options_.tolerance.value_or(default_tolerance(type)); };
  }

  void compare_pair(const std::string& name_a, const std::string& name_b, const Datum& a, const Datum& b,
                    size_t order) {
    const Tensor tensor_b = b.tensor_if();
    PairResult pair;
    pair.a = name_a;
    pair.b = name_b;
    pair.type = tensor_b.type();
    pair.dims = tensor_b.dims();
    pair.type_name = to_string(b.type());
    const Value* value = model_b_.graph().find(name_b);
    pair.is_output = value != nullptr && value->is_graph_output();
    if (value != nullptr && value->producer() != nullptr) {
      pair.node = describe(*value->producer());
    } else {
      pair.node = value != nullptr && value->is_initializer() ? "a weight" : "an input";
    }
    if (options_.samples && !pair.is_output && counts_samples(value, pair.type)) return;
    const ToleranceOf tolerance = tolerance_of(name_a, name_b);
    if (options_.samples && !is_alike(a, b)) {
      const auto ways = shared_parts(a, b, *options_.samples);
      if (ways.size() != 1 && !pair.is_output) return;
      if (ways.empty()) pair.difference = compare_values(b, a, tolerance);
      for (const auto& [part_a, part_b] : ways) {
        pair.difference = compare_values(part_b, part_a, tolerance);
        if (pair.difference.within) break;
      }
    } else {
      pair.difference = compare_values(b, a, tolerance);
    }
    entries_.push_back({std::move(pair), order});
  }

  /// Whether a tensor says how many samples there are, or where one lies: numbers that go with the batch. What they
  /// select is compared.
  bool counts_samples(const Value* value, surgery::DataType type) const {
    return type == surgery::DataType::kInt64 || type == surgery::DataType::kInt32 || without_data_.contains(value);
  }

  /// Of one size, so that they hold no samples, or as many.
  static bool is_alike(const Datum& a, const Datum& b) {
    if (a.is_sequence() && b.is_sequence()) return a.sequence().elements.size() == b.sequence().elements.size();
    return a.tensor_if().dims() == b.tensor_if().dims();
  }

  LockstepResult finish() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& x, const Entry& y) { return x.order < y.order; });
    for (Entry& entry : entries_) {
      if (!entry.pair.difference.within && !result_.first_bad) result_.first_bad = result_.pairs.size();
      result_.pairs.push_back(std::move(entry.pair));
    }
    return std::move(result_);
  }

  struct Waiting {
    Datum datum;
    size_t order;
  };

  const Model& model_a_;
  const Model& model_b_;
  const LockstepOptions& options_;
  LockstepResult result_;
  Names pairs_;
  Names name_in_a_;
  std::unordered_set<const Value*> without_data_;  // of B
  Values waiting_a_;                               // made by A, not yet by B
  std::map<std::string, Waiting, std::less<>> waiting_b_;
  std::vector<Entry> entries_;
  size_t next_order_ = 0;
};

}  // namespace

LockstepResult run_lockstep(const Model& a, const Model& b, const Values& inputs_a, const Values& inputs_b,
                            const LockstepOptions& options) {
  return Lockstep(a, b, options).run(a, inputs_a, inputs_b);
}

}  // namespace exec
