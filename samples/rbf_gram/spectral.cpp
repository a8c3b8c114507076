// SPDX-License-Identifier: Apache-2.0
#include "spectral.hpp"

#include <cmath>

#include "gkern/rbf_implicit.hpp"

namespace {

constexpr int kMostProducts = 60;
constexpr double kConverged = 1e-4;  // change of the eigenvalues

void scaleRows(cv::Mat& matrix, const cv::Mat& factors) {
    for (int i = 0; i < matrix.rows; ++i) matrix.row(i) *= factors.at<double>(i);
}

/// An orthonormal basis of the columns' span.
cv::Mat orthonormal(const cv::Mat& columns) {
    cv::Mat values, vectors;
    cv::eigen(columns.t() * columns, values, vectors);
    cv::Mat basis = columns * vectors.t();
    for (int q = 0; q < basis.cols; ++q) basis.col(q) /= std::sqrt(std::max(values.at<double>(q), 1e-300));
    return basis;
}

}  // namespace

SpectralClusters clusterSpectrally(const cv::Mat& features, double sigma, int clusters) {
    gkern::RbfParams params;
    params.sigma = sigma;
    params.ktype = CV_64F;
    // D^-1/2, the degrees being the sums of the rows.
    cv::Mat scale;
    gkern::rbfRowSums(features, cv::noArray(), scale, params);
    cv::pow(scale, -0.5, scale);

    // Orthogonal iteration on D^-1/2·K·D^-1/2. Two vectors more than are wanted make it converge faster.
    SpectralClusters result;
    cv::Mat basis(features.rows, clusters + 2, CV_64F), before = cv::Mat::zeros(clusters, 1, CV_64F), vectors;
    cv::RNG(3).fill(basis, cv::RNG::NORMAL, 0, 1);
    basis = orthonormal(basis);
    for (result.products = 1; result.products <= kMostProducts; ++result.products) {
        cv::Mat product = basis.clone();
        scaleRows(product, scale);
        gkern::rbfMatVec(features, cv::noArray(), product, product, params);
        scaleRows(product, scale);
        cv::eigen(basis.t() * product, result.eigenvalues, vectors);
        cv::Mat ritz = basis * vectors.t();
        basis = orthonormal(product);
        const cv::Mat leading = result.eigenvalues.rowRange(0, clusters);
        const bool converged = cv::norm(leading, before, cv::NORM_INF) < kConverged;
        leading.copyTo(before);
        if (!converged && result.products < kMostProducts) continue;
        basis = ritz;
        break;
    }
    result.eigenvalues = before;

    // Vectors of one cluster point in one direction of the space of eigenvectors.
    cv::Mat embedded;
    basis.colRange(0, clusters).convertTo(embedded, CV_32F);
    for (int i = 0; i < embedded.rows; ++i) cv::normalize(embedded.row(i), embedded.row(i));
    cv::theRNG().state = 1;  // the same picture gives the same figure
    cv::Mat labels;
    cv::kmeans(embedded, clusters, labels,
               cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 100, 1e-4), 8,
               cv::KMEANS_PP_CENTERS);
    result.label.assign(labels.begin<int>(), labels.end<int>());
    return result;
}
