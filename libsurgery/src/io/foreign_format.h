#pragma once

#include <string_view>

namespace surgery {

/// What a file that is no ONNX model seems to be, as the end of "this is ...": "a git-lfs pointer, not the file itself;
/// fetch it with 'git lfs pull'". Empty when it is not recognised.
std::string_view recognise_foreign_format(std::string_view bytes);

}  // namespace surgery
