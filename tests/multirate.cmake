# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_multirate SOURCES test_multirate.cpp test_multirate_schedule.cpp LIBRARIES hwy::hwy)

# The tables and passes are those that the library does not export.
set(blur ${PROJECT_SOURCE_DIR}/modules/blur)
gkern_add_test(test_multirate_integers SOURCES test_multirate_integers.cpp ${blur}/multirate_axis.cpp
  ${blur}/multirate_integers.cpp ${blur}/multirate_integers_simd.cpp ${blur}/multirate_plan.cpp
  ${blur}/multirate_taps.cpp ${blur}/multirate_windows.cpp ${blur}/integer_taps.cpp
  ${blur}/plan.cpp ${blur}/source.cpp LIBRARIES hwy::hwy)
target_include_directories(test_multirate_integers PRIVATE ${PROJECT_SOURCE_DIR}/modules)

# The errors that the table of windows states are those of its windows.
find_program(GKERN_PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(GKERN_PYTHON3)
  execute_process(COMMAND ${GKERN_PYTHON3} -c "import numpy, scipy" RESULT_VARIABLE gkern_no_scipy ERROR_QUIET)
endif()
if(GKERN_PYTHON3 AND NOT gkern_no_scipy)
  add_test(NAME multirate_windows COMMAND ${GKERN_PYTHON3} ${PROJECT_SOURCE_DIR}/script/multirate_windows.py --check)
  set_tests_properties(multirate_windows PROPERTIES LABELS "test_multirate;slow" TIMEOUT 300)
else()
  message(STATUS "The windows of the multirate engine are not checked: that needs python3-numpy and python3-scipy")
endif()
