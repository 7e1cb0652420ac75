#include "report/proof.h"

#include <algorithm>

namespace app {

Json to_json(const exec::VerifyResult& proof) {
  double max_abs = 0;
  for (const exec::PairResult& pair : proof.details.pairs) max_abs = std::max(max_abs, pair.difference.max_abs);
  return {{"ran", proof.ran},
          {"equal", proof.equal},
          {"message", proof.message},
          {"num_tensors", proof.details.pairs.size()},
          {"max_abs", max_abs}};
}

}  // namespace app
