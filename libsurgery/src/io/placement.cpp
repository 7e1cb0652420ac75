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
constexpr int64_t kPageBytes = 4096;  // data on page boundaries can be mapped by whoever reads it

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

void require_no_external_parts(const Tensor& tensor) {
  const auto* sparse = dynamic_cast<const SparseStorage*>(tensor.storage().get());
  if (sparse == nullptr) return;
  if (external_storage(sparse->tensor().values) == nullptr && external_storage(sparse->tensor().indices) == nullptr) {
    return;
  }
  throw Error(ErrorCode::kUnsupported,
              "a sparse tensor with external data cannot move to another folder; write the model into its own folder");
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

Placements place_for_output(const Model& model, const fs::path& output, std::vector<std::string>& notes) {
  Placements placements;
  const fs::path folder = real_folder_of(output);
  std::set<std::string, std::less<>> adjusted;
  std::set<std::string, std::less<>> taken_in;
  std::map<const ModelFile*, bool> stays;
  for_each_tensor(model, [&](const Tensor& tensor) {
    const ExternalStorage* const storage = external_storage(tensor);
    const bool is_local = storage == nullptr || real_folder_of(storage->file().path()) == folder;
    if (storage == nullptr || is_local) {
      if (!model.path().empty() && real_folder_of(model.path()) != folder) require_no_external_parts(tensor);
      return;
    }
    if (placements.contains(storage)) return;
    const std::string_view old_location = storage->data().location;
    const fs::path file = data_file_of(*storage);
    std::string location = location_from(folder, file);
    Placement placement;
    if (location.empty()) {
      placement.is_inline = true;
      taken_in.emplace(old_location);
    } else {
      if (location != old_location) adjusted.emplace(old_location);
      placement = {false, std::move(location), storage->data().offset, storage->size_bytes()};
    }
    placements.emplace(storage, std::move(placement));
  });
  for (const std::string& location : adjusted) {
    notes.push_back("the location of external data " + quote(location) + " is written relative to the new folder");
  }
  for (const std::string& location : taken_in) {
    notes.push_back("external data of " + quote(location) + " is not below the new folder and was taken along");
  }
  return placements;
}

DataFile move_to_data_file(const Model& model, const fs::path& output, Placements& placements) {
  DataFile file;
  file.location = output.filename().native() + ".data";
  for_each_root(model, [&](Graph& root) {
    for_each_graph(root, [&](Graph& graph) {
      for (const Value* value : graph.initializers()) {
        const Tensor& tensor = *value->initializer();
        const TensorStorage* const storage = tensor.storage().get();
        const auto placed = placements.find(storage);
        const bool is_outside = placed != placements.end() ? !placed->second.is_inline
                                                           : dynamic_cast<const ExternalStorage*>(storage) != nullptr;
        const bool is_movable = storage != nullptr && tensor.type() != DataType::kString &&
                                dynamic_cast<const SparseStorage*>(storage) == nullptr;
        const int64_t size = tensor.size_bytes();
        if (is_outside || !is_movable || size < kMinMovedBytes) continue;
        const int64_t offset = (file.size_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
        file.parts.push_back({offset, tensor.storage()});
        file.size_bytes = offset + size;
        placements[storage] = {false, file.location, offset, size};
      }
    });
  });
  return file;
}

}  // namespace surgery
