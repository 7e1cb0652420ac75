#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/tensor_storage.h"
#include "surgery/attribute.h"

namespace surgery {

/// A sparse tensor seen as a dense one, spread out when it is first read: how a sparse initializer takes part in a
/// graph.
class SparseStorage final : public FileStorage {
 public:
  SparseStorage(SparseTensor tensor, std::string name) : tensor_(std::move(tensor)), name_(std::move(name)) {}

  std::span<const std::byte> bytes() const override;
  std::string fault() const override;

  const SparseTensor& tensor() const { return tensor_; }

 private:
  SparseTensor tensor_;
  std::string name_;
  mutable std::once_flag once_;
  mutable Tensor dense_;
};

/// What is wrong with a sparse tensor ("index 10 is out of range for 10 elements"), or "". Reads the indices.
/// Values have shape [nnz]; indices [nnz], ascending positions in the dense tensor, or [nnz, rank], ascending
/// coordinates.
std::string sparse_fault(const SparseTensor& tensor);

}  // namespace surgery
