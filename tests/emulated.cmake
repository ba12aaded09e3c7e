# The kernels' tests for processors that this machine is not, cross-compiled and run under emulation: `neon`, `neon_dot`,
# `neon_i8mm` and `wasm_simd128` in DYADIC_TEST_INSTRUCTION_SETS (none by default). Where compiler or emulator is missing
# they are left out in a visible line.
dyadic_include_directories(emulated_include_directories)
list(APPEND emulated_include_directories ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES}) # headers alone: xsimd, Hana, doctest
list(FILTER emulated_include_directories EXCLUDE REGEX "/(gcc|c\\+\\+|clang|llvm[^/]*|x86_64-[^/]*)(/|$)")
list(TRANSFORM emulated_include_directories PREPEND -idirafter OUTPUT_VARIABLE emulated_flags)
list(APPEND emulated_flags -std=c++20 -O1 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -I${PROJECT_SOURCE_DIR}/include
     -DDOCTEST_CONFIG_SUPER_FAST_ASSERTS)

# Compiles one file, for every processor the same way.
#   dyadic_emulated_object(result source name compiler flags...)
function(dyadic_emulated_object result source name compiler)
  get_filename_component(base ${source} NAME_WE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/emulated/${name}_${base}.o)
  add_custom_command(
    OUTPUT ${object} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/emulated
    COMMAND ${compiler} ${emulated_flags} ${ARGN} -MMD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d COMMENT "${base} for ${name}" VERBATIM)
  set(${result} ${object} PARENT_SCOPE)
endfunction()

# One program, and one test for each of its files.
#   dyadic_emulated_test(name COMPILER path EMULATOR command... [FLAGS flags...] [LINK flags...])
function(dyadic_emulated_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "COMPILER" "EMULATOR;FLAGS;LINK")
  if(NOT name IN_LIST DYADIC_TEST_INSTRUCTION_SETS)
    return()
  endif()
  list(GET arg_EMULATOR 0 emulator)
  if(NOT arg_COMPILER OR NOT emulator)
    message(STATUS "Tests for ${name} are left out: ${arg_COMPILER}, ${emulator}")
    return()
  endif()
  set(program ${CMAKE_CURRENT_BINARY_DIR}/emulated/test_kernel_${name})
  dyadic_emulated_object(objects ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp ${name} ${arg_COMPILER} ${arg_FLAGS} -O0)
  file(GLOB sources CONFIGURE_DEPENDS kernel/*.cpp)
  foreach(source IN LISTS sources)
    dyadic_emulated_object(object ${source} ${name} ${arg_COMPILER} ${arg_FLAGS})
    list(APPEND objects ${object})
    file(RELATIVE_PATH file ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    string(REGEX REPLACE "\\.cpp$" ".${name}" test ${DYADIC_TEST_PREFIX}${file})
    add_test(NAME ${test} COMMAND ${arg_EMULATOR} ${program} "--source-file=*tests/${file}")
    set_tests_properties(${test} PROPERTIES TIMEOUT 600 FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  endforeach()
  add_custom_command(OUTPUT ${program} COMMAND ${arg_COMPILER} -o ${program} ${objects} ${arg_LINK} DEPENDS ${objects}
                     VERBATIM)
  add_custom_target(test_kernel_${name} ALL DEPENDS ${program})
endfunction()

find_program(DYADIC_ARM_COMPILER aarch64-linux-gnu-g++)
find_program(DYADIC_ARM_EMULATOR NAMES qemu-aarch64 qemu-aarch64-static)
set(arm COMPILER ${DYADIC_ARM_COMPILER} LINK -static EMULATOR ${DYADIC_ARM_EMULATOR} -cpu)
dyadic_emulated_test(neon ${arm} cortex-a53)
dyadic_emulated_test(neon_dot ${arm} max FLAGS -march=armv8.2-a+dotprod)
dyadic_emulated_test(neon_i8mm ${arm} max FLAGS -march=armv8.2-a+i8mm+dotprod)

# Debian's clang does not find its own libc++ for WebAssembly; the wasi-sdk's clang++ does.
find_program(DYADIC_WASM_COMPILER NAMES clang++-16 clang++-17 clang++-18 clang++-19 clang++-20 clang++)
find_program(DYADIC_WASM_EMULATOR node)
set(wasm_flags --target=wasm32-wasi -msimd128 -fno-exceptions -D_WASI_EMULATED_SIGNAL -DDOCTEST_CONFIG_NO_POSIX_SIGNALS
    -DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)
if(EXISTS /usr/include/wasm32-wasi/c++/v1)
  list(APPEND wasm_flags -isystem /usr/include/wasm32-wasi/c++/v1)
endif()
if(DYADIC_WASM_COMPILER AND wasm_simd128 IN_LIST DYADIC_TEST_INSTRUCTION_SETS)
  execute_process(COMMAND ${DYADIC_WASM_COMPILER} ${wasm_flags} -include vector -fsyntax-only -x c++ /dev/null
                  RESULT_VARIABLE no_library OUTPUT_QUIET ERROR_QUIET)
  if(no_library)
    set(DYADIC_WASM_COMPILER WASI_LIBRARY-NOTFOUND)
  endif()
endif()
dyadic_emulated_test(wasm_simd128 COMPILER ${DYADIC_WASM_COMPILER} FLAGS ${wasm_flags}
                     LINK --target=wasm32-wasi -lwasi-emulated-signal
                     EMULATOR ${DYADIC_WASM_EMULATOR} --no-warnings ${CMAKE_CURRENT_SOURCE_DIR}/run_wasi.mjs)
