# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_simd_targets SOURCES test_simd_targets.cpp test_direct_nine.cpp test_direct_nonfinite.cpp LIBRARIES hwy::hwy)
gkern_add_test(test_differential SOURCES test_differential.cpp fuzz/differential.cpp LIBRARIES hwy::hwy)
