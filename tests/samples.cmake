# SPDX-License-Identifier: Apache-2.0
if(TARGET gkern_viewer_model)
  gkern_add_test(test_viewer_model SOURCES test_viewer_model.cpp LIBRARIES gkern_viewer_model)
endif()

find_program(GKERN_XVFB Xvfb)
find_program(GKERN_XDOTOOL xdotool)
find_program(GKERN_IMPORT import)
if(TARGET viewer AND GKERN_XVFB AND GKERN_XDOTOOL AND GKERN_IMPORT)
  add_test(NAME viewer_window
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/support/viewer_window.sh $<TARGET_FILE:viewer> ${PROJECT_SOURCE_DIR}/images/scene.png)
  set_tests_properties(viewer_window PROPERTIES LABELS window TIMEOUT 120)
else()
  message(STATUS "viewer_window is not tested: it needs Xvfb, xdotool and ImageMagick's import")
endif()

# The committed pictures are what make_images draws.
if(TARGET make_images)
  add_test(NAME images_are_reproducible
    COMMAND ${CMAKE_COMMAND} -DMAKE_IMAGES=$<TARGET_FILE:make_images> -DCOMMITTED=${PROJECT_SOURCE_DIR}/images
      -DDRAWN=${CMAKE_CURRENT_BINARY_DIR}/images -P ${CMAKE_CURRENT_SOURCE_DIR}/support/compare_images.cmake)
  set_tests_properties(images_are_reproducible PROPERTIES LABELS "samples;slow" TIMEOUT 300)
endif()
