"""Meets hostile QEMUs and monitors with qcompat's commands and counts what goes wrong.

    python -m tools.attack.hostile --log hostile.jsonl --jobs 2      # all kinds, or those left
    python -m tools.attack.hostile --log hostile.jsonl --kinds 0     # the table alone

Needs a registered build to record (`python -m tools.lab`), a C compiler and /usr/bin/python3.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from functools import partial
from multiprocessing import Pool, current_process
from pathlib import Path

import msgspec

from tools.attack.hostile.kinds import Kind, kinds
from tools.attack.hostile.meet import Meeting
from tools.attack.hostile.record import record_real
from tools.attack.log import outcome_table, read_log
from tools.attack.watch import Outcome


class Record(msgspec.Struct, frozen=True):
    """A line of the log."""

    kind: str
    command: str
    outcome: Outcome


_meeting: Meeting


def main() -> int:
    """Meet them, log, and print the table; 1 if anything was wrong with any of them."""
    asked = _arguments()
    records = read_log(asked.log, Record)
    done = {each.kind for each in records}
    every = list(kinds())
    random.Random(0).shuffle(every)  # noqa: S311 - so that any portion is a sample
    left = [each for each in every if each.name not in done and asked.only in each.name]
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        if left[: asked.kinds]:
            recording = asked.recording or record_real(Path(place, "recording"))
            begin = partial(_begin, Path(place), recording)
            with Pool(asked.jobs, begin) as pool, asked.log.open("ab") as log:
                for record in pool.imap_unordered(_meet, left[: asked.kinds]):
                    records.append(record)
                    log.write(msgspec.json.encode(record) + b"\n")
                    log.flush()
                    if record.outcome.wrong:
                        print(record, flush=True)
    print(_table(records))
    return 1 if any(each.outcome.wrong for each in records) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Meet hostile QEMUs.")
    parser.add_argument("--log", type=Path, required=True, help="lines of JSON, appended to")
    parser.add_argument("--kinds", type=int, default=100_000, help="at most that many")
    parser.add_argument("--only", default="", help="those with this in their name")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--recording", type=Path, help="of an earlier run")
    return parser.parse_args()


def _begin(place: Path, recording: Path) -> None:
    global _meeting
    _meeting = Meeting(place / current_process().name, recording)


def _meet(kind: Kind) -> Record:
    return Record(kind.name, kind.command, _meeting.meet(kind))


def _table(records: list[Record]) -> str:
    return outcome_table("command", "kinds", ((each.command, each.outcome) for each in records))


if __name__ == "__main__":
    sys.exit(main())
