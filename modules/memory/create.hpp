// SPDX-License-Identifier: Apache-2.0
// Memory of results.
#pragma once

#include <opencv2/core.hpp>

namespace gkern::detail {

/// out.create(size, type). Where that allocates a cv::Mat of 4 MiB or more, the system is asked to back it by
/// large pages (Linux: transparent huge pages): handing out pages of 4 KiB one by one takes several times as
/// long as writing a result into them.
void createResult(cv::OutputArray out, cv::Size size, int type);

}  // namespace gkern::detail
