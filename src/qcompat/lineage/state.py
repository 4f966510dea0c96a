"""All that is known of a guest now: its lineage, what it carries, how it is started again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.lineage.carried import carried
from qcompat.lineage.infection import Infection, infections
from qcompat.lineage.lineage import Life, Lineage
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.edit import edit


class State(msgspec.Struct, frozen=True):
    """A lineage and what follows from it.

    `arguments` start the guest on the build where it lives now, its marks in their places;
    `infections` is None where it could not be learned, since portraits of its stays are missing.
    """

    lineage: Lineage
    arguments: tuple[str, ...] = ()
    infections: tuple[Infection, ...] | None = ()


def state_of(lineage: Lineage, kept: Mapping[str, Portrait]) -> State:
    """The state of a guest of whose stays the portraits `kept` are at hand."""
    if lineage.life is None:
        return State(lineage)
    life = lineage.life
    return State(lineage, _arguments(life, kept), _infections(life, kept))


def _arguments(life: Life, kept: Mapping[str, Portrait]) -> tuple[str, ...]:
    born = kept.get(life.born.portrait)
    said = tuple(held.setting for held in life.here.held if held.how == "set")
    return edit(life.born.arguments, said, born) if born else life.born.arguments


def _infections(life: Life, kept: Mapping[str, Portrait]) -> tuple[Infection, ...] | None:
    guest, here = carried(life, kept), kept.get(life.here.portrait)
    return infections(guest, here) if guest and here else None
