#include "report/dim_listing.h"

#include <unordered_map>

#include "report/print.h"
#include "report/table.h"
#include "surgery/text.h"

namespace app {
namespace {

constexpr size_t kShown = 6;

std::string origin_of(const surgery::Value& value, size_t axis) {
  if (value.is_graph_input() && value.graph().owner() == nullptr) {
    return "input " + surgery::quote(value.name()) + " axis " + std::to_string(axis);
  }
  if (value.producer() != nullptr) return describe(*value.producer());
  return surgery::quote(value.name());
}

}  // namespace

std::vector<ListedDim> list_dims(const surgery::Model& model, const surgery::Inference& inference) {
  std::vector<ListedDim> list;
  std::unordered_map<std::string, size_t> index;
  const auto visit = [&](const surgery::Value& value) {
    const surgery::Shape* shape = inference.shape(value);
    for (size_t axis = 0; shape != nullptr && axis < shape->size(); ++axis) {
      const surgery::Dim& dim = (*shape)[axis];
      if (!dim.is_symbolic()) continue;
      for (const std::string& symbol : dim.symbols()) {
        const auto [entry, is_new] = index.try_emplace(symbol, list.size());
        if (is_new) list.push_back({symbol, {}, {}});
        ListedDim& listed = list[entry->second];
        const bool is_input = value.is_graph_input() && value.graph().owner() == nullptr;
        if (is_new || is_input) listed.origins.push_back(origin_of(value, axis));
        listed.carriers.push_back({value.name(), axis, dim.to_string()});
      }
    }
  };
  for (const surgery::Value* input : model.graph().inputs()) visit(*input);
  surgery::for_each_graph(model.graph(), [&](const surgery::Graph& graph) {
    for (const surgery::Node* node = graph.first_node(); node != nullptr; node = node->next()) {
      for (const surgery::Value* output : node->outputs()) {
        if (output != nullptr) visit(*output);
      }
    }
  });
  return list;
}

std::string to_text(const std::vector<ListedDim>& dims) {
  if (dims.empty()) return "every dimension is a number\n";
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kLeft}, {"dimension", "comes from", "tensors", "carried by"});
  for (const ListedDim& dim : dims) {
    std::string shown;
    for (size_t i = 0; i < dim.carriers.size() && i < kShown; ++i) {
      const DimCarrier& carrier = dim.carriers[i];
      shown += (i == 0 ? "" : ", ") + surgery::escape(carrier.tensor, 40) + "[" + std::to_string(carrier.axis) + "]";
      if (carrier.size != dim.symbol) shown += " = " + shorten(surgery::escape(carrier.size), 40);
    }
    if (dim.carriers.size() > kShown) shown += ", ...";
    table.add({shorten(surgery::escape(dim.symbol, 60), 60), shorten(join(dim.origins, ", "), 80),
               format_count(static_cast<int64_t>(dim.carriers.size())), shown});
  }
  return table.to_string();
}

Json to_json(const std::vector<ListedDim>& dims) {
  Json array = Json::array();
  for (const ListedDim& dim : dims) {
    Json carriers = Json::array();
    for (const DimCarrier& carrier : dim.carriers) {
      carriers.push_back({{"tensor", carrier.tensor}, {"axis", carrier.axis}, {"size", carrier.size}});
    }
    array.push_back({{"dimension", dim.symbol}, {"origins", dim.origins}, {"carriers", std::move(carriers)}});
  }
  return array;
}

}  // namespace app
