#include "io/placement.h"

#include <functional>
#include <map>
#include <set>
#include <system_error>

#include "io/sparse_storage.h"
#include "io/tensor_storage.h"
#include "surgery/text.h"

namespace surgery {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMinMovedBytes = 1024;
constexpr int64_t kPageBytes = 4096;
constexpr int64_t kCacheLineBytes = 64;
constexpr int64_t kMinPageAlignedBytes = 64 * 1024;

fs::path real_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code error;
  fs::path real = fs::canonical(folder, error);
  return error ? folder.lexically_normal() : real;
}

const ExternalStorage* external_storage(const Tensor& tensor) {
  return dynamic_cast<const ExternalStorage*>(tensor.storage().get());
}

fs::path data_file_of(const ExternalStorage& storage) {
  try {
    return resolve_location(storage.file().path(), storage.data().location);
  } catch (const Error& error) {
    throw error.within(tensor_label(storage.tensor_name()));
  }
}

/// The location by which a model in `folder` names the file, or "" when it lies outside.
std::string location_from(const fs::path& folder, const fs::path& file) {
  const fs::path relative = file.lexically_relative(folder);
  return relative.empty() || *relative.begin() == ".." ? std::string() : relative.generic_string();
}

template <typename Visit>
void for_each_root(const Model& model, Visit&& visit) {
  visit(const_cast<Graph&>(model.graph()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): the walk changes nothing
  for (const Function& function : model.functions()) visit(*function.body);
}

bool is_sparse_with_external_parts(const Tensor& tensor) {
  const auto* sparse = dynamic_cast<const SparseStorage*>(tensor.storage().get());
  return sparse != nullptr && (external_storage(sparse->tensor().values) != nullptr ||
                               external_storage(sparse->tensor().indices) != nullptr);
}

/// Whether the elements can lie in a data file as they are.
bool is_movable(const Tensor& tensor) {
  return tensor.storage() != nullptr && tensor.type() != DataType::kString &&
         dynamic_cast<const SparseStorage*>(tensor.storage().get()) == nullptr;
}

/// The elements that are large enough are worth a page of their own, so that whoever reads them can map them.
int64_t aligned_offset(int64_t end, int64_t size) {
  const int64_t alignment = size >= kMinPageAlignedBytes ? kPageBytes : kCacheLineBytes;
  return (end + alignment - 1) / alignment * alignment;
}

/// Appends to the data file what is to lie there, once for each storage.
void move_into(PlacementPlan& plan, const Tensor& tensor) {
  const int64_t size = tensor.size_bytes();
  const int64_t offset = aligned_offset(plan.data.size_bytes, size);
  plan.data.parts.push_back({offset, tensor.storage()});
  plan.data.size_bytes = offset + size;
  plan.placements[tensor.storage().get()] = {false, plan.data.location, offset, size};
}

std::string location_for_output(const fs::path& output, const SaveOptions& options) {
  if (options.data_file.empty()) return output.filename().native() + ".data";
  try {
    require_allowed_location(options.data_file);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, error.what());
  }
  if (fs::path(options.data_file).lexically_normal() == output.filename()) {
    throw Error(ErrorCode::kUsage, "external data: " + quote(options.data_file) + " is the model itself");
  }
  return options.data_file;
}

/// A data file that the model reads is replaced only together with the model: others may need it as it is.
void require_not_in_use(const Model& model, const fs::path& output, const PlacementPlan& plan) {
  if (plan.data.parts.empty()) return;
  const fs::path target = output.parent_path() / plan.data.location;
  std::error_code error;
  if (!fs::exists(target, error) || fs::equivalent(output, model.path(), error)) return;
  for_each_tensor(model, [&](const Tensor& tensor) {
    const ExternalStorage* const storage = external_storage(tensor);
    if (storage == nullptr || !fs::equivalent(data_file_of(*storage), target, error)) return;
    throw Error(ErrorCode::kUsage, "external data: " + quote(plan.data.location) + " is a data file of " +
                                       quote(model.path().native()) + ", which would no longer fit it; name another");
  });
}

/// Decides for one tensor after the other; each storage is placed once.
class Placer {
 public:
  Placer(const Model& model, const fs::path& output, const SaveOptions& options, PlacementPlan& plan)
      : folder_(real_folder_of(output)),
        moves_(!model.path().empty() && real_folder_of(model.path()) != folder_),
        options_(options),
        plan_(plan) {}

  void place(const Tensor& tensor) {
    if (is_sparse_with_external_parts(tensor)) {
      if (!moves_ && options_.weights != WeightPlace::kInline && options_.weights != WeightPlace::kExternal) return;
      throw Error(ErrorCode::kUnsupported,
                  "a sparse tensor with external data cannot move; write the model into its "
                  "own folder and leave its data where it is");
    }
    const ExternalStorage* const storage = external_storage(tensor);
    has_external_ = has_external_ || storage != nullptr;
    if (tensor.storage() == nullptr || plan_.placements.contains(tensor.storage().get())) return;
    switch (options_.weights) {
      case WeightPlace::kExternal:
        place_externally(tensor, storage);
        break;
      case WeightPlace::kInline:
        if (storage != nullptr) plan_.placements[storage] = Placement{.is_inline = true};
        break;
      case WeightPlace::kAsTheyAre:
      case WeightPlace::kReused:
        if (storage != nullptr && real_folder_of(storage->file().path()) != folder_) place_elsewhere(tensor, *storage);
        break;
    }
  }

  bool has_external() const { return has_external_; }
  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const std::string& location : adjusted_) {
      notes.push_back("the location of external data " + quote(location) + " is written relative to the new folder");
    }
    for (const std::string& location : copied_) {
      notes.push_back("external data of " + quote(location) + " is not below the new folder and was copied to " +
                      quote(plan_.data.location));
    }
    return notes;
  }

 private:
  void place_externally(const Tensor& tensor, const ExternalStorage* storage) {
    if (is_movable(tensor) && tensor.size_bytes() >= options_.min_external_bytes) {
      move_into(plan_, tensor);
    } else if (storage != nullptr) {
      plan_.placements[storage] = Placement{.is_inline = true};
    }
  }

  /// The model is written to another folder than that of its data.
  void place_elsewhere(const Tensor& tensor, const ExternalStorage& storage) {
    const std::string_view old_location = storage.data().location;
    std::string location = location_from(folder_, data_file_of(storage));
    if (!location.empty()) {
      if (location != old_location) adjusted_.emplace(old_location);
      plan_.placements[&storage] = {false, std::move(location), storage.data().offset, storage.size_bytes()};
    } else if (options_.weights == WeightPlace::kReused) {
      throw Error(ErrorCode::kUsage, "external data: " + quote(old_location) +
                                         " does not lie in the folder of the new model or below, where alone a model "
                                         "can name it");
    } else {
      copied_.emplace(old_location);
      move_into(plan_, tensor);
    }
  }

  fs::path folder_;
  bool moves_;
  const SaveOptions& options_;
  PlacementPlan& plan_;
  bool has_external_ = false;
  std::set<std::string, std::less<>> adjusted_;
  std::set<std::string, std::less<>> copied_;
};

template <typename Visit>
void for_each_initializer(const Model& model, Visit&& visit) {
  for_each_root(model, [&](Graph& root) {
    for_each_graph(root, [&](Graph& graph) {
      for (const Value* value : graph.initializers()) visit(*value->initializer());
    });
  });
}

}  // namespace

void for_each_tensor(const Model& model, const std::function<void(const Tensor&)>& visit) {
  for_each_root(model, [&](Graph& root) {
    for_each_graph(root, [&](Graph& graph) {
      for (const Value* value : graph.initializers()) visit(*value->initializer());
      for (const Node* node = graph.first_node(); node != nullptr; node = node->next()) {
        for (const Attribute& attribute : node->attributes()) {
          if (const auto* tensor = attribute.get_if<Tensor>()) visit(*tensor);
          if (const auto* tensors = attribute.get_if<std::vector<Tensor>>()) {
            for (const Tensor& tensor : *tensors) visit(tensor);
          }
        }
      }
    });
  });
}

PlacementPlan place_for_output(const Model& model, const fs::path& output, const SaveOptions& options,
                               std::vector<std::string>& notes) {
  PlacementPlan plan;
  plan.data.location = location_for_output(output, options);
  Placer placer(model, output, options, plan);
  if (options.weights == WeightPlace::kExternal) {
    // Of tensors that lie in the model, initializers move; tensors of attributes do where they are external already.
    for_each_initializer(model, [&](const Tensor& tensor) { placer.place(tensor); });
    for_each_tensor(model, [&](const Tensor& tensor) {
      if (external_storage(tensor) != nullptr) placer.place(tensor);
    });
  } else {
    for_each_tensor(model, [&](const Tensor& tensor) { placer.place(tensor); });
  }
  if (options.weights == WeightPlace::kReused && !placer.has_external()) {
    throw Error(ErrorCode::kUsage, "there is no data file to reuse: the weights lie in the model");
  }
  require_not_in_use(model, output, plan);
  for (std::string& note : placer.notes()) notes.push_back(std::move(note));
  return plan;
}

void move_to_data_file(const Model& model, PlacementPlan& plan) {
  for_each_initializer(model, [&](const Tensor& tensor) {
    const TensorStorage* const storage = tensor.storage().get();
    const auto placed = plan.placements.find(storage);
    const bool is_outside =
        placed != plan.placements.end() ? !placed->second.is_inline : external_storage(tensor) != nullptr;
    if (!is_outside && is_movable(tensor) && tensor.size_bytes() >= kMinMovedBytes) move_into(plan, tensor);
  });
}

}  // namespace surgery
