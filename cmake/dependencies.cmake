find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(doctest CONFIG REQUIRED)
find_package(hwy CONFIG REQUIRED)
find_package(dnnl 3.2 CONFIG REQUIRED)

# Header-only; Debian ships no CMake package for it.
find_path(PROTOZERO_INCLUDE_DIR protozero/version.hpp REQUIRED)
add_library(protozero INTERFACE)
target_include_directories(protozero SYSTEM INTERFACE ${PROTOZERO_INCLUDE_DIR})

# Debian's come without a CMake package.
find_library(RE2_LIBRARY re2 REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
find_library(OPENJPEG_LIBRARY openjp2 REQUIRED)
find_library(WEBP_LIBRARY webp REQUIRED)
find_package(TIFF REQUIRED)
