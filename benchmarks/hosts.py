"""Hosts: the baseline of a thousand and of a pair, beside `virsh cpu-baseline`.

    python -m benchmarks.hosts

The hosts are those of libvirt's own tests (51 captures; read `tests/hosts/test_libvirt_hosts`),
for the thousand each with other features taken away. virsh computes for the driver
`test:///default`, without a daemon, from the same hosts' CPUs as libvirt describes them.
"""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations, islice
from pathlib import Path

import msgspec

from benchmarks.source_package import source_directory
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.capture_file import encode
from qcompat.hosts.cpu.baseline import baseline
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.lines import lines
from qcompat.hosts.cpu.offer import offers_of
from qcompat.hosts.cpu.removals import removals
from qcompat.hosts.read.recognise import read_host, recognise

HOSTS = 1000
PAIRS = 200
VIRSH_PAIRS = 20
UNKNOWN = 60
"""Features that virsh may complain of, one at a time."""
PREFIX = "x86_64-cpuid-"


def main() -> None:
    """Print one line a figure, milliseconds or seconds."""
    data = source_directory("tests/cputestdata", "libvirt")
    intel = [host for host in _hosts(data) if host.builds[0].values["vendor"] == "GenuineIntel"]
    shown = {"pair_ms": _pair(intel), "virsh_pair_ms": _virsh_pair(data, intel)}
    shown |= _pool(_many([host for host in intel if host.builds[0].unavailable]))
    for name, value in shown.items():
        print(f"{name:24} {'not available' if value is None else f'{value:.2f}'}")


def _hosts(data: Path) -> list[HostCapture]:
    return [read_host(path) for path in sorted(data.glob(f"{PREFIX}*.json"))]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _pair(hosts: Sequence[HostCapture]) -> float:
    """Median of pairs, everything but reading: lines and baseline."""

    def one(pair: Sequence[HostCapture]) -> None:
        masks = FeatureMasks()
        offers = offers_of(pair, masks)
        baseline(masks, offers)
        lines(masks, offers)

    pairs = list(islice(combinations(hosts, 2), PAIRS))
    one(pairs[0])
    return 1000 * statistics.median(_seconds(lambda pair=pair: one(pair)) for pair in pairs)  # type: ignore[misc]


def _many(hosts: Sequence[HostCapture]) -> list[bytes]:
    """A thousand captures as files have them, none like another."""
    chance = random.Random(1)  # noqa: S311
    return [
        encode(_changed(hosts[number % len(hosts)], f"host-{number}", chance))
        for number in range(HOSTS)
    ]


def _changed(host: HostCapture, name: str, chance: random.Random) -> HostCapture:
    build = host.builds[0]
    gone = set(chance.sample(build.features, chance.randrange(4)))
    features = tuple(feature for feature in build.features if feature not in gone)
    return HostCapture(name, (msgspec.structs.replace(build, features=features),))


def _pool(files: Sequence[bytes]) -> dict[str, float | None]:
    """A thousand hosts: read, baseline, lines, and whom to leave out."""
    start = time.perf_counter()
    hosts = [recognise(data, "host") for data in files]
    read = time.perf_counter() - start
    masks = FeatureMasks()
    offers = offers_of(hosts, masks)
    found = baseline(masks, offers)
    whole = time.perf_counter() - start
    return {
        "read_1000_s": read,
        "baseline_1000_s": whole,
        "lines_1000_s": _seconds(lambda: lines(masks, offers)),
        "removals_1000_s": _seconds(lambda: removals(masks, offers, found)),
    }


def _virsh_pair(data: Path, hosts: Sequence[HostCapture]) -> float | None:
    """virsh as a process, less the time of `virsh version`, which is start and connection."""
    if shutil.which("virsh") is None:
        return None
    names = [host.name.removeprefix(PREFIX) for host in hosts]
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "pair.xml"
        pairs = islice(combinations(names, 2), VIRSH_PAIRS)
        times = [_virsh_one(file, [_cpu(data, name) for name in pair]) for pair in pairs]
    known = [each for each in times if each is not None]
    return 1000 * statistics.median(known) if known else None


def _virsh_one(file: Path, cpus: Sequence[str]) -> float | None:
    """One pair, without the features that this libvirt has no name for."""
    text = "".join(cpus)
    for _ in range(UNKNOWN):
        file.write_text(text)
        spent, complaint = _virsh(["cpu-baseline", str(file)])
        unknown = re.search(r"Unknown CPU feature (\S+)", complaint)
        if unknown is None:
            start, _ = _virsh(["version"])
            return None if complaint else max(spent - start, 0.0)
        text = text.replace(f"<feature name='{unknown[1]}'/>", "")
    return None


def _cpu(data: Path, name: str) -> str:
    """A host's CPU as libvirt describes it; versioned models came with libvirt 11."""
    text = (data / f"{PREFIX}{name}-host.xml").read_text()
    return re.sub(r"(<model>[^<]*)-v\d+<", r"\1<", text)


def _virsh(words: Sequence[str]) -> tuple[float, str]:
    command = ["virsh", "-c", "test:///default", *words]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return time.perf_counter() - start, done.stderr.strip()


if __name__ == "__main__":
    main()
