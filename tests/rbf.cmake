# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_rbf
  SOURCES test_rbf.cpp test_rbf_accuracy.cpp test_rbf_errors.cpp test_rbf_engine.cpp test_rbf_limits.cpp
    test_rbf_implicit.cpp test_rbf_implicit_calls.cpp
  LIBRARIES rapidcheck hwy::hwy)
