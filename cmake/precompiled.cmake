# What nearly every source includes is parsed once for each target, which takes a quarter off a cold build. Not in `dev`:
# clang-tidy reads its commands, and an include that is forgotten has to show.
option(ONNX_TOOL_PRECOMPILE "Precompile the standard headers" ON)

# precompile(TARGET [HEADER...]): the standard headers, and others by name, such as <doctest/doctest.h>.
function(precompile target)
  if(ONNX_TOOL_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <cstring> <filesystem> <functional>
      <limits> <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
      ${ARGN})
    # What ccache takes for the precompiled header itself, which is another one in each check-out.
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.gch.sum CONTENT
      "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} doctest ${doctest_VERSION} CLI11 ${CLI11_VERSION} json ${nlohmann_json_VERSION}\n")
    # g++ 12 forgets that <string> is a system header, and sees `"literal" + std::string` go out of bounds (GCC bug 105329).
    target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-array-bounds)
  endif()
endfunction()
