// Runs the cases that run_suite.py wrote and holds every tensor of each run against what inference says of it, all in
// this process. Each case in three forms:
//
//   plain    as it is
//   symbols  each dim of the inputs is a symbol of its own; under the values that the symbols have, every type, shape
//            and known element must come true
//   resized  the same on inputs of another size: a size that occurs in the inputs is made larger by one everywhere,
//            one size after the other, as far as the model runs with it
//
// usage: inference_suite FOLDER [NAME-PART...]
// Prints what is wrong and ends with "N passed, M failed": forms of cases. Exit code 1 when something is wrong.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "exec/batched_run.h"
#include "exec/session.h"
#include "exec/test_case.h"
#include "surgery/infer.h"
#include "surgery/io.h"

namespace {

using exec::Datum;
using exec::Tensor;
using exec::Values;
using surgery::Dim;
using surgery::Fact;
using surgery::Inference;
using surgery::Model;
using surgery::Type;
using surgery::Value;

/// Compares the values of one run with the facts, and learns what the symbols stand for on the way.
class Judge final : public exec::Observer {
 public:
  explicit Judge(const Inference& inference) : inference_(inference) {}

  void on_value(const Value& value, const Datum& datum) override {
    const Fact& fact = inference_.fact(value);
    const Type type = datum.type();
    ++num_values_;
    const bool is_optional = fact.type.kind == Type::Kind::kOptional;  // a datum is what the optional holds
    if (fact.type.is_known() && !is_optional && fact.type.kind != type.kind) {
      return complain(value, "is a " + to_string(type) + ", not a " + to_string(fact.type));
    }
    if (!datum.is_tensor() || is_optional) return;
    const Tensor& tensor = datum.tensor();
    if (fact.type.element_type != surgery::DataType::kUndefined && fact.type.element_type != tensor.type()) {
      return complain(value, "is " + to_string(type) + ", not " + to_string(fact.type));
    }
    if (fact.type.shape) compare(value, *fact.type.shape, tensor.dims(), "axis ", to_string(type));
    if (!fact.content) return;
    if (const auto elements = tensor.to_int64s()) compare(value, *fact.content, *elements, "element ", to_string(type));
  }

  /// What could not be said before all symbols were seen.
  void finish() {
    for (bool learned = true; learned;) {
      learned = false;
      const std::vector<Claim> left = std::move(pending_);
      pending_.clear();
      for (const Claim& claim : left) learned = check(claim) || learned;
    }
  }

  size_t num_values() const { return num_values_; }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Claim {
    const Value* value;
    std::string place;
    Dim dim;
    int64_t real;
  };

  void compare(const Value& value, const std::vector<Dim>& dims, const std::vector<int64_t>& real, const char* what,
               const std::string& type) {
    if (dims.size() != real.size()) {
      return complain(value, "is " + type + ", not " + to_string(inference_.fact(value).type));
    }
    for (size_t i = 0; i < dims.size(); ++i)
      check({&value, what + std::to_string(i) + " of " + type, dims[i], real[i]});
  }

  /// Whether the claim could be judged.
  bool check(const Claim& claim) {
    if (claim.dim.is_unknown()) return true;
    if (claim.dim.is_plain_symbol()) symbols_.emplace(*claim.dim.symbols().begin(), claim.real);
    const std::optional<int64_t> said = claim.dim.evaluate(symbols_);
    if (!said) {
      pending_.push_back(claim);
      return false;
    }
    if (*said != claim.real) {
      complain(*claim.value, claim.place + " is not " + claim.dim.to_string() + " = " + std::to_string(*said));
    }
    return true;
  }

  void complain(const Value& value, const std::string& what) {
    const std::string maker = value.producer() != nullptr ? value.producer()->op_type() : "an input";
    complaints_.push_back("'" + value.name() + "' (" + maker + ") " + what);
  }

  const Inference& inference_;
  Dim::Bindings symbols_;
  std::vector<Claim> pending_;
  std::vector<std::string> complaints_;
  size_t num_values_ = 0;
};

struct Counts {
  size_t forms = 0;
  size_t values = 0;
  size_t not_run = 0;  // other sizes that the model does not take, kernels that do not exist
  size_t wrong = 0;
};

/// Runs the model; false where it does not run.
bool judge(const Model& model, const Inference& inference, const Values& inputs, const std::string& name,
           Counts& counts) {
  Judge judge(inference);
  try {
    exec::Session session(model);
    for (const Value* input : model.graph().inputs()) {
      if (const auto found = inputs.find(input->name()); found != inputs.end()) judge.on_value(*input, found->second);
    }
    const Values outputs = session.run_values(inputs, &judge);
    static_cast<void>(outputs);
  } catch (const surgery::Error&) {
    return false;
  }
  judge.finish();
  ++counts.forms;
  counts.values += judge.num_values();
  std::vector<std::string> complaints = judge.complaints();
  for (const std::string& error : inference.errors()) complaints.push_back("it runs, and inference says: " + error);
  if (!complaints.empty()) ++counts.wrong;
  for (const std::string& complaint : complaints) std::printf("%s: %s\n", name.c_str(), complaint.c_str());
  return true;
}

void make_symbolic(Model& model) {
  for (Value* input : model.graph().inputs()) {
    if (!input->type().is_tensor() || !input->type().shape || input->is_initializer()) continue;
    Type type = input->type();
    for (size_t axis = 0; axis < type.shape->size(); ++axis) {
      (*type.shape)[axis] = Dim::symbol(input->name() + "_" + std::to_string(axis));
    }
    model.graph().set_type(*input, std::move(type));
  }
}

/// The last row along the axis stands there twice.
Tensor with_one_more_row(const Tensor& tensor, size_t axis) {
  std::vector<int64_t> rows(static_cast<size_t>(tensor.dims()[axis]));
  std::iota(rows.begin(), rows.end(), 0);
  rows.push_back(rows.back());
  return exec::pick_rows(tensor, rows, axis);
}

/// Inputs where every axis of the size `size` is one longer. Vectors of integers are left: they say sizes and axes.
Values resized(const Values& inputs, int64_t size) {
  Values result = inputs;
  for (auto& [name, datum] : result) {
    if (!datum.is_tensor() || bit_width(datum.tensor().type()) < 8) continue;
    Tensor tensor = datum.tensor();
    if (tensor.rank() < 2 && (is_integer(tensor.type()) || tensor.type() == surgery::DataType::kBool)) continue;
    for (size_t axis = 0; axis < tensor.dims().size(); ++axis) {
      if (tensor.dims()[axis] == size) tensor = with_one_more_row(tensor, axis);
    }
    datum = tensor;
  }
  return result;
}

std::set<int64_t> sizes_of(const Values& inputs) {
  std::set<int64_t> sizes;
  for (const auto& [name, datum] : inputs) {
    if (!datum.is_tensor() || datum.tensor().type() == surgery::DataType::kString) continue;
    for (const int64_t dim : datum.tensor().dims()) {
      if (dim > 0) sizes.insert(dim);
    }
  }
  return sizes;
}

void run_case(const std::string& name, const std::filesystem::path& folder, Counts (&counts)[3]) {
  for (const std::filesystem::path& data_set : exec::find_data_sets(folder)) {
    const std::unique_ptr<Model> model = surgery::load(folder / "model.onnx");
    const exec::DataSet data = exec::load_data_set(*model, data_set);
    Inference plain(*model, {.use_declared = false});
    plain.run();
    counts[0].not_run += judge(*model, plain, data.inputs, name + " [plain]", counts[0]) ? 0 : 1;
    make_symbolic(*model);
    Inference symbolic(*model, {.use_declared = false});
    symbolic.run();
    counts[1].not_run += judge(*model, symbolic, data.inputs, name + " [symbols]", counts[1]) ? 0 : 1;
    for (const int64_t size : sizes_of(data.inputs)) {
      const std::string form = name + " [" + std::to_string(size) + " -> " + std::to_string(size + 1) + "]";
      counts[2].not_run += judge(*model, symbolic, resized(data.inputs, size), form, counts[2]) ? 0 : 1;
    }
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::fputs("usage: inference_suite FOLDER [NAME-PART...]\n", stderr);
    return 2;
  }
  exec::set_num_threads(1);
  const std::filesystem::path folder = arguments[0];
  std::ifstream file(folder / "cases.txt");
  Counts counts[3];
  size_t num_cases = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string name = line.substr(0, line.find('\t'));
    const auto is_part = [&](const std::string& part) { return name.find(part) != std::string::npos; };
    if (arguments.size() > 1 && std::none_of(arguments.begin() + 1, arguments.end(), is_part)) continue;
    run_case(name, folder / name, counts);
    ++num_cases;
  }
  constexpr const char* kForms[] = {"plain", "symbols", "resized"};
  size_t wrong = 0;
  size_t forms = 0;
  std::printf("%zu cases\n", num_cases);
  for (size_t i = 0; i < std::size(kForms); ++i) {
    std::printf("%-8s %5zu runs, %6zu values, %zu wrong; %zu do not run\n", kForms[i], counts[i].forms,
                counts[i].values, counts[i].wrong, counts[i].not_run);
    wrong += counts[i].wrong;
    forms += counts[i].forms;
  }
  std::printf("%zu passed, %zu failed\n", forms - wrong, wrong);
  return wrong == 0 && forms > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inference_suite: %s\n", error.what());
    return 70;
  }
}
