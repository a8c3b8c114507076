#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times sklearn.metrics.pairwise.rbf_kernel on the sizes of rbf_table, for setting beside its tables.

Best of a few runs, as there. Set OMP_NUM_THREADS and OPENBLAS_NUM_THREADS for the number of threads, and
OPENBLAS_CORETYPE=SkylakeX where OpenBLAS does not know the processor."""
import argparse
import importlib.util
import sys
import time


def seconds(run, at_least):
    best, spent, turns = float("inf"), 0.0, 0
    while turns < 2 or spent < at_least:
        start = time.perf_counter()
        run()
        taken = time.perf_counter() - start
        best, spent, turns = min(best, taken), spent + taken, turns + 1
    return best


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=numbers, default=[1000, 4096, 10000], help="numbers of vectors")
    parser.add_argument("--d", type=numbers, default=[2, 3, 8, 16, 32, 64, 128, 784], help="numbers of features")
    parser.add_argument("--seconds", type=float, default=0.12, help="time for each number")
    arguments = parser.parse_args()
    if importlib.util.find_spec("sklearn") is None:
        print("scikit-learn is not installed (Debian: python3-sklearn); nothing was measured.")
        return 0
    import numpy
    import sklearn
    from sklearn.metrics.pairwise import rbf_kernel

    print(f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}\n")
    print("| n = m | d | 32F, ms | itself 32F, ms | 64F, ms |\n|---|---|---|---|---|")
    for n in arguments.n:
        for d in arguments.d:
            random = numpy.random.default_rng(1)
            x, y = random.standard_normal((n, d)), random.standard_normal((n, d))
            x32, y32 = x.astype(numpy.float32), y.astype(numpy.float32)
            gamma = 1 / (2 * d)
            runs = (lambda: rbf_kernel(x32, y32, gamma), lambda: rbf_kernel(x32, None, gamma), lambda: rbf_kernel(x, y, gamma))
            cells = [f"{1e3 * seconds(run, arguments.seconds):.1f}" for run in runs]
            print(f"| {n} | {d} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
