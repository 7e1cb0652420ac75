#pragma once

#include <set>
#include <string>

#include "surgery/infer.h"

namespace surgery {

/// Tells what an edit of shapes broke: what inference finds impossible in the changed model and did not before.
class NewErrors {
 public:
  /// Looks at the model as it is now.
  explicit NewErrors(const Model& model);

  const Inference& before() const { return before_; }
  /// Throws Error(kAnswerIsNo) with the first error of the changed model at a node that had none before.
  void require_none(const Inference& after) const;

 private:
  Inference before_;
  std::set<std::string> nodes_;  // what the messages begin with
};

}  // namespace surgery
