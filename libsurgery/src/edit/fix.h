#pragma once

#include "edit/edits.h"

/// The recipes of --fix: each takes the option behind its name, empty for none.
namespace surgery::edits {

Apply fix_mxnet;

}  // namespace surgery::edits
