#include "edit/fix.h"
#include "edit/arguments.h"
#include "edit/edits.h"
#include "surgery/text.h"

/// --fix RECIPE: several edits at once, for what a certain exporter gets wrong. "RECIPE:OPTION" for recipes with
/// options.
namespace surgery::edits {
namespace {

struct Named {
  std::string_view name;
  Apply& recipe;
};

constexpr Named kRecipes[] = {{"mxnet", fix_mxnet}};

}  // namespace

EditReport fix(Model& model, std::string_view argument, const EditContext& context) {
  const size_t colon = argument.find(':');
  const std::string_view name = argument.substr(0, colon);
  const std::string_view option = colon == std::string_view::npos ? std::string_view{} : argument.substr(colon + 1);
  std::string known;
  for (const Named& entry : kRecipes) {
    if (entry.name == name) return entry.recipe(model, option, context);
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorCode::kUsage, "there is no recipe " + quote(name) + "; there is " + known);
}

}  // namespace surgery::edits
