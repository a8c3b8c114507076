# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_simd_targets SOURCES test_simd_targets.cpp test_direct_integer.cpp test_direct_nonfinite.cpp LIBRARIES hwy::hwy)
gkern_add_test(test_differential SOURCES test_differential.cpp fuzz/differential.cpp LIBRARIES hwy::hwy)
# Integer weights and their sums are counted from the plan and the passes, which the library does not export.
gkern_add_test(test_integer_taps SOURCES test_integer_taps.cpp test_integer_sums.cpp
  ${PROJECT_SOURCE_DIR}/modules/blur/integer_taps.cpp ${PROJECT_SOURCE_DIR}/modules/blur/direct_integer_simd.cpp
  LIBRARIES hwy::hwy)
target_include_directories(test_integer_taps PRIVATE ${PROJECT_SOURCE_DIR}/modules)
