#include "infer/shapes.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "surgery/text.h"

namespace surgery::infer {
namespace {

constexpr int64_t kMaxRank = 1024;
constexpr int64_t kMaxContent = 1024;

/// Whether the broadcast of a and b is a for sure: b <= a, and b is not 0 where a is not.
/// (b = 1 broadcasts, b = a is equal, anything between is invalid. So `seq` with min(seq, 512) is `seq`.)
bool covers(const Dim& a, const Dim& b) {
  if (!(a - b).is_non_negative()) return false;
  if ((b - Dim(1)).is_non_negative()) return true;
  if (!a.is_plain_symbol()) return false;
  const std::string name = a.to_string();
  return (b.substitute({{name, a + Dim(1)}}) - Dim(1)).is_non_negative();
}

}  // namespace

Dim broadcast(const Dim& a, const Dim& b, bool& clash) {
  if (a == b || b.is(1)) return a;
  if (a.is(1)) return b;
  if (a.is_known() && b.is_known()) {
    clash = true;
    return {};
  }
  // A known dim that is not 1 decides: the other one is 1 or the same.
  if (a.is_known()) return a;
  if (b.is_known()) return b;
  if (a.is_unknown() || b.is_unknown()) {
    const Dim& other = a.is_unknown() ? b : a;
    return (other - Dim(2)).is_non_negative() ? other : Dim();
  }
  if ((a - Dim(2)).is_non_negative() || covers(a, b)) return a;
  if ((b - Dim(2)).is_non_negative() || covers(b, a)) return b;
  return {};
}

Shape broadcast(InferContext& c, const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  const size_t offset = longer.size() - shorter.size();
  bool clash = false;
  for (size_t i = 0; i < shorter.size(); ++i) {
    result[offset + i] = broadcast(longer[offset + i], shorter[i], clash);
  }
  if (clash) c.fail("shapes " + escape(to_string(a)) + " and " + escape(to_string(b)) + " do not broadcast");
  return result;
}

std::optional<Shape> broadcast_inputs(InferContext& c, size_t first, size_t count) {
  Shape result;
  for (size_t i = first; i < first + count; ++i) {
    const Shape* shape = c.shape(i);
    if (shape == nullptr) return std::nullopt;
    result = i == first ? *shape : broadcast(c, result, *shape);
  }
  return result;
}

Dim require_equal(InferContext& c, const Dim& a, const Dim& b, std::string_view what) {
  if (proven_different(a, b)) {
    c.fail(std::string(what) + " " + escape(a.to_string()) + " and " + escape(b.to_string()) + " differ");
    return {};
  }
  if (a.is_known() || b.is_unknown()) return a;
  return b.is_known() || a.is_unknown() ? b : a;
}

bool require_rank(InferContext& c, size_t input, int64_t rank, std::string_view name) {
  const std::optional<int64_t> found = c.rank(input);
  if (!found) return false;
  if (*found == rank) return true;
  c.fail("input " + std::string(name) + " has rank " + std::to_string(*found) + ", expected " + std::to_string(rank));
  return false;
}

bool require_min_rank(InferContext& c, size_t input, int64_t rank, std::string_view name) {
  const std::optional<int64_t> found = c.rank(input);
  if (!found) return false;
  if (*found >= rank) return true;
  c.fail("input " + std::string(name) + " has rank " + std::to_string(*found) + ", expected at least " +
         std::to_string(rank));
  return false;
}

std::optional<int64_t> length_of(const InferContext& c, size_t input) {
  if (const std::vector<Dim>* content = c.content(input)) return static_cast<int64_t>(content->size());
  const Shape* shape = c.shape(input);
  if (shape == nullptr || shape->size() != 1) return std::nullopt;
  const Dim& length = shape->front();
  if (!length.is_known() || length.value() < 0 || length.value() > kMaxRank) return std::nullopt;
  return length.value();
}

std::optional<Shape> shape_from_input(InferContext& c, size_t input) {
  if (const std::vector<Dim>* content = c.content(input)) return *content;
  const std::optional<int64_t> length = length_of(c, input);
  return length ? std::optional(unknown_dims(static_cast<size_t>(*length))) : std::nullopt;
}

std::optional<std::vector<int64_t>> axes_of(InferContext& c, size_t input, int64_t input_since, int64_t rank,
                                            bool& present) {
  std::optional<std::vector<int64_t>> axes;
  if (c.opset() >= input_since) {
    present = c.has_input(input);
    if (present) {
      axes = c.integers(input);
      const std::optional<int64_t> length = length_of(c, input);
      if (length && *length == 0) present = false;
    }
  } else if (const std::vector<int64_t>* attribute = c.ints("axes")) {
    axes = *attribute;
    present = !axes->empty();
  } else {
    present = false;
  }
  if (!present) return std::vector<int64_t>();
  if (!axes) return std::nullopt;
  std::vector<bool> seen(static_cast<size_t>(std::max<int64_t>(rank, 0)));
  for (int64_t& axis : *axes) {
    const std::optional<int64_t> normal = c.normalize_axis(axis, rank);
    if (!normal) return std::nullopt;
    if (seen[static_cast<size_t>(*normal)]) {
      c.fail("axis " + std::to_string(axis) + " is given twice");
      return std::nullopt;
    }
    seen[static_cast<size_t>(*normal)] = true;
    axis = *normal;
  }
  return axes;
}

bool has_content(DataType type) { return is_integer(type) || type == DataType::kBool; }

Dim fitted(const Dim& value, DataType type) {
  if (value.is_unknown()) return {};
  if (type == DataType::kInt64) return value;
  if (value.is_symbolic()) return type == DataType::kInt32 ? value : Dim();
  const int bits = bit_width(type);
  const bool is_unsigned = type == DataType::kUint8 || type == DataType::kUint16 || type == DataType::kUint32 ||
                           type == DataType::kUint64 || type == DataType::kBool || type == DataType::kUint4 ||
                           type == DataType::kUint2;
  const int64_t lowest = is_unsigned || bits >= 64 ? 0 : -(int64_t{1} << (bits - 1));
  int64_t highest = std::numeric_limits<int64_t>::max();
  if (type == DataType::kBool) {
    highest = 1;
  } else if (bits < 64) {
    highest = (int64_t{1} << (is_unsigned ? bits : bits - 1)) - 1;
  }
  return value.value() >= lowest && value.value() <= highest ? value : Dim();
}

namespace {

/// The elements found by walking an index space row by row, one stride per axis of it.
std::vector<Dim> gathered(const std::vector<Dim>& elements, const std::vector<int64_t>& dims,
                          const std::vector<int64_t>& strides, int64_t count) {
  std::vector<Dim> result;
  result.reserve(static_cast<size_t>(count));
  std::vector<int64_t> index(dims.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (size_t axis = 0; axis < dims.size(); ++axis) offset += index[axis] * strides[axis];
    result.push_back(elements[static_cast<size_t>(offset)]);
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

std::vector<int64_t> strides_of(std::span<const int64_t> dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

}  // namespace

std::vector<Dim> permuted(const std::vector<Dim>& elements, std::span<const int64_t> dims,
                          std::span<const int64_t> permutation) {
  const std::vector<int64_t> strides = strides_of(dims);
  std::vector<int64_t> new_dims;
  std::vector<int64_t> new_strides;
  for (const int64_t axis : permutation) {
    new_dims.push_back(dims[static_cast<size_t>(axis)]);
    new_strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  return gathered(elements, new_dims, new_strides, static_cast<int64_t>(elements.size()));
}

std::optional<std::vector<Dim>> broadcast_content(const std::vector<Dim>& elements, const Shape& from,
                                                  const Shape& to) {
  const std::optional<std::vector<int64_t>> source = static_dims(from);
  const std::optional<std::vector<int64_t>> target = static_dims(to);
  const Dim count = num_elements(to);
  if (!source || !target || source->size() > target->size() || !count.is_known() || count.value() > kMaxContent) {
    return std::nullopt;
  }
  if (!num_elements(from).is(static_cast<int64_t>(elements.size()))) return std::nullopt;
  const size_t offset = target->size() - source->size();
  const std::vector<int64_t> strides = strides_of(*source);
  std::vector<int64_t> new_strides(target->size(), 0);
  for (size_t i = 0; i < source->size(); ++i) {
    if ((*source)[i] == 1) continue;
    if ((*source)[i] != (*target)[offset + i]) return std::nullopt;
    new_strides[offset + i] = strides[i];
  }
  return gathered(elements, *target, new_strides, count.value());
}

void pass_through(InferContext& c, size_t input) {
  same_type(c, 0, input);
  if (const std::vector<Dim>* content = c.content(input)) c.set_content(0, *content);
}

void same_type(InferContext& c, size_t output, size_t input) { c.set(output, c.type(input)); }

}  // namespace surgery::infer
