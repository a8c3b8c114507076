// SPDX-License-Identifier: Apache-2.0
// Measured rows, what they mean, and how they are printed and written.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "contenders.hpp"
#include "machine.hpp"
#include "multirate_work.hpp"

namespace bench {

struct Row {
    Task task;
    cv::Size taps;
    std::vector<std::string> engines;  ///< asked for; the first is the one that is judged
    gkern::Engine served;              ///< what the judged one is
    MultirateWork chain;               ///< what it computes where that is the multirate engine
    std::map<std::string, std::string>
        same;  ///< "auto" → the engine that it chose and that is measured as itself
    std::map<std::string, double> seconds;  ///< by name of the contender

    /// Seconds of an engine, of the one it stands for if need be.
    double engineSeconds(const std::string& engine) const;
    double judgedSeconds() const { return engineSeconds(engines.front()); }
    /// As a multiple of memcpy on one thread.
    double multiple(double s) const { return s / seconds.at(kMemcpy); }
    /// Seconds of the faster of OpenCV's functions; none where OpenCV does not serve the type.
    std::optional<double> fastestOpenCv() const;
    /// Largest multiple of memcpy that this row may take, where one is set.
    std::optional<double> bar() const;
    /// Within the bar, where there is one, and no slower than OpenCV.
    bool reached() const;
    /// Time that the multiply-adds need at the measured rates, over the time taken: one per tap, or those of
    /// the multirate engine's plan.
    double arithmeticShare(const Machine& machine) const;
    /// Time of a copy of the picture by as many threads, through the caches or past them, over the time
    /// taken.
    double memoryShare() const;
};

struct PlanningCost {
    double blur = 0;      ///< seconds of gkern::gaussianBlur of 64×64 8-bit pixels, plan included
    double planning = 0;  ///< seconds of making a GaussianFilter and its plan for 8-bit pixels
};

void printMachine(std::ostream& out, const Machine& machine);
void printTable(std::ostream& out, const Machine& machine, const std::vector<Row>& rows);
void printPlanning(std::ostream& out, const PlanningCost& cost);
void writeJson(std::ostream& out, const Machine& machine, const std::vector<Row>& rows,
               const std::optional<PlanningCost>& planning);

}  // namespace bench
