# SPDX-License-Identifier: Apache-2.0
# Pictures over 2^31 bytes: some gigabytes of memory, so only on request.
option(GKERN_HUGE_TESTS "Add the tests with pictures of more than 2^31 bytes (needs 10 GB of memory)" OFF)
if(GKERN_HUGE_TESTS)
  gkern_add_test(test_huge SLOW SOURCES test_huge.cpp)
endif()
