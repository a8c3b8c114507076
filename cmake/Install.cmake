# SPDX-License-Identifier: Apache-2.0
# find_package(gkern CONFIG) and pkg-config for what `cmake --install` puts in place.
include(CMakePackageConfigHelpers)
set(gkern_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gkern)

install(TARGETS gkern EXPORT gkernTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/gkern DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT gkernTargets NAMESPACE gkern:: DESTINATION ${gkern_cmake_dir})

configure_package_config_file(cmake/gkernConfig.cmake.in ${PROJECT_BINARY_DIR}/gkernConfig.cmake
  INSTALL_DESTINATION ${gkern_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/gkernConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gkernConfig.cmake ${PROJECT_BINARY_DIR}/gkernConfigVersion.cmake
  DESTINATION ${gkern_cmake_dir})

# Relative to the .pc file itself, so that the installed tree may be moved and --prefix may be given late.
file(RELATIVE_PATH gkern_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
set(gkern_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
if(BUILD_SHARED_LIBS)
  set(gkern_pc_cflags "")
  set(gkern_pc_libs "")
else()
  set(gkern_pc_cflags "-DGKERN_STATIC")
  set(gkern_pc_libs "-lhwy -lstdc++ -lm")
endif()
configure_file(cmake/gkern.pc.in ${PROJECT_BINARY_DIR}/gkern.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gkern.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
