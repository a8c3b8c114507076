// SPDX-License-Identifier: Apache-2.0
// The multiply-adds of the multirate engine, counted from its plan and its tables.
#pragma once

#include "contenders.hpp"

namespace bench {

struct MultirateWork {
    double floats = 0;   ///< fused multiply-adds of float that a blur of the task needs
    double doubles = 0;  ///< the same of double
};

MultirateWork multirateWork(const Task& task);

}  // namespace bench
