#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surgery/dim.h"

namespace surgery {

/// What was done to a model, in order: named steps (one application of an edit or a rewrite), and for values that carry
/// on under another name or form, how the two correspond. diff-run pairs layers across an edit with it.
class Journal {
 public:
  struct Step {
    std::string action;  ///< name of the edit or rewrite: "FuseConvBatchNorm", "--set-batch"
    std::string place;   ///< what it was done to: "node 'bn1' (BatchNormalization)"
    std::string detail;  ///< one sentence for the user, may be empty
  };
  /// `after` of the changed model holds what `before` held in the one that was read.
  struct Correspondence {
    uint32_t step;
    std::string before;
    std::string after;
    std::string relation;  ///< "same", "transposed by 0,2,3,1", ...
  };
  /// A dimension of the inputs that an edit gave a size or another name: a symbol, or one axis that was a number.
  struct SetDim {
    std::string symbol;  ///< empty for a number
    Dim was;             ///< the number; unknown for a symbol
    Dim target;
    std::vector<std::pair<uint32_t, size_t>> axes;  ///< Value::id() of inputs, and axis
  };

  void begin_step(std::string_view action, std::string place, std::string detail = {});
  void correspond(std::string before, std::string after, std::string relation = "same");
  void set_dim(SetDim dim) { set_dims_.push_back(std::move(dim)); }

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Correspondence>& correspondences() const { return correspondences_; }
  const std::vector<SetDim>& set_dims() const { return set_dims_; }

 private:
  std::vector<Step> steps_;
  std::vector<Correspondence> correspondences_;
  std::vector<SetDim> set_dims_;
};

}  // namespace surgery
