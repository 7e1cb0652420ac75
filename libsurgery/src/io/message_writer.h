#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/rope.h"
#include "io/wire.h"

namespace surgery {

/// Puts one message together, field by field. Views that are handed in must outlive the rope, except where stored.
class MessageWriter {
 public:
  explicit MessageWriter(Arena& arena) : arena_(arena) {}

  /// Encoded fields as they are.
  void source(std::string_view fields) { rope_.append(fields); }
  /// Encoded fields, copied.
  void store(std::string_view fields) { rope_.append(arena_.store(fields)); }
  void varint(uint32_t number, uint64_t value);
  void fixed32(uint32_t number, float value);
  void bytes(uint32_t number, std::string_view value);
  void message(uint32_t number, const Rope& message);

  Arena& arena() const { return arena_; }
  const Rope& rope() const { return rope_; }
  Rope take() { return std::move(rope_); }

 private:
  void header(uint32_t number, size_t size);

  Arena& arena_;
  Rope rope_;
};

/// What becomes of one field number when a message is written again on the basis of what it was read from.
class FieldPlan {
 public:
  FieldPlan(uint32_t number, wire::Type type) : tag_(wire::tag(number, type)) {}
  virtual ~FieldPlan() = default;
  FieldPlan(const FieldPlan&) = delete;
  FieldPlan& operator=(const FieldPlan&) = delete;

  uint32_t tag() const { return tag_; }
  uint32_t number() const { return tag_ >> 3; }
  /// The occurrences in the source, before anything is written.
  virtual void prepare(std::vector<wire::Field> occurrences) { occurrences_ = std::move(occurrences); }
  /// Writes what stands at the place of occurrence number `index`.
  virtual void write_at(size_t index, MessageWriter& out) = 0;
  /// Writes what has no place in the source: after the last occurrence, or at the end where there is none.
  virtual void write_rest(MessageWriter& out) = 0;

  size_t num_occurrences() const { return occurrences_.size(); }

 protected:
  std::vector<wire::Field> occurrences_{};

 private:
  uint32_t tag_;
};

/// Writes the message that `source` encodes again: planned fields as their plans say, every other field as it is and
/// where it is. Planned fields that the source lacks come last, in the order of `plans`.
void rewrite_message(std::string_view source, std::span<FieldPlan* const> plans, MessageWriter& out);

/// A singular number that has the value given; 0 need not be written where there is none.
class NumberPlan final : public FieldPlan {
 public:
  NumberPlan(uint32_t number, int64_t value) : FieldPlan(number, wire::kVarint), value_(value) {}
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  int64_t value_;
};

/// A singular string or bytes field.
class StringPlan final : public FieldPlan {
 public:
  StringPlan(uint32_t number, std::string_view value) : FieldPlan(number, wire::kLength), value_(value) {}
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  std::string_view value_;
};

/// A repeated string field: the strings take the places of the old ones in turn.
class StringListPlan final : public FieldPlan {
 public:
  StringListPlan(uint32_t number, std::vector<std::string_view> values)
      : FieldPlan(number, wire::kLength), values_(std::move(values)) {}
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  std::vector<std::string_view> values_;
};

/// A field that is left out, or (with `value`) a singular message written anew at its first place.
class ReplacePlan final : public FieldPlan {
 public:
  explicit ReplacePlan(uint32_t number, wire::Type type = wire::kLength) : FieldPlan(number, type) {}
  ReplacePlan(uint32_t number, Rope value) : FieldPlan(number, wire::kLength), value_(std::move(value)) {}
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  std::optional<Rope> value_;
};

/// A repeated message field with elements that are known by the bytes they were read from: those that stay keep their
/// place, new ones stand between their neighbours, removed ones are left out. Where the order has changed, the new
/// order is written.
class ListPlan final : public FieldPlan {
 public:
  /// Writes element `index`, whose field in the source is `occurrence` (nullptr: it has none).
  using Write = std::function<void(size_t index, const wire::Field* occurrence, MessageWriter& out)>;

  /// Finds elements by other means for an occurrence that is no element's source: it is of the first that has none yet.
  using Find = std::function<std::span<const size_t>(const wire::Field& occurrence)>;

  /// `sources`: for each element the view of the encoded message that it was read from (which may be an empty one);
  /// nullptr for new ones.
  ListPlan(uint32_t number, std::vector<std::string_view> sources, Write write, Find find = {})
      : FieldPlan(number, wire::kLength),
        sources_(std::move(sources)),
        write_(std::move(write)),
        find_(std::move(find)) {}

  void prepare(std::vector<wire::Field> occurrences) override;
  void write_at(size_t index, MessageWriter& out) override;
  void write_rest(MessageWriter& out) override;

 private:
  static constexpr size_t kNone = SIZE_MAX;

  void write_element(size_t element, MessageWriter& out);

  std::vector<std::string_view> sources_;
  Write write_;
  Find find_;
  std::vector<size_t> element_of_;     // by occurrence
  std::vector<size_t> occurrence_of_;  // by element
  size_t next_ = 0;                    // the first element that is not written yet
};

/// The payload of the only field with this tag; nothing when there is none, or several (which protobuf would merge).
std::optional<std::string_view> single_field(std::string_view source, uint32_t tag);

}  // namespace surgery
