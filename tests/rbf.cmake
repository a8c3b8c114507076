# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_rbf
  SOURCES test_rbf.cpp test_rbf_accuracy.cpp test_rbf_errors.cpp
  LIBRARIES rapidcheck)
