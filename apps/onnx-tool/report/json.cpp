#include "report/json.h"

#include "report/print.h"

namespace app {

Json new_report(std::string_view command) { return {{"version", 1}, {"command", command}}; }

void print_json(const Json& report) { print(report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"); }

Json to_json(const surgery::Shape& shape) {
  Json dims = Json::array();
  for (const surgery::Dim& dim : shape) {
    if (dim.is_known()) {
      dims.push_back(dim.value());
    } else if (dim.is_symbolic()) {
      dims.push_back(dim.to_string());
    } else {
      dims.push_back(nullptr);
    }
  }
  return dims;
}

Json to_json(std::string_view name, const surgery::Type& type) {
  Json json{{"name", name}};
  json["type"] = type.is_tensor() ? std::string(surgery::to_string(type.element_type)) : surgery::to_string(type);
  if (type.is_tensor() && type.shape) json["shape"] = to_json(*type.shape);
  return json;
}

}  // namespace app
