// SPDX-License-Identifier: Apache-2.0
// A progress bar on stderr, drawn only where a person sees it.
#pragma once

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <cstdio>
#include <string>

class Progress {
  public:
    explicit Progress(int steps) : steps_(steps), shown_(stderrIsTerminal()) {}
    ~Progress() {
        if (shown_) std::fputs("\r\033[K", stderr);
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Announces the next step.
    void next(const std::string& what) {
        if (shown_) {
            const int filled = kWidth * done_ / steps_;
            std::fprintf(stderr, "\r\033[K[%s%s] %3d %%  %s", std::string(filled, '#').c_str(),
                         std::string(kWidth - filled, ' ').c_str(), 100 * done_ / steps_, what.c_str());
            std::fflush(stderr);
        }
        ++done_;
    }

  private:
    static bool stderrIsTerminal() {
#if defined(_WIN32)
        return _isatty(_fileno(stderr)) != 0;
#else
        return isatty(STDERR_FILENO) != 0;
#endif
    }

    static constexpr int kWidth = 30;
    int steps_, done_ = 0;
    bool shown_;
};
