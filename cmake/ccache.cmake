# Compiles through ccache where it is installed. Paths are made relative to the source folder, so that several check-outs
# of the project share their hits.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
