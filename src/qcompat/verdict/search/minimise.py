"""Delta debugging: the smallest part of a set that still has what the whole has.

After A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002),
as a generator: it yields parts to be tried and is sent whether each one holds, so that whoever
tries can put parts of independent searches into one attempt. What is returned is 1-minimal:
it holds, and does not without any single one of its members.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")
Part = tuple[Item, ...]
Minimising = Generator[tuple[Part[Item], ...], tuple[bool, ...], Part[Item]]


def minimise(whole: Sequence[Item]) -> Minimising[Item]:
    """Narrow `whole`, which is known to hold; of parts that hold, the earliest is kept."""
    items, pieces = tuple(whole), 2
    while len(items) > 1:
        parts = _split(items, pieces)
        if (kept := _first(parts, (yield parts))) is not None:
            items, pieces = kept, 2
            continue
        rests = tuple(_without(items, part) for part in parts) if pieces > 2 else ()
        if rests and (kept := _first(rests, (yield rests))) is not None:
            items, pieces = kept, max(pieces - 1, 2)
            continue
        if pieces >= len(items):
            break
        pieces = min(len(items), pieces * 2)
    return items


def _first(parts: tuple[Part[Item], ...], holds: tuple[bool, ...]) -> Part[Item] | None:
    return next((part for part, does in zip(parts, holds, strict=True) if does), None)


def _split(items: Part[Item], pieces: int) -> tuple[Part[Item], ...]:
    """Into that many parts of nearly the same length, none of them empty."""
    edges = [len(items) * n // pieces for n in range(pieces + 1)]
    return tuple(items[start:end] for start, end in pairwise(edges))


def _without(items: Part[Item], part: Part[Item]) -> Part[Item]:
    return tuple(item for item in items if item not in part)
