"""What a stage of stand-ins returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option


class Replaced(msgspec.Struct, frozen=True):
    """The options after replacing, and what the stand-ins cannot show."""

    options: tuple[Option, ...]
    uncovered: tuple[Uncovered, ...] = ()


def each(
    options: Iterable[Option], change: Callable[[Option], Iterable[Option | Uncovered]]
) -> Replaced:
    """Replace every option on its own by what `change` makes of it."""
    made = [part for option in options for part in change(option)]
    return Replaced(
        options=tuple(part for part in made if isinstance(part, Option)),
        uncovered=tuple(part for part in made if isinstance(part, Uncovered)),
    )


def values(options: Iterable[Option], *except_names: str) -> frozenset[str]:
    """Every value of the options, to see whether something refers to an id."""
    used = (option for option in options if option.name not in except_names)
    return frozenset(value for option in used for _, value in option.pairs)
