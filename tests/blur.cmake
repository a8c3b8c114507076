# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_blur SOURCES test_blur.cpp test_blur_properties.cpp test_blur_errors.cpp test_direct_schedule.cpp test_result_memory.cpp LIBRARIES rapidcheck)
