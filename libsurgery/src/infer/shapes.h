#pragma once

#include <optional>
#include <span>
#include <vector>

#include "infer/infer_context.h"

namespace surgery::infer {

/// One dim of a broadcast result; unknown where either side might be 1. Sets `clash` where there can be none.
Dim broadcast(const Dim& a, const Dim& b, bool& clash);
/// The result shape of two shapes by numpy's rule; fails the node where there can be none.
Shape broadcast(InferContext& c, const Shape& a, const Shape& b);
/// Of inputs [first, first + count); nothing when one of them has no rank.
std::optional<Shape> broadcast_inputs(InferContext& c, size_t first, size_t count);

/// The dim of two that have to be equal: whichever says more. Fails the node where they are proven different, with
/// `what` for the message: "inner dims 3 and 4 differ".
Dim require_equal(InferContext& c, const Dim& a, const Dim& b, std::string_view what);
/// Fails the node unless the rank is unknown or as expected; whether it is known and right.
bool require_rank(InferContext& c, size_t input, int64_t rank, std::string_view name);
/// The same for "at least".
bool require_min_rank(InferContext& c, size_t input, int64_t rank, std::string_view name);

/// A shape of that rank with nothing known of its dims.
inline Shape unknown_dims(size_t rank) { return Shape(rank); }

/// The shape that a 1-D integer tensor spells (a Reshape target, a ConstantOfShape input): its elements, or as many
/// unknown dims as it has, or nothing.
std::optional<Shape> shape_from_input(InferContext& c, size_t input);
/// The number of elements of a 1-D input, where it is an integer of a sane size.
std::optional<int64_t> length_of(const InferContext& c, size_t input);

/// The axes given by an attribute, or as an input from opset `input_since` on: in [0, rank), in the order given.
/// `present` tells whether there are any at all (an empty list is none). Nothing when they are not known; fails the
/// node for one that is out of range or there twice.
std::optional<std::vector<int64_t>> axes_of(InferContext& c, size_t input, int64_t input_since, int64_t rank,
                                            bool& present);

/// Whether contents of this element type are followed through arithmetic.
bool has_content(DataType type);
/// The value as an element of that type: unknown where it would not fit (known ones) or might wrap (symbolic ones).
Dim fitted(const Dim& value, DataType type);

/// The elements of a tensor of static shape `dims` in the order of the axes `permutation`.
std::vector<Dim> permuted(const std::vector<Dim>& elements, std::span<const int64_t> dims,
                          std::span<const int64_t> permutation);
/// The elements of a tensor of shape `from` broadcast to `to`; both static, `to` of at most 1024 elements.
std::optional<std::vector<Dim>> broadcast_content(const std::vector<Dim>& elements, const Shape& from, const Shape& to);

/// Sets output 0 to the type of an input, contents included.
void pass_through(InferContext& c, size_t input = 0);
/// Sets an output to the type of an input.
void same_type(InferContext& c, size_t output, size_t input);

}  // namespace surgery::infer
