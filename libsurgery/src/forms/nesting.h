#pragma once

namespace surgery {

/// Messages nested deeper than this are refused in every form: 32 levels of subgraphs take three messages each, and a
/// type in the innermost may be 100 deep, two messages a level.
inline constexpr int kMaxMessageDepth = 320;

}  // namespace surgery
