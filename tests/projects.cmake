# Tests of the repository rather than of what a program computes: headers, diagnostics, consumers, generated files.
dyadic_include_directories(dependency_directories)

# Two units that include everything link into one program.
add_executable(test_odr odr/first.cpp odr/second.cpp)
target_compile_options(test_odr PRIVATE -O0 -g0)
target_link_libraries(test_odr PRIVATE test_options)
add_test(NAME ${DYADIC_TEST_PREFIX}headers/two_units_link COMMAND test_odr)

# A consumer project is configured, built and run in a folder of its own.
#   dyadic_consumer(name [CMAKE_ARGUMENT ...])
function(dyadic_consumer name)
  set(test ${DYADIC_TEST_PREFIX}consumer/${name})
  add_test(NAME ${test}
           COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer/${name}
                   ${CMAKE_CURRENT_BINARY_DIR}/consumer/${name} --build-generator ${CMAKE_GENERATOR}
                   --build-makeprogram ${CMAKE_MAKE_PROGRAM} --build-noclean
                   --build-options -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=Debug
                   "-DDYADIC_DEPENDENCY_DIRECTORIES=${dependency_directories}" ${ARGN}
                   --test-command consumer)
  set_tests_properties(${test} PROPERTIES TIMEOUT 600)
endfunction()

dyadic_consumer(add_subdirectory -DDYADIC_SOURCE=${PROJECT_SOURCE_DIR})
dyadic_consumer(fetch_content -DFETCHCONTENT_SOURCE_DIR_DYADIC=${PROJECT_SOURCE_DIR})
dyadic_consumer(single_header -DDYADIC_SINGLE_INCLUDE=${PROJECT_SOURCE_DIR}/single_include)
if(DYADIC_INSTALL)
  set(prefix ${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix)
  dyadic_consumer(find_package -DCMAKE_PREFIX_PATH=${prefix})
  add_test(NAME ${DYADIC_TEST_PREFIX}consumer/install
           COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
  set_tests_properties(${DYADIC_TEST_PREFIX}consumer/install PROPERTIES FIXTURES_SETUP installed_${PROJECT_BINARY_DIR})
  set_tests_properties(${DYADIC_TEST_PREFIX}consumer/find_package
                       PROPERTIES FIXTURES_REQUIRED installed_${PROJECT_BINARY_DIR})
endif()

if(NOT Python3_Interpreter_FOUND)
  message(STATUS "Tests of diagnostics and generated files are left out: there is no Python")
  return()
endif()

dyadic_consumer(integer_header -DDYADIC_SINGLE_INCLUDE=${PROJECT_SOURCE_DIR}/single_include
                -DPYTHON=${Python3_EXECUTABLE})
dyadic_consumer(without_xsimd -DDYADIC_SINGLE_INCLUDE=${PROJECT_SOURCE_DIR}/single_include
                -DPYTHON=${Python3_EXECUTABLE})

# Each mistake is a file that compiles without it and fails with it.
file(GLOB mistakes CONFIGURE_DEPENDS fail/*.cpp)
list(TRANSFORM dependency_directories PREPEND -isystem OUTPUT_VARIABLE dependency_flags)
foreach(mistake IN LISTS mistakes)
  get_filename_component(name ${mistake} NAME_WE)
  add_test(NAME ${DYADIC_TEST_PREFIX}fail/${name}
           COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/fail/check ${mistake} ${CMAKE_CXX_COMPILER}
                   -I${PROJECT_SOURCE_DIR}/include ${dependency_flags})
endforeach()

# The code of docs/ compiles, its links lead somewhere, the messages that it quotes exist.
add_test(NAME ${DYADIC_TEST_PREFIX}docs/check
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/docs/check ${PROJECT_SOURCE_DIR}/docs
                 ${PROJECT_SOURCE_DIR}/include ${CMAKE_CURRENT_BINARY_DIR}/docs ${CMAKE_CXX_COMPILER} ${dependency_flags})

# What depends little on the compiler is tested in one build folder.
if(DYADIC_TEST_PREFIX)
  return()
endif()

# Every public header compiles alone: one source file for each, made here. One for an instruction set needs its flags.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/include/*.hpp)
set(header_sources "")
foreach(header IN LISTS headers)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <@header@>\n" @ONLY)
  if(header MATCHES "/arch/(neon|wasm)[^/]*\\.hpp$") # compiled by the tests under emulation
    continue()
  endif()
  if(header MATCHES "/arch/(sse4_1|avx2|avx_vnni|avx512|avx512_vnni)(_pairs)?\\.hpp$")
    if(NOT DYADIC_COMPILES_${CMAKE_MATCH_1})
      continue()
    endif()
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${${CMAKE_MATCH_1}_flags}")
  endif()
  list(APPEND header_sources ${source})
endforeach()
add_library(test_headers OBJECT ${header_sources})
target_compile_options(test_headers PRIVATE -O0 -g0)
target_link_libraries(test_headers PRIVATE test_options dyadic_zlib)

add_test(NAME tools/check_includes COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/check_includes)
add_test(NAME tools/amalgamate COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/amalgamate --check)
add_test(NAME tools/format COMMAND ${PROJECT_SOURCE_DIR}/tools/format --check)
set_tests_properties(tools/format PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME golden/rescale COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/golden/rescale.py --check)
foreach(script fixed_math fixed_policies tflite_16x8)
  add_test(NAME golden/${script} COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/golden/${script}.py --check)
endforeach()

# A network per requantization policy, replayed in plain Python.
add_executable(golden_networks golden/networks.cpp)
target_compile_options(golden_networks PRIVATE -g0)
target_link_libraries(golden_networks PRIVATE test_options)
set(golden_folder ${CMAKE_CURRENT_BINARY_DIR}/golden_networks.saved)
file(MAKE_DIRECTORY ${golden_folder})
add_test(NAME golden/networks COMMAND golden_networks ${golden_folder})
add_test(NAME golden/replay COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/golden/replay.py ${golden_folder})
set_tests_properties(golden/networks PROPERTIES FIXTURES_SETUP golden_networks)
set_tests_properties(golden/replay PROPERTIES FIXTURES_REQUIRED golden_networks)
