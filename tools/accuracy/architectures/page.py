"""docs/accuracy-architectures.md: the figures, written from what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tools.accuracy.architectures.cells import Tried
from tools.accuracy.page import blocking, by_machine, row, wrong
from tools.accuracy.score import Scored

_HEAD = """\
# Accuracy on other architectures

This page is written by `python -m tools.accuracy.architectures` from what it measured under TCG, as
[Accuracy](accuracy.md) is for x86_64: each cell is one guest saved on one build and really loaded
by another; the verdict is made from portraits alone. {provenance}

A cell of devices is a guest with one device, of a type that all builds share. Where the table names
states as cut out, they are taken out of the stream, and of the portraits that are judged: a
processor's state that no other build loads would decide every cell. The cells of processors are
loaded as they were saved.

| machine type | cells | really fail | right | missed | false alarm | unknown |
|---|---|---|---|---|---|---|
"""

_RULES = """
## Which rules blocked

| rule | cells |
|---|---|
"""

_UNKNOWN = """
## For what the answer was unknown

| rule | state | cells |
|---|---|---|
"""


def render(
    found: Mapping[str, Sequence[Scored]], tried: Mapping[str, Tried], provenance: str
) -> str:
    """The page of these architectures."""
    every = [cell for cells in found.values() for cell in cells]
    return "".join(
        [
            _HEAD.format(provenance=provenance),
            *(line for name, cells in found.items() for line in _rows(name, cells, tried[name])),
            row("**all**", every),
            _RULES,
            *blocking(every),
            *_unknown(every),
            *wrong(every),
        ]
    )


def _rows(name: str, cells: Sequence[Scored], entry: Tried) -> list[str]:
    cut = f", without {' and '.join(f'`{each}`' for each in entry.cut)}" if entry.cut else ""
    machines = [
        row(f"{name} {machine}{'' if 'processors' in machine else cut}", each)
        for machine, each in by_machine(cells)
    ]
    return [*machines, row(f"**{name}**", cells)]


def _unknown(cells: Sequence[Scored]) -> list[str]:
    reasons = Counter(
        (finding.rule, str(finding.args.get("state", "")))
        for cell in cells
        if cell.kind == "unknown"
        for finding in cell.verdict.findings
        if finding.undecided
    )
    rows = [f"| {rule} | {state} | {n:,} |\n" for (rule, state), n in reasons.most_common(20)]
    return [_UNKNOWN, *rows] if rows else []
