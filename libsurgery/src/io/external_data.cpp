#include "io/external_data.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "io/mapped_file.h"
#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kRead, what); }

/// Digits and nothing else, below 2^63.
int64_t parse_decimal(std::string_view key, std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (!digits || error != std::errc() || stop != end) {
    fail("external data: " + std::string(key) + " " + quote(text) + " is not a decimal number below 2^63");
  }
  return value;
}

bool has_parent_component(std::string_view location) {
  while (true) {
    const size_t separator = location.find_first_of("/\\");
    if (location.substr(0, separator) == "..") return true;
    if (separator == std::string_view::npos) return false;
    location.remove_prefix(separator + 1);
  }
}

bool is_inside(const fs::path& file, const fs::path& folder) {
  const auto [file_part, folder_part] = std::mismatch(file.begin(), file.end(), folder.begin(), folder.end());
  return folder_part == folder.end() && file_part != file.end();
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

ExternalData parse_external_data(const std::vector<std::pair<std::string_view, std::string_view>>& entries) {
  ExternalData data;
  bool has_location = false;
  bool has_offset = false;
  const auto set = [](bool& present, std::string_view key) {
    if (std::exchange(present, true)) fail("external data: the key " + quote(key) + " is there twice");
  };
  for (const auto& [key, value] : entries) {
    if (key == "location") {
      set(has_location, key);
      data.location = value;
    } else if (key == "offset") {
      set(has_offset, key);
      data.offset = parse_decimal(key, value);
    } else if (key == "length") {
      bool has_length = data.length.has_value();
      set(has_length, key);
      data.length = parse_decimal(key, value);
    }
  }
  if (!has_location) fail("external data: the key 'location' is missing");
  return data;
}

void require_allowed_location(std::string_view location) {
  const auto refuse = [&](std::string_view why) {
    fail("external data: location " + quote(location) + " " + std::string(why));
  };
  if (location.empty()) refuse("is empty");
  if (location.find('\0') != std::string_view::npos) refuse("has a NUL character");
  if (location == "*/_ORT_MEM_ADDR_/*") refuse("is a memory address of another program");
  const bool has_drive_letter = location.size() > 1 && location[1] == ':';
  if (location[0] == '/' || location[0] == '\\' || has_drive_letter)
    refuse("is absolute, expected one beside the model");
  if (has_parent_component(location)) refuse("leaves the model's folder");
}

fs::path resolve_location(const fs::path& model_path, std::string_view location) {
  require_allowed_location(location);
  const auto refuse = [&](const std::string& why) { fail("external data: location " + quote(location) + ": " + why); };
  if (model_path.empty()) refuse("the model was not read from a file, so there is no folder to look in");
  std::error_code error;
  const fs::path folder = fs::canonical(folder_of(model_path), error);
  if (error) refuse("the model's folder: " + describe_errno(error.value()));
  const fs::path real_model = fs::canonical(model_path, error);
  const fs::path real_folder = error ? folder : real_model.parent_path();

  fs::path file = fs::canonical(folder / location, error);
  if (error && real_folder != folder) file = fs::canonical(real_folder / location, error);
  if (error) refuse(error.value() == ENOENT ? "no such file" : describe_errno(error.value()));
  if (!is_inside(file, folder) && !is_inside(file, real_folder)) refuse("a link leads out of the model's folder");
  return file;
}

}  // namespace surgery
