#pragma once

#include <string>

#include "report/json.h"
#include "report/model_summary.h"
#include "surgery/model.h"

namespace app {

/// What `inspect` says without options.
std::string summary_text(const surgery::Model& model, const ModelSummary& summary);
/// The same as the start of its JSON object.
Json summary_json(const surgery::Model& model, const ModelSummary& summary);

}  // namespace app
