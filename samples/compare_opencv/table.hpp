// SPDX-License-Identifier: Apache-2.0
// Tables of figures: the same cells go to the terminal and into the report.
#pragma once

#include <string>
#include <vector>

#include "kernels.hpp"
#include "measure.hpp"

struct Table {
    std::string title;
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;  ///< cells; as many per row as `header` has
};

Table errorTable(const std::vector<Case>& cases);
Table timeTable(const std::vector<Case>& cases);
Table kernelTable(const std::vector<KernelComparison>& comparisons);

std::string asText(const Table& table);
std::string asHtml(const Table& table);

/// The text with &, < and > replaced by their entities.
std::string escaped(const std::string& text);

/// A share as per cent that never rounds to 100 % what is less.
std::string percent(double share);
