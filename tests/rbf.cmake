# SPDX-License-Identifier: Apache-2.0
gkern_add_test(test_rbf
  SOURCES test_rbf.cpp test_rbf_accuracy.cpp test_rbf_errors.cpp test_rbf_engine.cpp test_rbf_limits.cpp
    test_rbf_implicit.cpp test_rbf_implicit_calls.cpp
  LIBRARIES rapidcheck hwy::hwy)
# Once more with the matrix unit, where there is one, for matrices of any size.
add_test(NAME "test_rbf: with the matrix unit" COMMAND test_rbf)
set_tests_properties("test_rbf: with the matrix unit" PROPERTIES
  LABELS "test_rbf;test_rbf_matrix_unit" TIMEOUT 600 ENVIRONMENT "GKERN_MATRIX_UNIT=always")

# The library does not export the unit.
gkern_add_test(test_rbf_matrix_unit
  SOURCES test_rbf_matrix_unit.cpp ${PROJECT_SOURCE_DIR}/modules/rbf/matrix_unit.cpp LIBRARIES hwy::hwy)
target_include_directories(test_rbf_matrix_unit PRIVATE ${PROJECT_SOURCE_DIR}/modules)
