// SPDX-License-Identifier: Apache-2.0
/// Tiles of a problem into a matrix.
#pragma once

#include <opencv2/core.hpp>

#include "rbf/problem.hpp"

namespace gkern::detail {

/// Writes tiles to their places in K, or in a matrix that holds a part of K. Past the caches where the
/// matrix is larger than they are: no line of it will be read again from there, and none needs to be
/// fetched in order to be overwritten.
class MatrixWriter {
  public:
    /// @param firstRow, firstCol place of K's part in the whole
    explicit MatrixWriter(cv::Mat& K, int firstRow = 0, int firstCol = 0);

    void write(const Problem& problem, int rowBlock, int colBlock) const;
    /// The tile, and its transpose to its mirror image.
    void writeTwice(const Problem& problem, int rowBlock, int colBlock) const;
    /// A tile on the diagonal of X with itself: little more than half of it is computed.
    void writeDiagonal(const Problem& problem, int block) const;

  private:
    TileTarget target(const Problem& problem, const cv::Range& rows, const cv::Range& cols) const;
    void computeTwice(const Problem& problem, int rowBlock, int colBlock, const cv::Range& rows,
                      const cv::Range& cols) const;
    void zeros(const cv::Range& rows, const cv::Range& cols) const;
    uchar* at(int row, int col) const {
        return K_.data + std::size_t(row - firstRow_) * K_.step +
               std::size_t(col - firstCol_) * K_.elemSize();
    }

    cv::Mat& K_;
    int firstRow_, firstCol_;
    bool stream_;
};

}  // namespace gkern::detail
