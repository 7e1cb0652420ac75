#include "options/result_files.h"

#include "exec/inputs.h"
#include "exec/value_file.h"
#include "report/print.h"
#include "report/value_text.h"
#include "surgery/io.h"
#include "surgery/text.h"

namespace app {
namespace {

using exec::Datum;
using exec::Values;
using surgery::Error;
using surgery::ErrorCode;
using surgery::Tensor;

const Tensor& tensor_to_save(const std::string& name, const Values& results) {
  const Datum& value = results.at(name);
  if (value.is_tensor()) return value.tensor();
  throw Error(ErrorCode::kUsage, "--output: " + surgery::quote(name) + " is " + to_string(value.type()) +
                                     ", numpy files hold tensors; use a folder with --format pb or json");
}

std::string encode(const std::string& name, const Values& results, const surgery::Type& type,
                   const std::string& format) {
  if (format == "npy") return surgery::save_npy_bytes(tensor_to_save(name, results));
  if (format == "json") {
    return value_json(name, results.at(name), 0).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return encode_value_proto(results.at(name), type, name);
}

surgery::Type type_of(const surgery::Model& model, const std::string& name) {
  const surgery::Value* value = model.graph().find(name);
  return value != nullptr ? value->type() : surgery::Type();
}

std::string compared(const std::string& name, const Datum& found, const Datum& expected,
                     const exec::ToleranceOf& tolerance_of) {
  const exec::Difference difference = compare_values(found, expected, tolerance_of);
  if (difference.within) return {};
  return surgery::quote(name) + ": " +
         (difference.reason.empty()
              ? format_count(difference.num_outside) + " of " + plural(difference.num_elements, "element") +
                    " differ, max abs " + format_small(difference.max_abs)
              : difference.reason);
}

}  // namespace

void ResultFiles::require_form() const {
  if (path.empty() || !format.empty()) return;
  const auto extension = std::filesystem::path(path).extension();
  if (extension == ".npz" || extension == ".npy") return;
  throw Error(ErrorCode::kUsage, "--output: expected a name ending in .npz or .npy, or a folder with --format, found " +
                                     surgery::quote(path));
}

void ResultFiles::save(const surgery::Model& model, const std::vector<std::string>& names, const Values& results,
                       const Values& doubles) const {
  if (!format.empty()) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) throw Error(ErrorCode::kWrite, surgery::escape(path, 200) + ": " + error.message());
    for (size_t i = 0; i < names.size(); ++i) {
      const auto file = std::filesystem::path(path) / ("output_" + std::to_string(i) + "." + format);
      surgery::write_file_atomically(file, encode(names[i], results, type_of(model, names[i]), format));
      if (!doubles.contains(names[i])) continue;
      const auto beside = std::filesystem::path(path) / ("output_" + std::to_string(i) + "@double." + format);
      surgery::write_file_atomically(beside, encode(names[i], doubles, surgery::Type(), format));
    }
    return;
  }
  if (std::filesystem::path(path).extension() == ".npy") {
    if (names.size() != 1) {
      throw Error(ErrorCode::kUsage, "--output: a .npy file holds one tensor, there are " +
                                         std::to_string(names.size()) + "; use .npz or --outputs NAME");
    }
    surgery::save_npy(tensor_to_save(names[0], results), path);
    return;
  }
  std::vector<std::pair<std::string, Tensor>> arrays;
  arrays.reserve(names.size());
  for (const std::string& name : names) {
    arrays.emplace_back(name, tensor_to_save(name, results));
    if (!doubles.contains(name)) continue;
    const std::string beside = name + "@double";
    if (results.contains(beside)) {
      throw Error(ErrorCode::kUsage, "--output: there is a result " + surgery::quote(beside) +
                                         ", the name that the double of " + surgery::quote(name) +
                                         " has in a .npz file");
    }
    arrays.emplace_back(beside, tensor_to_save(name, doubles));
  }
  surgery::save_npz(arrays, path);
}

std::vector<std::string> differences_from(const std::filesystem::path& recorded, const surgery::Model& model,
                                          const Values& results, const exec::ToleranceOf& tolerance_of) {
  std::vector<std::string> differences;
  size_t found = 0;
  const auto compare = [&](const std::string& name, const Datum& expected) {
    ++found;
    const auto result = results.find(name);
    std::string text = result == results.end() ? surgery::quote(name) + ": not among the results"
                                               : compared(name, result->second, expected, tolerance_of);
    if (!text.empty()) differences.push_back(std::move(text));
  };
  if (std::filesystem::is_directory(recorded)) {
    const auto outputs = model.graph().outputs();
    for (size_t i = 0; i < outputs.size(); ++i) {
      const std::filesystem::path file = recorded / ("output_" + std::to_string(i));
      if (std::filesystem::exists(file.string() + ".pb")) {
        compare(outputs[i]->name(), exec::load_value_proto(file.string() + ".pb", outputs[i]->type()));
      } else if (std::filesystem::exists(file.string() + ".npy")) {
        compare(outputs[i]->name(), surgery::load_npy(file.string() + ".npy"));
      }
    }
  } else {
    for (auto& [name, tensor] : surgery::load_npz(recorded)) compare(name, std::move(tensor));
  }
  if (found == 0) throw Error(ErrorCode::kRead, surgery::escape(recorded.string(), 200) + ": no recorded outputs");
  return differences;
}

}  // namespace app
