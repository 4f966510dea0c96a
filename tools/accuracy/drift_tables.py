"""What is said of guests that load: by promise, by when a change takes effect, and the notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.gate import Gate
from qcompat.verdict.goal import GOALS, USUAL
from qcompat.verdict.judgement import is_breaking
from tools.accuracy.score import Scored

_PROMISES = """
## What the exit code says of guests that load

Of the cells of the first two tables that really load, by the promise that is counted
([which is usual](explanation/verdicts.md#what-counts)). `unchanged` counts every drift, as all exit
codes did before `--promise running`.

| promise | 0: kept | 1: broken | 3: unknown |
|---|---|---|---|
"""

_ALIKE = """
Of the first table alone, where both ends have the same guest:

| promise | 0: kept | 1: broken | 3: unknown |
|---|---|---|---|
"""

_DRIFT = """
## How often drift is said, when it takes effect, and for what

Of the cells of both tables; one cell can have several reasons.

| what the guest would see | when | cells | share |
|---|---|---|---|
"""

_NOTES = """
## What is only noted

Of the same cells: differences of firmware's tables that no operating system binds to, by what
differs. They never count.

| rule | what differs | cells | share |
|---|---|---|---|
"""

_WORDS = {"now": "now", "reset": "after a reset", "load": "at the load"}


def drift_tables(cells: Iterable[Scored]) -> list[str]:
    """Three sections, a row a string."""
    loading = [cell for cell in cells if cell.loads]
    alike = [cell for cell in loading if not cell.result.differs]
    return [
        *(_PROMISES, *_by_promise(loading)),
        *(_ALIKE, *_by_promise(alike)),
        *(_DRIFT, *_by_rule(loading)),
        *(_NOTES, *_by_note(loading)),
    ]


def _by_promise(cells: Sequence[Scored]) -> list[str]:
    rows = []
    for goal in GOALS:
        kept = Counter(Gate(goal).kept(cell.verdict) for cell in cells)
        shares = " | ".join(_share(kept[each], cells) for each in ("kept", "broken", "unknown"))
        name = f"`{goal}` (usual)" if goal == USUAL else f"`{goal}`"
        rows.append(f"| {name} | {shares} |\n")
    return rows


def _by_rule(cells: Sequence[Scored]) -> list[str]:
    words = Counter(cell.verdict.word for cell in cells)
    drift, later = words["drift"], words["drift at reset"]
    rows = [("any change", "", drift + later), ("any change", "now", drift)]
    rows.append(("only changes", _WORDS["reset"], later))
    rules = Counter(rule for cell in cells for rule in {*_seen(cell)})
    rows += [(rule, _WORDS[when], count) for (rule, when), count in rules.most_common()]
    return [f"| {what} | {when} | {_columns(count, cells)} |\n" for what, when, count in rows]


def _seen(cell: Scored) -> Iterable[tuple[str, str]]:
    if cell.verdict.verdict != "drift":
        return ()
    found = (f for f in cell.verdict.findings if f.promise == "unchanged" and is_breaking(f))
    return ((finding.rule, finding.when) for finding in found)


def _by_note(cells: Sequence[Scored]) -> list[str]:
    notes = Counter(
        note
        for cell in cells
        for note in {
            (finding.rule, what)
            for finding in cell.verdict.findings
            if RULES[finding.rule].is_note
            for what in _noted(finding)
        }
    )
    return [
        f"| {rule} | {what} | {_columns(count, cells)} |\n"
        for (rule, what), count in notes.most_common()
    ]


def _noted(finding: Finding) -> Iterable[str]:
    """`_DSM` of `ACPI _SB.PCI0.S10._DSM`, `revision` of `ACPI APIC, revision`."""
    for each in finding.evidence:
        _, comma, field = each.what.rpartition(", ")
        leaf = field if comma else each.what.rpartition(".")[2]
        is_own = not comma and not leaf.startswith(("_", "("))
        yield "a node or method of the firmware's own" if is_own else f"`{leaf}`"


def _columns(count: int, cells: Sequence[Scored]) -> str:
    return f"{count:,} | {count / len(cells):.1%}" if cells else "0 | "


def _share(count: int, cells: Sequence[Scored]) -> str:
    return f"{count:,} ({count / len(cells):.1%})" if cells else "0"
