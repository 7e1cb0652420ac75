#include "surgery/name_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include "surgery/graph.h"

namespace surgery {
namespace {

constexpr size_t kMinSlots = 16;
constexpr size_t kErasedHash = 1;
constexpr size_t kBlock = 16;  // searches under way at once: about as many cache lines as a core fetches at a time

size_t hash_of(std::string_view name) { return std::hash<std::string_view>()(name); }

}  // namespace

/// The slot of the name, or the free one at which the search for it ends. Requires a free slot.
size_t NameIndex::find_slot(std::string_view name, size_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.value == nullptr) {
      if (slot.hash != kErasedHash) return i;
    } else if (slot.hash == hash && slot.value->name() == name) {
      return i;
    }
  }
}

Value* NameIndex::find(std::string_view name) const {
  return slots_.empty() ? nullptr : slots_[find_slot(name, hash_of(name))].value;
}

void NameIndex::find_all(std::span<const std::string_view> names, std::span<Value*> found) const {
  SURGERY_ASSERT(names.size() == found.size(), "a place for each name");
  if (slots_.empty()) {
    std::fill(found.begin(), found.end(), nullptr);
    return;
  }
  const size_t mask = slots_.size() - 1;
  std::array<size_t, kBlock> hashes{};
  for (size_t begin = 0; begin < names.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, names.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = hash_of(names[begin + i]);
      __builtin_prefetch(&slots_[hashes[i] & mask]);
    }
    for (size_t i = 0; i < count; ++i) __builtin_prefetch(slots_[hashes[i] & mask].value);
    for (size_t i = 0; i < count; ++i) {
      const Slot& slot = slots_[hashes[i] & mask];
      if (slot.hash == hashes[i] && slot.value != nullptr) __builtin_prefetch(slot.value->name().data());
    }
    for (size_t i = 0; i < count; ++i) {
      found[begin + i] = slots_[find_slot(names[begin + i], hashes[i])].value;
    }
  }
}

void NameIndex::insert(Value& value) {
  if (2 * (num_used_ + 1) > slots_.size()) rehash(2 * (num_used_ + 1));
  const size_t hash = hash_of(value.name());
  Slot& slot = slots_[find_slot(value.name(), hash)];
  if (slot.value != nullptr) return;
  slot = {hash, &value};
  ++num_used_;
}

void NameIndex::erase(const Value& value) {
  if (slots_.empty()) return;
  Slot& slot = slots_[find_slot(value.name(), hash_of(value.name()))];
  if (slot.value == &value) slot = {kErasedHash, nullptr};
}

void NameIndex::reserve(size_t count) {
  if (2 * count > slots_.size()) rehash(2 * count);
}

void NameIndex::rehash(size_t num_slots) {
  std::vector<Slot> old(std::bit_ceil(std::max(num_slots, kMinSlots)));
  old.swap(slots_);
  num_used_ = 0;
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.value == nullptr) continue;
    size_t i = slot.hash & mask;
    while (slots_[i].value != nullptr) i = (i + 1) & mask;
    slots_[i] = slot;
    ++num_used_;
  }
}

}  // namespace surgery
