# `project_options`: what every target of ours is compiled with. Generated code does not link it.
add_library(project_options INTERFACE)
target_compile_options(project_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # g++ 12 sees overlapping copies in `"literal" + std::string` (GCC bug 105651).
  -Wno-restrict
  # The same sums on every machine: no fused multiply-add unless a kernel asks for one.
  -ffp-contract=off)
target_compile_definitions(project_options INTERFACE
  ONNX_TOOL_VERSION="${PROJECT_VERSION}"
  # Graph::validate() after each rewrite.
  $<$<CONFIG:Debug>:SURGERY_VALIDATE=1>)
