# SPDX-License-Identifier: Apache-2.0
if(TARGET compare_opencv)
  add_test(NAME compare_opencv_report
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:compare_opencv> -DPICTURE=${PROJECT_SOURCE_DIR}/images/impulse_grid.png
      -DOUT=${CMAKE_CURRENT_BINARY_DIR}/compare_opencv -P ${CMAKE_CURRENT_SOURCE_DIR}/support/compare_report.cmake)
  set_tests_properties(compare_opencv_report PROPERTIES LABELS samples TIMEOUT 300)
endif()
