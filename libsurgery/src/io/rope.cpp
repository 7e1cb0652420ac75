#include "io/rope.h"

#include <algorithm>
#include <cstdint>

namespace surgery {

std::string_view Arena::store(std::string_view bytes) {
  constexpr size_t kChunkBytes = 64 * 1024;
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes.size()) {
    chunks_.emplace_back().reserve(std::max(kChunkBytes, bytes.size()));
  }
  std::string& chunk = chunks_.back();
  const size_t start = chunk.size();
  chunk += bytes;  // within the capacity: nothing moves
  return std::string_view(chunk).substr(start);
}

void Rope::append(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  if (!pieces_.empty()) {
    std::string_view& last = pieces_.back();
    if (last.data() + last.size() == bytes.data()) {
      last = {last.data(), last.size() + bytes.size()};
      return;
    }
  }
  pieces_.push_back(bytes);
}

void Rope::append(const Rope& rope) {
  for (const std::string_view piece : rope.pieces_) append(piece);
}

std::string Rope::to_string() const {
  std::string text;
  text.reserve(size_);
  for (const std::string_view piece : pieces_) text += piece;
  return text;
}

}  // namespace surgery
