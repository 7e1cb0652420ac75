#pragma once

#include <cstddef>
#include <cstdint>

namespace surgery::fuzz {

/// Half of the time libFuzzer's own mutation of the bytes; otherwise the bytes are read as a model and one field
/// anywhere in it is changed, dropped, doubled or given another one's value, so that what comes out still is one.
size_t mutate_model(uint8_t* data, size_t size, size_t max_size, unsigned seed);

}  // namespace surgery::fuzz
