# SPDX-License-Identifier: Apache-2.0
# Outside projects that use gkern in the three ways a user would: each is configured, built and run.
set(gkern_prefix ${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix)
add_test(NAME consumer_install
  COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${gkern_prefix} --config $<CONFIG>)
set_tests_properties(consumer_install PROPERTIES FIXTURES_SETUP gkern_installed LABELS consumer)

function(gkern_add_consumer_test name)
  set(build ${CMAKE_CURRENT_BINARY_DIR}/consumer/${name})
  add_test(NAME consumer_${name}
    COMMAND ${CMAKE_CTEST_COMMAND}
      --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer/${name} ${build}
      --build-generator ${CMAKE_GENERATOR}
      --build-options
        -DCMAKE_BUILD_TYPE=Release
        -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
        -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}
        -DBUILD_SHARED_LIBS=${BUILD_SHARED_LIBS}
        ${ARGN}
      --test-command ${build}/consumer)
  set_tests_properties(consumer_${name} PROPERTIES
    FIXTURES_REQUIRED gkern_installed LABELS consumer TIMEOUT 1200)
endfunction()

gkern_add_consumer_test(find_package -Dgkern_DIR=${gkern_prefix}/${CMAKE_INSTALL_LIBDIR}/cmake/gkern)
gkern_add_consumer_test(add_subdirectory -DGKERN_SOURCE_DIR=${PROJECT_SOURCE_DIR})
find_package(PkgConfig)
if(PKG_CONFIG_FOUND)
  gkern_add_consumer_test(pkg_config)
  set_tests_properties(consumer_pkg_config PROPERTIES
    ENVIRONMENT "PKG_CONFIG_PATH=${gkern_prefix}/${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
