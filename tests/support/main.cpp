// SPDX-License-Identifier: Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support/plain_threads.hpp"

int main(int argc, char** argv) {
    // ThreadSanitizer does not see how TBB synchronises, and reports races where there are none.
    if (support::underThreadSanitizer()) support::usePlainThreads();
    return doctest::Context(argc, argv).run();
}
