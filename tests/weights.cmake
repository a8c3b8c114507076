# SPDX-License-Identifier: Apache-2.0
find_package(Boost 1.74 REQUIRED)
gkern_add_test(test_weights SOURCES test_weights.cpp test_kernels.cpp LIBRARIES rapidcheck)
target_include_directories(test_weights SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
