#pragma once

#include <functional>
#include <unordered_set>

#include "io/message_writer.h"
#include "surgery/graph.h"

namespace surgery {

/// The value_info field of a graph or function. Its order says nothing, so entries stay where they are; entries about
/// names that the source never defined are kept, those of values that are gone are dropped.
class ValueInfoPlan final : public FieldPlan {
 public:
  struct Entry {
    const Value* value;
    std::string_view source;  ///< the encoded ValueInfoProto, if it was read with this graph
    bool is_changed;
  };
  using Write = std::function<void(const Value& value, std::string_view base, MessageWriter& out)>;

  /// `entries`: the values that are listed now. `is_known_name`: whether the source defines a name.
  ValueInfoPlan(uint32_t number, std::vector<Entry> entries, std::function<bool(std::string_view)> is_known_name,
                Write write)
      : FieldPlan(number, wire::kLength),
        entries_(std::move(entries)),
        is_known_name_(std::move(is_known_name)),
        write_(std::move(write)) {}

  void prepare(std::vector<wire::Field> occurrences) override;
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  static constexpr size_t kStale = SIZE_MAX;        // about a value that is gone
  static constexpr size_t kUnknown = SIZE_MAX - 1;  // about nothing

  std::vector<Entry> entries_;
  std::function<bool(std::string_view)> is_known_name_;
  Write write_;
  std::vector<size_t> entry_of_;  // by occurrence
  std::vector<bool> is_written_;  // by entry
};

}  // namespace surgery
