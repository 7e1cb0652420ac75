#pragma once

#include <string>

#include "exec/verify.h"
#include "report/json.h"

namespace app {

/// {"ran", "equal", "message", "num_tensors", "max_abs"} of one proof.
Json to_json(const exec::VerifyResult& proof);

}  // namespace app
