"""Counting the cells of a matrix: by field (a machine type and a pair of builds) and by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from qcompat.report.matrix.reason import reason_of
from qcompat.trial.matrix.cell import Cell, Matrix, Status, rank, status_of

Place = tuple[str, str, str]
"""Where a field stands: machine type, source, target."""


class Group(msgspec.Struct, frozen=True):
    """The cells that share a reason, in the matrix's order."""

    reason: str
    cells: tuple[Cell, ...]

    @property
    def guests(self) -> tuple[str, ...]:
        """The guests that it happens to, each once."""
        return tuple(dict.fromkeys(cell.guest for cell in self.cells))

    @property
    def ways(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The sources and the targets it happens between, as few products as show it."""
        there = _merged((cell.source, cell.target) for cell in self.cells)
        back = _merged((cell.target, cell.source) for cell in self.cells)
        if len(back) < len(there):
            return tuple((sources, targets) for targets, sources in back)
        return there


def _merged(
    pairs: Iterable[tuple[str, str]],
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """First ends that share all their second ends, together."""
    seconds: dict[str, dict[str, None]] = {}
    for first, second in pairs:
        seconds.setdefault(first, {})[second] = None
    firsts: dict[tuple[str, ...], list[str]] = {}
    for first, its in seconds.items():
        firsts.setdefault(tuple(its), []).append(first)
    return tuple((tuple(those), its) for its, those in firsts.items())


def fields(cells: Iterable[Cell]) -> dict[Place, Counter[Status]]:
    """How many cells of each field have which status; a field without cells is left out."""
    found: dict[Place, Counter[Status]] = {}
    for cell in cells:
        place = (cell.machine, cell.source, cell.target)
        found.setdefault(place, Counter())[status_of(cell)] += 1
    return found


def machines(matrix: Matrix) -> tuple[str, ...]:
    """The machine types, in the matrix's order."""
    return tuple(dict.fromkeys(cell.machine for cell in matrix.cells))


def failing(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The cells that never load."""
    return tuple(cell for cell in cells if rank(status_of(cell)) >= rank("fails"))


def flaky_cells(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The cells that load sometimes."""
    return tuple(cell for cell in cells if status_of(cell) == "flaky")


def groups(cells: Iterable[Cell], reason: Callable[[Cell], str] = reason_of) -> tuple[Group, ...]:
    """The cells by their reason, the one with most cells first."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(reason(cell), []).append(cell)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Group(reason, tuple(cells)) for reason, cells in ordered)
