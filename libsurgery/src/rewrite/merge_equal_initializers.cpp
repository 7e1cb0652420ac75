#include <algorithm>
#include <functional>
#include <unordered_map>

#include "rewrite/node_rewrite.h"
#include "surgery/text.h"

namespace surgery {
namespace {

/// A hash of type, dims and a few of the bytes: most weights differ in these, so that few are read whole.
uint64_t cheap_hash(const Tensor& tensor) {
  constexpr size_t kSampleBytes = 64;
  uint64_t hash = static_cast<uint64_t>(tensor.type());
  const auto mix = [&](uint64_t number) { hash = (hash ^ number) * 0x9E3779B97F4A7C15ULL + (hash >> 29U); };
  for (const int64_t dim : tensor.dims()) mix(static_cast<uint64_t>(dim));
  if (tensor.type() == DataType::kString) {
    for (const std::string& text : tensor.strings()) mix(std::hash<std::string>{}(text));
    return hash;
  }
  const std::span<const std::byte> bytes = tensor.bytes();
  const size_t size = std::min(kSampleBytes, bytes.size());
  for (const size_t start : {size_t{0}, (bytes.size() - size) / 2, bytes.size() - size}) {
    const auto sample = bytes.subspan(start, size);
    mix(std::hash<std::string_view>{}({reinterpret_cast<const char*>(sample.data()), sample.size()}));
  }
  return hash;
}

/// Merges weights that are equal bit for bit.
/// Requires  initializers of one graph with the same type, dims and bytes, none of which a caller may set; those that
///           go are no graph outputs.
/// Produces  the first of them for all readers.
/// Keeps     all values. Applies inside subgraphs.
void merge(Graph& graph, Rewriter& rewriter) {
  std::unordered_multimap<uint64_t, Value*> seen;
  const std::vector<Value*> initializers(graph.initializers().begin(), graph.initializers().end());
  for (Value* value : initializers) {
    const auto tensor = value->constant();
    if (tensor == nullptr || value->is_unused()) continue;
    Value* twin = nullptr;
    try {
      const uint64_t hash = cheap_hash(*tensor);
      const auto [begin, end] = seen.equal_range(hash);
      const auto found =
          std::find_if(begin, end, [&](const auto& entry) { return identical(*entry.second->initializer(), *tensor); });
      if (found == end) {
        seen.emplace(hash, value);
      } else {
        twin = found->second;
      }
    } catch (const Error&) {
      continue;  // data that cannot be read is not compared
    }
    if (twin == nullptr || !rewriter.can_replace(*value, *twin)) continue;
    if (!rewriter.begin_step("initializer " + quote(value->name()))) return;
    rewriter.replace(*value, *twin);
  }
}

}  // namespace

const GraphRewrite& merge_equal_initializers() {
  static const WholeGraphRewrite kRewrite("MergeEqualInitializers", "Keeps one of several weights that are equal.",
                                          merge);
  return kRewrite;
}

}  // namespace surgery
