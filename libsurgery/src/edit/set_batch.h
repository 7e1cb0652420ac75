#pragma once

#include "edit/batch/find_batch.h"
#include "surgery/edit.h"

namespace surgery {

/// Gives a model another batch: an integer or a symbol. The inputs of `batch`, what holds the old batch (see
/// batch::Mender) and every declared type follow. Throws Error(kAnswerIsNo) or Error(kUnsupported) naming the node for
/// which no other batch can be right or is known to be.
EditReport change_batch(Model& model, const batch::Batch& batch, const Dim& target);

}  // namespace surgery
