# SPDX-License-Identifier: Apache-2.0
# Draws the pictures again and compares them with the committed ones, byte by byte.
file(REMOVE_RECURSE ${DRAWN})
execute_process(COMMAND ${MAKE_IMAGES} --out ${DRAWN} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB pictures RELATIVE ${COMMITTED} ${COMMITTED}/*.png)
list(LENGTH pictures count)
if(count LESS 8)
  message(FATAL_ERROR "${COMMITTED} holds ${count} pictures, 8 are expected")
endif()
foreach(picture ${pictures})
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${COMMITTED}/${picture} ${DRAWN}/${picture}
    RESULT_VARIABLE differs)
  if(differs)
    message(FATAL_ERROR "${picture} is not what make_images draws")
  endif()
endforeach()
