// SPDX-License-Identifier: Apache-2.0
// The seam between a plan and the ways to run it. An engine sees a plan and pixels, never user arguments;
// `dst` has the size of the roi and the type of the source, and shares no memory with it.
#pragma once

#include "blur/multirate_tables.hpp"
#include "blur/plan.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

/// The engine that serves a cv::Mat: `wanted`, unless that is Auto or lacks what it needs.
Engine chooseEngine(Engine wanted, const MultiratePlan& plan);

/// Plain loops in double precision.
void blurReference(const Plan& plan, const Source& source, cv::Mat& dst);

/// cv::sepFilter2D in row bands.
void blurSepFilter2D(const Plan& plan, const Source& source, cv::Mat& dst);

/// Fused passes in SIMD; needs directSupported().
void blurDirect(const Plan& plan, const Source& source, cv::Mat& dst);

/// Decimation, filter on the nodes, interpolation in SIMD; needs directSupported(). dst may share memory with
/// the source.
void blurMultirate(const MultiratePlan& plan, const MultirateTables& tables, const Source& source,
                   cv::Mat& dst);

/// Both passes on the OpenCL device. False, and dst untouched, where there is none or it lacks what the plan
/// needs.
bool blurOpenCl(const Plan& plan, const cv::UMat& src, bool isolated, cv::OutputArray dst);

/// Runs `engine` (neither Engine::Auto nor Engine::Multirate) on a source that may share memory with dst.
void run(Engine engine, const Plan& plan, Source source, cv::Mat& dst);

}  // namespace gkern::detail
