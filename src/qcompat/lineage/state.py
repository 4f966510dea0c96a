"""Everything known of a guest: its lineage, what it carries, how it is started again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.lineage.carried import carried
from qcompat.lineage.leftover import Leftover, leftovers
from qcompat.lineage.lineage import Lineage, PowerCycle
from qcompat.lineage.marks import to_set
from qcompat.portrait.portrait import Portrait
from qcompat.remedy.edit import edit


class State(msgspec.Struct, frozen=True):
    """A lineage and what follows from it.

    `arguments` start the guest on the build where it runs now, its marks in their places;
    `leftovers` is None where it is unknown, since a portrait of the guest is missing.
    """

    lineage: Lineage
    arguments: tuple[str, ...] = ()
    leftovers: tuple[Leftover, ...] | None = ()


def state_of(lineage: Lineage, stored: Mapping[str, Portrait]) -> State:
    """The state of a guest; `stored` has its portraits on the builds it has run on."""
    if lineage.cycle is None:
        return State(lineage)
    cycle = lineage.cycle
    return State(lineage, _arguments(cycle, stored), _leftovers(cycle, stored))


def _arguments(cycle: PowerCycle, stored: Mapping[str, Portrait]) -> tuple[str, ...]:
    first = stored.get(cycle.started.portrait)
    own = cycle.started.arguments
    return edit(own, to_set(cycle.current.held), first) if first else own


def _leftovers(cycle: PowerCycle, stored: Mapping[str, Portrait]) -> tuple[Leftover, ...] | None:
    guest, own = carried(cycle, stored), stored.get(cycle.current.portrait)
    return leftovers(guest, own) if guest and own else None
