// RotaryEmbedding-23.

#include "kernels/cpu/rotary_embedding.h"

#include <algorithm>
#include <string>

#include "kernels/cpu/checks.h"
#include "kernels/cpu/elements.h"
#include "kernels/cpu/families.h"
#include "kernels/cpu/substitute.h"
#include "runtime/threads.h"

namespace exec::cpu {

template <typename T>
void rotate(const Rotation<T>& r) {
  const int64_t half = r.rotated / 2;
  const int64_t step = r.interleaved ? 2 : 1;
  const int64_t apart = r.interleaved ? 1 : half;
  if (r.size == 0) return;
  parallel_for(r.batch * r.heads * r.rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i % r.rows;
      const int64_t head = i / r.rows % r.heads;
      const int64_t batch = i / (r.rows * r.heads);
      const T* from = r.x.at(batch, head, row);
      T* to = r.y.at(batch, head, row);
      const int64_t angle = r.angle(batch, row) * half;
      for (int64_t k = 0; k < half; ++k) {
        const T cosine = r.cosines[angle + k];
        const T sine = r.sines[angle + k];
        const T a = from[k * step];
        const T b = from[k * step + apart];
        to[k * step] = cosine * a - sine * b;
        to[k * step + apart] = sine * a + cosine * b;
      }
      std::copy(from + r.rotated, from + r.size, to + r.rotated);
    }
  });
}

template void rotate(const Rotation<float>& r);
template void rotate(const Rotation<double>& r);

namespace {

/// Rank 3, [batch, rows, heads * size], or rank 4, [batch, heads, rows, size].
template <typename T>
Rotation<T> read_rotation(KernelContext& context) {
  const Tensor& x = context.input(0);
  const Dims& dims = x.dims();
  if (dims.size() != 3 && dims.size() != 4) {
    context.fail("input 0 has rank " + std::to_string(dims.size()) + ", expected 3 or 4");
  }
  Rotation<T> r;
  r.batch = dims[0];
  T* to = mutable_elements<T>(context.output(0, x.type(), dims)).data();
  if (dims.size() == 3) {
    r.heads = context.attr_int("num_heads", 0);
    if (r.heads < 1 || dims[2] % r.heads != 0) {
      context.fail("attribute 'num_heads' is " + std::to_string(r.heads) + ", which does not divide the " +
                   std::to_string(dims[2]) + " elements of a row");
    }
    r.rows = dims[1];
    r.size = dims[2] / r.heads;
    r.x = HeadRows<const T>::by_row(elements<T>(x).data(), r.heads, r.rows, r.size);
    r.y = HeadRows<T>::by_row(to, r.heads, r.rows, r.size);
  } else {
    r.heads = dims[1];
    r.rows = dims[2];
    r.size = dims[3];
    r.x = HeadRows<const T>::by_head(elements<T>(x).data(), r.heads, r.rows, r.size);
    r.y = HeadRows<T>::by_head(to, r.heads, r.rows, r.size);
  }
  r.rotated = context.attr_int("rotary_embedding_dim", 0);
  if (r.rotated == 0) r.rotated = r.size;
  if (r.rotated < 0 || r.rotated > r.size || r.rotated % 2 != 0) {
    context.fail(std::to_string(r.rotated) + " elements of a head of " + std::to_string(r.size) +
                 " cannot be rotated in pairs");
  }
  r.interleaved = context.attr_int("interleaved", 0) != 0;
  return r;
}

void rotary_embedding(KernelContext& context) {
  require_same_type(context, 0, 2);
  dispatch_floats(context, context.input(0).type(), [&]<typename T>() {
    Rotation<T> rotation = read_rotation<T>(context);
    const int64_t half = rotation.rotated / 2;
    std::vector<int64_t> positions;
    if (context.has_input(3)) {
      require_type(context, 3, DataType::kInt64);
      require_shape(context, 3, {rotation.batch, rotation.rows});
      require_rank(context, 1, 2);
      const int64_t count = context.input(1).dims()[0];
      require_shape(context, 1, {count, half});
      require_shape(context, 2, {count, half});
      const std::span<const int64_t> ids = context.input(3).values<int64_t>();
      for (const int64_t id : ids) {
        // As indices of Gather: negative ones count from the end.
        if (id < -count || id >= count) {
          context.fail("position_ids has " + std::to_string(id) + ", the caches have " + std::to_string(count) +
                       " rows");
        }
        positions.push_back(id < 0 ? id + count : id);
      }
      rotation.angle = [&](int64_t batch, int64_t row) {
        return positions[static_cast<size_t>(batch * rotation.rows + row)];
      };
    } else {
      require_shape(context, 1, {rotation.batch, rotation.rows, half});
      require_shape(context, 2, {rotation.batch, rotation.rows, half});
      rotation.angle = [&](int64_t batch, int64_t row) { return batch * rotation.rows + row; };
    }
    rotation.cosines = elements<T>(context.input(1)).data();
    rotation.sines = elements<T>(context.input(2)).data();
    rotate(rotation);
  });
}

constexpr Kernel kKernels[] = {
    takes_double({"RotaryEmbedding", "", 23, kLatest, type_bit(DataType::kFloat), 0, rotary_embedding}),
    takes_double({"RotaryEmbedding", "", 23, kLatest, kHalfFloats, 0, widened<rotary_embedding>}),
};

}  // namespace

std::span<const Kernel> rotary_embedding_kernels() { return kKernels; }

}  // namespace exec::cpu
