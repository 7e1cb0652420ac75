#pragma once

#include <set>
#include <string>

#include "surgery/error.h"
#include "surgery/infer.h"

namespace surgery {

/// Tells what an edit of shapes broke: what inference finds impossible in the changed model and did not before.
class NewErrors {
 public:
  /// Remembers what is impossible as it is now.
  explicit NewErrors(const Inference& before);

  /// Throws an Error of that code with the first error of the changed model at a node that had none before.
  void require_none(const Inference& after, ErrorCode code) const;

 private:
  std::set<std::string> nodes_;  // what the messages begin with
};

}  // namespace surgery
