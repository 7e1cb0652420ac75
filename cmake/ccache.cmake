# Compiles through ccache where it is installed. Paths are made relative to the source folder, so that several check-outs
# of the project share their hits. Precompiled headers are known by a file beside them (precompiled.cmake).
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_PCH_EXTSUM=true CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fpch-preprocess)
