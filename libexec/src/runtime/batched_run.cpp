#include "exec/batched_run.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "exec/oracle.h"
#include "surgery/text.h"

namespace exec {
namespace {

using surgery::DataType;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Model;
using surgery::Value;

/// Throws for types whose rows do not start at whole bytes.
void require_whole_bytes(const Tensor& tensor) {
  if (surgery::bit_width(tensor.type()) >= 8) return;
  throw Error(ErrorCode::kUnsupported,
              "tensors of type " + std::string(surgery::to_string(tensor.type())) + " cannot be cut into samples");
}

/// Keeps the tensors that are asked for.
class Collector final : public Observer {
 public:
  explicit Collector(const std::set<std::string, std::less<>>& names) : names_(names) {}
  void on_value(const Value& value, const Datum& datum) override {
    if (names_.contains(value.name())) kept.insert_or_assign(value.name(), datum);
  }
  Values kept;

 private:
  const std::set<std::string, std::less<>>& names_;
};

std::set<std::string, std::less<>> names_to_collect(const Model& model, const std::vector<std::string>& wanted) {
  std::set<std::string, std::less<>> names(wanted.begin(), wanted.end());
  if (names.empty()) {
    for (const Value* output : model.graph().outputs()) names.insert(output->name());
  }
  for (const std::string& name : names) {
    if (model.graph().find(name) != nullptr) continue;
    std::vector<std::string> known;
    for (const Value* value : model.graph().values()) known.push_back(value->name());
    throw Error(ErrorCode::kUsage, "no tensor is named " + surgery::quote(name) + surgery::suggestion(name, known));
  }
  return names;
}

/// What a run is asked for.
struct Request {
  const std::set<std::string, std::less<>>& names;
  Mode mode;
};

Values run_once(Session& session, const Model& model, Values inputs, const Request& request) {
  const auto kept = [&](Datum value) { return request.mode == Mode::kOracle ? widened(std::move(value)) : value; };
  Collector collector(request.names);
  const Values given = inputs;  // shares the elements
  const Values outputs = session.run_values(std::move(inputs), &collector);
  Values results = std::move(collector.kept);
  for (const std::string& name : request.names) {  // what no node makes: passed through, or stored
    if (results.contains(name)) continue;
    if (const auto output = outputs.find(name); output != outputs.end()) {
      results.insert(*output);
    } else if (const auto input = given.find(name); input != given.end()) {
      results.emplace(name, kept(input->second));
    } else if (const Tensor* stored = model.graph().find(name)->initializer()) {
      results.emplace(name, kept(*stored));
    }
  }
  return results;
}

/// The samples in groups of the model's batch.
Values run_in_groups(Session& session, const Model& model, const Values& inputs, const BatchPlan& plan,
                     const Request& request) {
  std::map<std::string, std::vector<Tensor>> parts;
  std::map<std::string, surgery::DataType> model_types;
  for (int64_t start = 0; start < plan.samples; start += plan.batch) {
    Values group;
    for (const auto& [name, value] : inputs) group.emplace(name, take_rows(value.tensor(), start, plan.batch));
    for (auto& [name, value] : run_once(session, model, std::move(group), request)) {
      model_types[name] = value.model_type();
      Tensor tensor = value.tensor_if();
      if (!tensor.is_defined() || tensor.rank() == 0 || tensor.dims()[0] != plan.batch) {
        throw Error(ErrorCode::kUnsupported, "tensor " + surgery::quote(name) + " has no axis of " +
                                                 std::to_string(plan.batch) + " samples, so the " +
                                                 std::to_string(plan.samples) + " given cannot be run in groups");
      }
      const int64_t rows = std::min(plan.batch, plan.samples - start);
      parts[name].push_back(rows == plan.batch ? std::move(tensor) : take_rows(tensor, 0, rows));
    }
  }
  Values results;
  for (const auto& [name, list] : parts) {
    Datum joined = join_rows(list);
    joined.set_model_type(model_types[name]);
    results.emplace(name, std::move(joined));
  }
  return results;
}

}  // namespace

Tensor pick_rows(std::span<const Tensor> tensors, const std::vector<RowOf>& rows, size_t axis) {
  const Tensor& tensor = tensors.front();
  std::vector<int64_t> dims = tensor.dims();
  int64_t outer = 1;
  int64_t inner = 1;
  for (size_t i = 0; i < dims.size(); ++i) (i < axis ? outer : inner) *= i == axis ? 1 : dims.at(i);
  dims.at(axis) = static_cast<int64_t>(rows.size());
  // Calls copy(tensor, row of it) for each row of the result, in order.
  const auto for_each_row = [&](const auto& copy) {
    for (int64_t block = 0; block < outer; ++block) {
      for (const auto& [index, row] : rows) {
        const Tensor& source = tensors[index];
        SURGERY_ASSERT(row >= 0 && row < source.dims()[axis], "the row is there");
        copy(source, static_cast<size_t>(block * source.dims()[axis] + row));
      }
    }
  };
  if (tensor.type() == DataType::kString) {
    std::vector<std::string> values;
    const auto width = static_cast<size_t>(inner);
    for_each_row([&](const Tensor& source, size_t row) {
      const auto at = source.strings().begin() + static_cast<std::ptrdiff_t>(row * width);
      values.insert(values.end(), at, at + static_cast<std::ptrdiff_t>(width));
    });
    return Tensor::from_strings(std::move(dims), std::move(values));
  }
  require_whole_bytes(tensor);
  const size_t row_bytes = static_cast<size_t>(inner) * static_cast<size_t>(surgery::bit_width(tensor.type()) / 8);
  Tensor result = Tensor::zeros(tensor.type(), std::move(dims));
  if (row_bytes == 0) return result;
  std::byte* target = result.mutable_bytes().data();
  for_each_row([&](const Tensor& source, size_t row) {
    std::memcpy(target, source.bytes().data() + row * row_bytes, row_bytes);
    target += row_bytes;
  });
  return result;
}

Tensor pick_rows(const Tensor& tensor, const std::vector<int64_t>& rows, size_t axis) {
  std::vector<RowOf> numbered;
  numbered.reserve(rows.size());
  for (const int64_t row : rows) numbered.push_back({0, row});
  return pick_rows(std::span(&tensor, 1), numbered, axis);
}

Tensor take_rows(const Tensor& tensor, int64_t first, int64_t count) {
  const int64_t last = tensor.dims().at(0) - 1;
  std::vector<int64_t> rows;
  rows.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) rows.push_back(std::min(first + i, last));
  return pick_rows(tensor, rows);
}

Tensor join_rows(const std::vector<Tensor>& parts) {
  std::vector<int64_t> dims = parts.at(0).dims();
  dims.at(0) = 0;
  for (const Tensor& part : parts) {
    SURGERY_ASSERT(part.type() == parts[0].type() && part.rank() == parts[0].rank(), "parts of one kind");
    dims[0] += part.dims()[0];
  }
  if (parts[0].type() == DataType::kString) {
    std::vector<std::string> values;
    for (const Tensor& part : parts) values.insert(values.end(), part.strings().begin(), part.strings().end());
    return Tensor::from_strings(std::move(dims), std::move(values));
  }
  Tensor result = Tensor::zeros(parts[0].type(), std::move(dims));
  std::byte* target = result.mutable_bytes().data();
  for (const Tensor& part : parts) {
    const auto bytes = part.bytes();
    if (!bytes.empty()) std::memcpy(target, bytes.data(), bytes.size());
    target += bytes.size();
  }
  return result;
}

BatchPlan plan_batches(const Model& model, const Values& inputs) {
  BatchPlan plan;
  const Value* first = nullptr;
  for (const Value* input : model.graph().inputs()) {
    const auto found = inputs.find(input->name());
    if (found == inputs.end() || input->is_initializer()) continue;
    const auto& shape = input->type().shape;
    const Tensor tensor = found->second.tensor_if();
    if (!tensor.is_defined() || !shape || shape->empty() || !shape->front().is_known() ||
        tensor.rank() != static_cast<int64_t>(shape->size())) {
      return {};
    }
    const BatchPlan here{shape->front().value(), tensor.dims()[0]};
    if (first == nullptr) {
      first = input;
      plan = here;
    } else if (here.batch != plan.batch || here.samples != plan.samples) {
      if (here.batch == here.samples && plan.batch == plan.samples) return {};
      throw Error(ErrorCode::kUsage, "inputs " + surgery::quote(first->name()) + " and " +
                                         surgery::quote(input->name()) + " do not hold the same number of samples");
    }
  }
  if (plan.batch == plan.samples || plan.batch == 0 || plan.samples == 0) return {};
  return plan;
}

Values run_batched(const Model& model, Values inputs, const std::vector<std::string>& wanted, const RunOptions& options,
                   NodeCounts* in_own_type) {
  const std::set<std::string, std::less<>> names = names_to_collect(model, wanted);
  const Request request{names, options.mode};
  const BatchPlan plan = plan_batches(model, inputs);
  RunOptions repeated = options;
  repeated.keep_weights = options.keep_weights || plan.batch > 0;
  Session session(model, repeated);
  Values results;
  if (plan.batch == 0) {
    results = run_once(session, model, std::move(inputs), request);
  } else {
    results = run_in_groups(session, model, inputs, plan, request);
  }
  if (in_own_type != nullptr) {
    for (const auto& [op, count] : session.nodes_in_own_type()) (*in_own_type)[op] += count;
  }
  return results;
}

}  // namespace exec
