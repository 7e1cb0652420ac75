#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace surgery {

class Value;

/// The values of a graph by name: a hash table with open addressing, which costs a load of 100,000 nodes less than half
/// of what std::unordered_map does. Names are those of the values, which must stay as they are while they are in here.
class NameIndex {
 public:
  Value* find(std::string_view name) const;  ///< nullptr if there is none
  /// find() of each name, into `found` [names.size()]. Several times faster than one by one where the table and the
  /// values are too large for the caches: the memory of one search is fetched during the others.
  void find_all(std::span<const std::string_view> names, std::span<Value*> found) const;
  /// Keeps the value that has the name already, if there is one.
  void insert(Value& value);
  /// Takes the value out, if it is the one that find() gives for its name.
  void erase(const Value& value);
  void reserve(size_t count);

 private:
  /// Free: no value, hash 0. Of an erased value: no value, hash 1, so that searches go on behind it.
  struct Slot {
    size_t hash = 0;
    Value* value = nullptr;
  };

  size_t find_slot(std::string_view name, size_t hash) const;
  void rehash(size_t num_slots);

  std::vector<Slot> slots_;  // their number is a power of two
  size_t num_used_ = 0;      // slots of values and of erased ones
};

}  // namespace surgery
