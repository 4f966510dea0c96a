"""docs/accuracy.md: the figures of one scoring, written from what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tools.accuracy.drift_tables import drift_tables
from tools.accuracy.score import Scored

_HEAD = """\
# Accuracy

This page is written by `make accuracy` from what it measured: each cell is one guest saved on one
build and really loaded by another; the verdict is made from portraits alone. {provenance}

- **missed** is the worst: a verdict of `ok` or `drift` where the load failed.
- **false alarm** is `blocked` where the load succeeded.
- **unknown** is an answer, but must be rare.

How right compat tables and their audit are, its false alarms included, is in
[Compat tables](tables.md).
"""

_EQUAL = """
## The same guest on both builds

One device a guest, of every type that the builds share, all ordered pairs of builds.

| machine type | cells | really fail | right | missed | false alarm | unknown |
|---|---|---|---|---|---|---|
"""

_UNEQUAL = """
## Guests that differ in one thing

Two guests that differ in one property, address, size, processor or machine option. "Named" counts
the cells so answered in which a finding names what differs.

| machine | cells | fail | right | missed | false alarm | unknown | blocked, named | drift, named |
|---|---|---|---|---|---|---|---|---|
"""


_RULES = """
## Which rules blocked

| rule | cells |
|---|---|
"""

_WRONG = """
## Every wrong answer

| machine type | guest | from | to | said | happened |
|---|---|---|---|---|---|
"""

_MOST_WRONG = 60


def render(
    equal: Sequence[Scored],
    unequal: Sequence[Scored],
    provenance: str,
    repairs: str = "",
    whole: str = "",
) -> str:
    """The page; `repairs` and `whole` are sections of their own."""
    everything = [*equal, *unequal]
    return "".join(
        [
            _HEAD.format(provenance=provenance),
            _EQUAL,
            *(row(machine, cells) for machine, cells in by_machine(equal)),
            row("**all**", equal),
            _UNEQUAL,
            *(_named_row(machine, cells) for machine, cells in by_machine(unequal)),
            _named_row("**all**", unequal),
            whole,
            *drift_tables(everything),
            _RULES,
            *blocking(everything),
            repairs,
            *wrong(everything),
        ]
    )


def by_machine(cells: Iterable[Scored]) -> list[tuple[str, list[Scored]]]:
    """The cells of each machine type, in order."""
    machines: dict[str, list[Scored]] = {}
    for cell in cells:
        machines.setdefault(cell.result.machine, []).append(cell)
    return sorted(machines.items())


def _figures(cells: Sequence[Scored]) -> str:
    kinds = Counter(cell.kind for cell in cells)
    fail = sum(not cell.loads for cell in cells)
    shares = " | ".join(
        _share(kinds[kind], len(cells)) for kind in ("right", "missed", "false_alarm", "unknown")
    )
    return f"{len(cells):,} | {fail:,} | {shares}"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.2%})" if whole else "0"


def row(name: str, cells: Sequence[Scored]) -> str:
    """A row of the first table."""
    return f"| {name} | {_figures(cells)} |\n"


def _named_row(name: str, cells: Sequence[Scored]) -> str:
    named = []
    for verdict in ("blocked", "drift"):
        said = [cell for cell in cells if cell.verdict.verdict == verdict]
        named.append(_share(sum(cell.names_difference for cell in said), len(said)))
    return f"| {name} | {_figures(cells)} | {' | '.join(named)} |\n"


def blocking(cells: Sequence[Scored]) -> list[str]:
    """Rows: how many cells each rule blocked."""
    rules = Counter(
        rule
        for cell in cells
        for rule in {f.rule for f in cell.verdict.findings if f.promise == "loads"}
        if cell.verdict.verdict == "blocked"
    )
    return [f"| {rule} | {count:,} |\n" for rule, count in rules.most_common()]


def wrong(cells: Sequence[Scored]) -> list[str]:
    """The section of wrong answers."""
    found = [cell for cell in cells if cell.kind in ("missed", "false_alarm")]
    if not found:
        return ["\n## Every wrong answer\n\nNone.\n"]
    rows = [
        f"| {r.machine} | {r.case} | {r.source} | {r.target} | {cell.verdict.verdict} |"
        f" {r.kind}: {_line(r.message)} |\n"
        for cell in found[:_MOST_WRONG]
        for r in [cell.result]
    ]
    more = len(found) - len(rows)
    return [_WRONG, *rows, f"\n{more} more are left out.\n" if more else ""]


def _line(message: str) -> str:
    return message.replace("\n", "; ").replace("|", "/")[-160:]
