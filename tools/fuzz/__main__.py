"""Damages what someone else wrote and reads it, on all cores: `python -m tools.fuzz`.

    python -m tools.fuzz --inputs 100000            # that many random damages
    python -m tools.fuzz --seconds 7200             # or for that long
    python -m tools.fuzz --truncations RECORDING    # every length of one recording
    python -m tools.fuzz --reader portrait          # another reader than that of streams, or all

Inputs that break a reader, take longer than 10 seconds of processor time or more than 512 MB are
written into a directory (--keep). The random inputs are the same for the same --seed.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import zstandard

from qcompat.stream.model import Stream
from qcompat.stream.reader.whole import read
from tools.fuzz import readers
from tools.fuzz.damage import damaged
from tools.fuzz.readers import TARGETS
from tools.fuzz.target import exercise

RECORDINGS = Path(__file__).parents[2] / "tests" / "data" / "streams"
SECONDS = 10
"""Of processor time: a busy machine is no fault of a reader."""
BYTES = 512 << 20
LARGEST = 400_000
"""Bytes of the recordings that are damaged: small ones hold the same kinds of records."""

Job = tuple[str, str, int, bool]
"""The reader, a recording of a stream, and the seed of the damage, or the length to cut it to."""


def main() -> int:
    """Run until the inputs or the time are used up; 1 if one broke a reader."""
    asked = _arguments()
    start, outcomes = time.monotonic(), Counter[str]()
    with Pool(initializer=_limit) as pool:
        for job, outcome, failed in pool.imap_unordered(_run, _jobs(asked)):
            outcomes["bug" if failed else "read" if outcome == "read" else "error"] += 1
            if failed:
                print(f"{_keep(job, asked.keep)}: {outcome}", flush=True)
            if asked.seconds and time.monotonic() - start > asked.seconds:
                pool.terminate()
                break
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()))
    print(f"{outcomes.total():,} inputs in {time.monotonic() - start:,.0f} s: {counts}")
    return 1 if outcomes["bug"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Damage what someone else wrote and read it.")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0.0, help="end after that long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", choices=["stream", *TARGETS, "all"], default="stream")
    parser.add_argument("--truncations", metavar="RECORDING", default="")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    return parser.parse_args()


def _jobs(asked: argparse.Namespace) -> Iterator[Job]:
    if asked.truncations:
        sizes = range(len(_data(asked.truncations)))
        yield from (("stream", asked.truncations, size, True) for size in sizes)
        return
    names = [name for name in _names() if len(_data(name)) <= LARGEST]
    targets = ["stream", *TARGETS] if asked.reader == "all" else [asked.reader]
    seed = asked.seed
    while asked.seconds or seed < asked.seed + asked.inputs:
        reader = targets[seed % len(targets)]
        yield reader, names[seed % len(names)] if reader == "stream" else "", seed, False
        seed += 1


def _names() -> list[str]:
    return sorted(path.name.removesuffix(".mig.zst") for path in RECORDINGS.glob("*.mig.zst"))


@cache
def _data(name: str) -> bytes:
    raw = (RECORDINGS / f"{name}.mig.zst").read_bytes()
    return zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 24)


@cache
def _stream(name: str) -> Stream:
    return read(_data(name))


def _input(job: Job) -> bytes:
    reader, name, number, is_cut = job
    if reader != "stream":
        return readers.made(reader, number)
    return _data(name)[:number] if is_cut else damaged(_data(name), number)


def _run(job: Job) -> tuple[Job, str, bool]:
    """What became of one input, and whether that is a bug."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        try:
            return job, _exercised(job), False
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except BaseException as error:  # the timer may end while it is switched off
        return job, f"{type(error).__name__}: {error}", True


def _exercised(job: Job) -> str:
    reader, name, *_ = job
    if reader != "stream":
        return readers.exercise(reader, _input(job))
    return exercise(_input(job), _stream(name))


def _limit() -> None:
    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"longer than {SECONDS} s of processor time")

    signal.signal(signal.SIGPROF, late)
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))


def _keep(job: Job, place: Path) -> Path:
    place.mkdir(exist_ok=True)
    reader, name, number, is_cut = job
    path = place / f"{name or reader}-{'cut' if is_cut else 'seed'}-{number}"
    path.write_bytes(_input(job))
    return path


if __name__ == "__main__":
    sys.exit(main())
