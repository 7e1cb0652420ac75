#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace surgery {

/// Bytes that a rope refers to and nobody else keeps. Addresses stay; what is stored in turn lies side by side.
class Arena {
 public:
  std::string_view store(std::string_view bytes);

 private:
  std::deque<std::string> chunks_;
};

/// A long string put together from views: into the file that a model was read from, into tensors, into an Arena.
/// Pieces that lie side by side in memory become one, so a model with one change is three pieces however large it is.
class Rope {
 public:
  void append(std::string_view bytes);
  void append(const Rope& rope);

  size_t size() const { return size_; }
  const std::vector<std::string_view>& pieces() const { return pieces_; }
  std::string to_string() const;

 private:
  std::vector<std::string_view> pieces_;
  size_t size_ = 0;
};

}  // namespace surgery
