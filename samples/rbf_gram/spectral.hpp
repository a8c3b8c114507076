// SPDX-License-Identifier: Apache-2.0
/// Spectral clustering (Ng, Jordan and Weiss, 2001) without the kernel matrix.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

struct SpectralClusters {
    std::vector<int> label;  ///< one for each vector
    cv::Mat eigenvalues;     ///< of the normalised similarity, falling; 1 for each part that stands apart
    int products;            ///< with the kernel matrix
};

/// Clusters the rows of `features` by how they hang together in the graph whose edges weigh
/// exp(−‖x_i − x_j‖²/(2σ²)). The graph is only ever multiplied by vectors: memory grows with n, not with
/// n².
SpectralClusters clusterSpectrally(const cv::Mat& features, double sigma, int clusters);
