# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_compare SOURCES test_compare.cpp test_heatmap.cpp)
