"""Ends commands at random moments and counts what goes wrong.

    python -m tools.attack.kills --count 100 --log kills.jsonl       # a portion, 100 kills
    python -m tools.attack.kills --count 100 --log kills.jsonl       # 100 others
    python -m tools.attack.kills --count 0 --log kills.jsonl         # the table of all portions

Needs three registered builds (`python -m tools.lab`). Every tenth command is run once more after
its kill, in the same room, and must give its usual answer.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import msgspec

from tools.attack import witness
from tools.attack.kills import commands
from tools.attack.kills.commands import LONGEST, Builds, Command
from tools.attack.kills.strike import Outcome, Strike, drawn, strike
from tools.attack.log import count_lines, fault_lines, read_log
from tools.attack.room import Room

_WEIGHTS = {"prove --live": 0.4, "machine list": 0.7, "builds add": 1.5, "guest start": 1.5}
_EVERY = 10


class Record(msgspec.Struct, frozen=True):
    """A line of the log."""

    command: str
    strike: Strike
    outcome: Outcome


def main() -> int:
    """Kill, log, and print the table; 1 if anything was wrong in any portion."""
    asked = _arguments()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell has what is in the background ignore it
    witness.adopt()
    records = read_log(asked.log, Record)
    if asked.count:
        with tempfile.TemporaryDirectory(prefix="kills-") as place:
            first = len(records) if asked.first is None else asked.first
            records += _attack(Path(place), asked, first)
    print(_table(records))
    return 1 if any(each.outcome.wrong for each in records) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="End commands at random moments.")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--log", type=Path, required=True, help="lines of JSON, appended to")
    parser.add_argument("--first", type=int, help="number of the first kill, which is its seed")
    parser.add_argument("--only", choices=commands.LINES, help="this command alone")
    return parser.parse_args()


def _attack(place: Path, asked: argparse.Namespace, first: int) -> list[Record]:
    template, builds = commands.template(place / "template")
    room = Room(place / "room")
    names = [asked.only] if asked.only else list(commands.LINES)
    weights = [_WEIGHTS.get(name, 1) for name in names]
    known: dict[str, Command] = {}
    records = []
    for number in range(first, first + asked.count):
        chance = random.Random(number)  # noqa: S311 - the same draw for the same number
        name = chance.choices(names, weights)[0]
        if name not in known:
            known[name] = _measured(name, room, template, builds)
        record = _one(known[name], room, template, builds, number)
        records.append(record)
        with asked.log.open("ab") as log:
            log.write(msgspec.json.encode(record) + b"\n")
        if record.outcome.wrong:
            print(number, name, record.strike, record.outcome, flush=True)
    return records


def _measured(name: str, room: Room, template: Room, builds: Builds) -> Command:
    room.fresh(template)
    begun = time.monotonic()
    if name == "prove --live":  # a minute, or several on a busy machine
        return Command(name, 0, LONGEST)
    code = _run(name, room, builds)
    return Command(name, code, min(time.monotonic() - begun, LONGEST))


def _run(name: str, room: Room, builds: Builds) -> int:
    done = subprocess.run(
        commands.words(name, room, builds), env=room.environment(), cwd=room.place,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode


def _one(command: Command, room: Room, template: Room, builds: Builds, number: int) -> Record:
    room.fresh(template)
    chance = random.Random(f"{number} strike")  # noqa: S311
    how = drawn(chance, command.seconds, is_long=command.seconds >= LONGEST)
    outcome = strike(commands.words(command.name, room, builds), room, how, command.code)
    if number % _EVERY == 0 and command.name != "prove --live":
        code = _run(command.name, room, builds)
        wrong = _wrong_again(command, code) + tuple(
            f"again: damaged {name}" for name in witness.damaged_files(room)
        )
        outcome = msgspec.structs.replace(outcome, wrong=outcome.wrong + wrong)
    return Record(command.name, how, outcome)


def _wrong_again(command: Command, code: int) -> tuple[str, ...]:
    """A guest that was recorded before the kill cannot be recorded as started again."""
    is_recorded = command.name in ("guest start", "guest moved") and code == 2
    return () if code == command.code or is_recorded else (f"again: ended with {code}",)


def _table(records: list[Record]) -> str:
    """Kills and faults by command, and each kind of fault."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    faults: Counter[str] = Counter()
    for each in records:
        rows[each.command]["kills"] += 1
        rows[each.command][each.strike.signals[0]] += 1
        rows[each.command]["faults"] += bool(each.outcome.wrong)
        faults.update(text.partition(":")[0] for text in each.outcome.wrong)
    columns = ("kills", "KILL", "TERM", "INT", "HUP", "faults")
    lines = count_lines("command", columns, rows)
    slowest = max((each.outcome.seconds for each in records if _is_own(each)), default=0.0)
    lines.append(f"slowest end after a signal: {slowest:.1f} s")
    return "\n".join([*lines, *fault_lines(faults)])


def _is_own(record: Record) -> bool:
    return record.strike.victim not in ("one below", "parent")


if __name__ == "__main__":
    sys.exit(main())
