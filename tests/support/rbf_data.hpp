// SPDX-License-Identifier: Apache-2.0
/// Feature vectors on which kernel matrices are easily computed wrongly.
#pragma once

#include <cmath>
#include <opencv2/core.hpp>
#include <string>

namespace rbf_data {

/// How a data set is drawn. The sigma fits distances within one cluster.
struct DataSet {
    std::string name;
    double offset;         ///< added to every coordinate
    double spread;         ///< standard deviation within a cluster
    int clusters;          ///< number of cluster centres
    double clusterSpread;  ///< standard deviation of the centres

    /// σ for which typical entries within one cluster are about exp(−1).
    double sigma(int d) const { return spread * std::sqrt(double(d)); }
};

inline const DataSet kNormal{"N(0,1)", 0, 1, 1, 0};
inline const DataSet kOffset{"1000 + N(0,1)", 1000, 1, 1, 0};
inline const DataSet kTinySpread{"1 + 1e-3 N(0,1)", 1, 1e-3, 1, 0};
inline const DataSet kFarClusters{"ten far clusters", 0, 1, 10, 1000};
inline const DataSet kBytes{"0 … 255", 128, 50, 1, 0};

/// rows×d of the given depth; integer depths are rounded and saturate.
inline cv::Mat draw(const DataSet& set, int rows, int d, int depth, uint64_t seed) {
    // Centres come from a generator of their own: X and Y of different seeds share them.
    cv::Mat centres(set.clusters, d, CV_64F), values(rows, d, CV_64F);
    cv::RNG(11).fill(centres, cv::RNG::NORMAL, set.offset, set.clusterSpread);
    cv::RNG(seed).fill(values, cv::RNG::NORMAL, 0, set.spread);
    for (int i = 0; i < rows; ++i) values.row(i) += centres.row(i % set.clusters);
    cv::Mat converted;
    values.convertTo(converted, depth);
    return converted;
}

}  // namespace rbf_data
