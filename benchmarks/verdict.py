"""What a verdict costs, from two portraits in process: `python -m benchmarks.verdict`.

Target: under 50 ms. Measured over all pairs of bundled portraits of the same guest.
"""

from __future__ import annotations

import itertools
import statistics
import time

from qcompat.portrait.bundled import PLACE, bundled_builds, open_bundle
from qcompat.verdict.judge import judge


def main() -> None:
    """Print the median, the 99th percentile and the worst of all pairs."""
    seconds = []
    builds = bundled_builds()
    for one, other in itertools.combinations(builds, 2):
        for name in set(builds[one].bundles) & set(builds[other].bundles):
            ends = [open_bundle(PLACE / build / f"{name}.qcb") for build in (one, other)]
            for key in sorted(set(ends[0].keys) & set(ends[1].keys)):
                source, target = (bundle.get(key) for bundle in ends)
                start = time.perf_counter()
                judge(source, target)
                seconds.append(time.perf_counter() - start)
    seconds.sort()
    print(
        f"{len(seconds)} verdicts: median {statistics.median(seconds) * 1e3:.1f} ms, "
        f"99 % under {seconds[int(len(seconds) * 0.99)] * 1e3:.1f} ms, "
        f"worst {seconds[-1] * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
