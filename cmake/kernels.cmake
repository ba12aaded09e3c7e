# dyadic::kernels: one object for each instruction set, chosen among when the program runs.
include(CheckCXXSourceCompiles)

if(NOT DYADIC_USE_XSIMD OR NOT CMAKE_LINKER OR NOT CMAKE_OBJCOPY)
  message(FATAL_ERROR "DYADIC_BUILD_KERNELS needs xsimd and the linker and objcopy of GNU binutils")
endif()

# Best first; the last has no flags.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(dyadic_kernel_sets avx512_vnni avx_vnni avx512 avx2 sse4_1 sse2)
  set(dyadic_flags_sse4_1 -msse4.1)
  set(dyadic_flags_avx2 -mavx2 -mfma)
  set(dyadic_flags_avx_vnni ${dyadic_flags_avx2} -mavxvnni)
  set(dyadic_flags_avx512 ${dyadic_flags_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl)
  set(dyadic_flags_avx512_vnni ${dyadic_flags_avx512} -mavx512vnni)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(dyadic_kernel_sets neon_i8mm neon_dot neon)
  set(dyadic_flags_neon_i8mm -march=armv8.2-a+i8mm+dotprod)
  set(dyadic_flags_neon_dot -march=armv8.2-a+dotprod)
else()
  message(FATAL_ERROR "DYADIC_BUILD_KERNELS: ${CMAKE_SYSTEM_PROCESSOR} has no instruction sets to choose among")
endif()

set(dyadic_kernel_objects "")
set(dyadic_kernel_units "")
foreach(name IN LISTS dyadic_kernel_sets)
  list(JOIN dyadic_flags_${name} " " CMAKE_REQUIRED_FLAGS)
  check_cxx_source_compiles("int main() {}" DYADIC_KERNELS_COMPILE_${name})
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT DYADIC_KERNELS_COMPILE_${name})
    message(STATUS "dyadic::kernels goes without ${name}: ${CMAKE_CXX_COMPILER} cannot compile for it")
    continue()
  endif()
  set(unit dyadic_kernels_${name})
  add_library(${unit} OBJECT ${PROJECT_SOURCE_DIR}/src/kernel_unit.cpp)
  target_link_libraries(${unit} PRIVATE dyadic)
  target_compile_definitions(${unit} PRIVATE DYADIC_KERNEL_UNIT=${name})
  target_compile_options(${unit} PRIVATE ${dyadic_flags_${name}} -fno-lto -fno-exceptions -fno-rtti
                                         $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  set_target_properties(${unit} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  # Inline functions compiled with these flags must not be linked in place of other units': groups of them are
  # dissolved, and all symbols but the table's made local.
  set(object ${CMAKE_CURRENT_BINARY_DIR}/kernels/${name}.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/kernels
    COMMAND ${CMAKE_LINKER} -r --force-group-allocation -o ${object} $<TARGET_OBJECTS:${unit}>
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=${unit} ${object}
    DEPENDS ${unit} $<TARGET_OBJECTS:${unit}>
    COMMENT "One symbol for ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  list(APPEND dyadic_kernel_objects ${object})
  string(APPEND dyadic_kernel_units " unit(${name})")
endforeach()
file(CONFIGURE OUTPUT kernels/kernel_units.inc CONTENT "#define DYADIC_KERNEL_UNITS(unit)@dyadic_kernel_units@\n" @ONLY)

add_library(dyadic_kernels STATIC ${PROJECT_SOURCE_DIR}/src/kernel_choice.cpp ${dyadic_kernel_objects})
add_library(dyadic::kernels ALIAS dyadic_kernels)
set_source_files_properties(${dyadic_kernel_objects} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
set_target_properties(dyadic_kernels PROPERTIES EXPORT_NAME kernels POSITION_INDEPENDENT_CODE ON)
target_include_directories(dyadic_kernels PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/kernels)
target_link_libraries(dyadic_kernels PUBLIC dyadic)

# Prints what would be used.
add_executable(dyadic_kernels_program ${PROJECT_SOURCE_DIR}/src/dyadic_kernels.cpp)
set_target_properties(dyadic_kernels_program PROPERTIES OUTPUT_NAME dyadic_kernels)
target_link_libraries(dyadic_kernels_program PRIVATE dyadic_kernels)

if(DYADIC_INSTALL)
  include(GNUInstallDirs)
  install(TARGETS dyadic_kernels EXPORT dyadicTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(TARGETS dyadic_kernels_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
