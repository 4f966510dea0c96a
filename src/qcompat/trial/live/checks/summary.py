"""Many differences of one sort as one check, in short."""

from __future__ import annotations

from collections.abc import Sequence

from qcompat.trial.trial import Check

_SHOWN = 4


def summarise(what: str, differences: Sequence[tuple[str, str, str]], same: str) -> Check:
    """`differences` are (place, before, after); `same` says what was compared."""
    if not differences:
        return Check(what, "same", before=same, after=same)
    rest = len(differences) - _SHOWN
    more = f"; and {rest} more" if rest > 0 else ""
    before = "; ".join(f"{place} {one}".strip() for place, one, _ in differences[:_SHOWN])
    after = "; ".join(f"{place} {other}".strip() for place, _, other in differences[:_SHOWN])
    return Check(what, "changed", before=before + more, after=after + more)


def count(number: int, noun: str) -> str:
    """`1 table`, `7 tables`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
