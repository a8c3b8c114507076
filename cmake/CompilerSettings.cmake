# SPDX-License-Identifier: Apache-2.0
# Warnings, sanitizers and floating-point rules that every target of this project shares.
function(gkern_compiler_settings target)
  target_compile_features(${target} PRIVATE cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${GKERN_WERROR}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
      # The compiler may not fuse a*b+c on its own: results would depend on the target processor.
      -ffp-contract=off
      $<$<BOOL:${GKERN_WERROR}>:-Werror>)
  endif()
  if(GKERN_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${GKERN_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${GKERN_SANITIZE})
  endif()
endfunction()
