# cmake -DNM=nm -DOBJECT=file -DTABLE=symbol -P symbols.cmake: fails unless TABLE is the one symbol that OBJECT defines
# for others and what it asks for is the C library's.
function(symbols_of result)
  execute_process(COMMAND ${NM} ${ARGN} ${OBJECT} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[^\n]* ([^ \n]+)\n" "\\1;" names "${text}")
  list(REMOVE_ITEM names "")
  set(${result} ${names} PARENT_SCOPE)
endfunction()

symbols_of(defined --defined-only --extern-only)
if(NOT defined STREQUAL TABLE)
  message(FATAL_ERROR "${OBJECT} defines ${defined}, not ${TABLE} alone")
endif()
symbols_of(undefined --undefined-only)
list(REMOVE_ITEM undefined _GLOBAL_OFFSET_TABLE_ memcpy memmove memset memcmp __stack_chk_fail)
if(undefined)
  message(FATAL_ERROR "${OBJECT} needs ${undefined}")
endif()
