#include "edit/find_input.h"

#include <string>
#include <vector>

#include "surgery/error.h"
#include "surgery/text.h"

namespace surgery {

Value& find_data_input(Model& model, std::string_view name) {
  std::vector<std::string> names;
  for (Value* input : model.graph().inputs()) {
    if (input->name() != name) {
      if (!input->is_initializer()) names.push_back(input->name());
      continue;
    }
    if (input->is_initializer()) {
      throw Error(ErrorCode::kUsage, "input " + quote(name) + " is a weight, whose shape is that of its elements");
    }
    if (input->type().is_known() && !input->type().is_tensor()) {
      throw Error(ErrorCode::kUsage,
                  "input " + quote(name) + " is a " + to_string(input->type()) + " and has no shape");
    }
    return *input;
  }
  throw Error(ErrorCode::kUsage, "there is no input " + quote(name) + suggestion(name, names));
}

}  // namespace surgery
