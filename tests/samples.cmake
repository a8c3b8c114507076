# SPDX-License-Identifier: Apache-2.0
if(TARGET gkern_viewer_model)
  gkern_add_test(test_viewer_model SOURCES test_viewer_model.cpp LIBRARIES gkern_viewer_model)
endif()
