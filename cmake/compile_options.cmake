# What the project's own tests, examples and benchmarks are compiled with; never seen by a user of the library.
add_library(dyadic_warnings INTERFACE)
target_compile_options(dyadic_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                                 $<$<BOOL:${DYADIC_WARNINGS_AS_ERRORS}>:-Werror>)

add_library(dyadic_native INTERFACE)
if(DYADIC_NATIVE)
  target_compile_options(dyadic_native INTERFACE -march=native)
endif()
