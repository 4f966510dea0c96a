"""What an attack writes down: a log, a record a line, and the table of all its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from tools.attack.watch import Outcome

T = TypeVar("T")
_EXITS = tuple(f"exit {code}" for code in range(5))


def read_log(log: Path, kind: type[T]) -> list[T]:
    """The records so far, none where there is no log."""
    if not log.exists():
        return []
    return [msgspec.json.decode(line, type=kind) for line in log.read_bytes().splitlines()]


def outcome_table(
    title: str, what: str, outcomes: Iterable[tuple[str, Outcome]], rows: Sequence[str] = ()
) -> str:
    """Outcomes by row, in the order of `rows` and then as they come, with each kind of fault.

    The rows are headed `title`; `what` heads the column of their counts.
    """
    counts = {row: Counter[str]() for row in rows}
    faults: Counter[str] = Counter()
    longest, largest = 0.0, 0
    for name, outcome in outcomes:
        row = counts.setdefault(name, Counter())
        row.update([what, f"exit {outcome.code}"])
        row["faults"] += bool(outcome.wrong)
        faults.update(text.partition(":")[0] for text in outcome.wrong)
        longest, largest = max(longest, outcome.seconds), max(largest, outcome.memory)
    lines = count_lines(title, (what, *_EXITS, "faults"), counts)
    lines.append(f"longest: {longest:.0f} s; largest: {largest >> 20} MB")
    return "\n".join([*lines, *fault_lines(faults)])


def count_lines(
    title: str, columns: Sequence[str], counts: Mapping[str, Counter[str]]
) -> list[str]:
    """A head, a line a row, and their sum."""
    every = {**counts, "all": sum(counts.values(), Counter[str]())}
    lines = [f"{title:26}" + "".join(f"{name:>8}" for name in columns)]
    for name, row in every.items():
        lines.append(f"{name:26}" + "".join(f"{row[column]:8}" for column in columns))
    return lines


def fault_lines(faults: Counter[str]) -> list[str]:
    """Each kind of fault with its count, the most frequent first."""
    return [f"{count:6} {text}" for text, count in faults.most_common()]
