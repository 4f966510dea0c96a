"""Gives special files to qcompat's commands and counts what goes wrong.

    python -m tools.attack.special --log special.jsonl             # all, or those left
    python -m tools.attack.special --log special.jsonl --count 0   # the table alone

Needs registered builds (`python -m tools.lab`). Reads and writes nothing outside of its own place.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import zstandard

from tools.attack import witness
from tools.attack.log import outcome_table, read_log
from tools.attack.room import Room, with_registered_builds
from tools.attack.special.files import KINDS, OUTSIDE
from tools.attack.special.lines import READ, WRITTEN
from tools.attack.watch import Outcome, watched

_SECONDS = 100.0
_DATA = Path(__file__).parents[3] / "tests" / "data"


class Record(msgspec.Struct, frozen=True):
    """A line of the log."""

    line: str
    kind: str
    outcome: Outcome


def main() -> int:
    """Run, log, and print the table; 1 if anything was wrong."""
    asked = _arguments()
    witness.adopt()
    records = read_log(asked.log, Record)
    done = {(each.line, each.kind) for each in records}
    every = list(_every())
    random.Random(0).shuffle(every)  # noqa: S311 - so that any portion is a sample
    left = [each for each in every if each not in done][: asked.count]
    with tempfile.TemporaryDirectory(prefix="special-") as place, asked.log.open("ab") as log:
        sweep = _Sweep(Path(place))
        for line, kind in left:
            record = Record(line, kind, sweep.run(line, kind))
            records.append(record)
            log.write(msgspec.json.encode(record) + b"\n")
            log.flush()
            if record.outcome.wrong:
                print(record, flush=True)
    print(_table(records))
    return 1 if any(each.outcome.wrong for each in records) else 0


class _Sweep:
    """A place with builds and sound files, in which each line meets its file."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._template = with_registered_builds(place / "template")
        names = sorted(path.stem for path in (self._template.home / "builds").iterdir())
        self._good = _good(place / "good")
        self._room = Room(place / "room")
        self._words = {"a": names[0], "b": names[1], "good": str(self._good)}

    def run(self, line: str, kind: str) -> Outcome:
        """What came of one of them."""
        self._room.fresh(self._template)
        spot = self._place / "spot"
        spot.mkdir()
        path = os.fspath(KINDS[kind](spot / "file"))
        fill = {**self._words, "place": str(self._room.place), "file": path}
        words = [word.format(**fill) for word in line.split()]
        try:
            return watched(words, self._room, _SECONDS, ours=str(spot))
        finally:
            witness.end_all()
            shutil.rmtree(spot)


def _good(place: Path) -> Path:
    """A sound file of each kind."""
    place.mkdir()
    shutil.copy(next((_DATA / "hosts").rglob("*.json")), place / "host.json")
    stream = sorted((_DATA / "streams").glob("*.mig.zst"), key=lambda path: path.stat().st_size)[0]
    raw = zstandard.ZstdDecompressor().decompress(stream.read_bytes(), max_output_size=1 << 26)
    (place / "x.mig").write_bytes(raw)
    (place / "log").write_text("qemu-system-x86_64: load of migration failed: Invalid argument\n")
    (place / "qemu").write_text("#!/bin/sh\nexit 0\n")
    (place / "qemu").chmod(0o755)
    return place


def _every() -> Iterator[tuple[str, str]]:
    """Each line with each kind of file."""
    for lines in READ.values():
        yield from ((line, kind) for line in lines for kind in KINDS)
    for lines in WRITTEN.values():
        yield from ((line, kind) for line in lines for kind in KINDS if kind not in OUTSIDE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Give special files to qcompat's commands.")
    parser.add_argument("--log", type=Path, required=True, help="lines of JSON, appended to")
    parser.add_argument("--count", type=int, default=100_000, help="at most that many")
    return parser.parse_args()


def _table(records: list[Record]) -> str:
    outcomes = ((each.kind, each.outcome) for each in records)
    return outcome_table("file", "lines", outcomes, list(KINDS))


if __name__ == "__main__":
    sys.exit(main())
