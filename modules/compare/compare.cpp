// SPDX-License-Identifier: Apache-2.0
#include "gkern/compare.hpp"
