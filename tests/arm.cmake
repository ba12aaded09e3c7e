# The kernels' tests for 64-bit Arm, cross-compiled and run under emulation: `neon` and `neon_dot` in
# DYADIC_TEST_INSTRUCTION_SETS (none by default). Where compiler or emulator is missing they are left out in a visible
# line.
find_program(DYADIC_ARM_COMPILER aarch64-linux-gnu-g++)
find_program(DYADIC_ARM_EMULATOR qemu-aarch64)
dyadic_include_directories(arm_include_directories)
list(APPEND arm_include_directories ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES}) # headers alone: xsimd, Hana, doctest
list(FILTER arm_include_directories EXCLUDE REGEX "/(gcc|c\\+\\+|clang|llvm[^/]*|x86_64-[^/]*)(/|$)")
list(TRANSFORM arm_include_directories PREPEND -idirafter OUTPUT_VARIABLE arm_flags)
list(APPEND arm_flags -std=c++20 -O1 -static -Wall -Wextra -Wpedantic -Wconversion -Wshadow -I${PROJECT_SOURCE_DIR}/include
     -DDOCTEST_CONFIG_SUPER_FAST_ASSERTS)
set(neon_flags "")
set(neon_dot_flags -march=armv8.2-a+dotprod)
set(neon_processor cortex-a53)
set(neon_dot_processor max)

# Compiles one file, for both programs the same way.
#   dyadic_arm_object(result source name flags...)
function(dyadic_arm_object result source name)
  get_filename_component(base ${source} NAME_WE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/arm/${name}_${base}.o)
  add_custom_command(
    OUTPUT ${object} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/arm
    COMMAND ${DYADIC_ARM_COMPILER} ${arm_flags} ${ARGN} -MMD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d COMMENT "${base} for ${name}" VERBATIM)
  set(${result} ${object} PARENT_SCOPE)
endfunction()

foreach(name neon neon_dot)
  if(NOT name IN_LIST DYADIC_TEST_INSTRUCTION_SETS)
    continue()
  endif()
  if(NOT DYADIC_ARM_COMPILER OR NOT DYADIC_ARM_EMULATOR)
    message(STATUS "Tests for ${name} are left out: there is no aarch64-linux-gnu-g++ or no qemu-aarch64")
    continue()
  endif()
  set(program ${CMAKE_CURRENT_BINARY_DIR}/arm/test_kernel_${name})
  dyadic_arm_object(objects ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp ${name} -O0)
  file(GLOB sources CONFIGURE_DEPENDS kernel/*.cpp)
  foreach(source IN LISTS sources)
    dyadic_arm_object(object ${source} ${name} ${${name}_flags})
    list(APPEND objects ${object})
    file(RELATIVE_PATH file ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    string(REGEX REPLACE "\\.cpp$" ".${name}" test ${DYADIC_TEST_PREFIX}${file})
    add_test(NAME ${test} COMMAND ${DYADIC_ARM_EMULATOR} -cpu ${${name}_processor} ${program}
                                  "--source-file=*tests/${file}")
    set_tests_properties(${test} PROPERTIES TIMEOUT 600 FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  endforeach()
  add_custom_command(OUTPUT ${program} COMMAND ${DYADIC_ARM_COMPILER} -static -o ${program} ${objects} DEPENDS ${objects}
                     VERBATIM)
  add_custom_target(test_kernel_${name} ALL DEPENDS ${program})
endforeach()
