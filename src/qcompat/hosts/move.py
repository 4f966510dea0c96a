"""Whether a guest with a given CPU can move between two hosts, and what it would notice.

Plain differences, without an opinion on the guest's other devices; rules and reports turn them
into words.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.hosts.capture import Value
from qcompat.hosts.features.states import carried
from qcompat.hosts.features.universe import Universe
from qcompat.hosts.guest_cpu import GuestCpu
from qcompat.hosts.made import Made, make
from qcompat.hosts.offer import Offer
from qcompat.hosts.values import LEAST, clocks_agree, differing, value_of

Outcome = Literal["ok", "drift", "blocked", "unknown"]


class ValueChanges(msgspec.Struct, frozen=True):
    """A value that the guest sees change."""

    name: str
    source: Value | None
    target: Value | None


class Move(msgspec.Struct, frozen=True):
    """One direction. `fatal` are the lost features whose use ends the migration."""

    source: str
    target: str
    outcome: Outcome
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()
    values: tuple[ValueChanges, ...] = ()
    refusal: str = ""
    remarks: tuple[str, ...] = ()


def compare_move(universe: Universe, source: Offer, target: Offer, guest: GuestCpu) -> Move:
    """The move of a guest that was started on `source` with this CPU, and so on `target`."""
    here, there = make(universe, source, guest), make(universe, target, guest)
    ends = (source.name, target.name)
    if here.refusal:
        return Move(*ends, "blocked", refusal=f"it does not start on {source.name}: {here.refusal}")
    if there.refusal:
        return Move(
            *ends, "blocked", refusal=f"it does not start on {target.name}: {there.refusal}"
        )
    if not (here.is_known and there.is_known):
        return Move(*ends, "unknown", refusal=f"what {guest.model} is made of is not known")
    if here.unmigratable and "tsc-frequency" not in guest.others:
        names = ", ".join(universe.names(here.unmigratable))
        return Move(*ends, "blocked", refusal=f"QEMU does not migrate a guest with {names}")
    return _judge(universe, (source, target), guest, here, there)


def _judge(
    universe: Universe, ends: tuple[Offer, Offer], guest: GuestCpu, here: Made, there: Made
) -> Move:
    source, target = ends
    lost = universe.names(here.features & ~there.features)
    gained = universe.names(there.features & ~here.features)
    values = _values(source, target, guest)
    clocks = clocks_agree(ends) is False
    return Move(
        source.name,
        target.name,
        "drift" if lost or gained or values or clocks else "ok",
        lost,
        gained,
        carried(lost),
        values,
        remarks=("the guest's TSC runs at another rate there",) if clocks else (),
    )


def _values(source: Offer, target: Offer, guest: GuestCpu) -> tuple[ValueChanges, ...]:
    """A named model brings its own values; only the vendor is the host's."""
    seen = () if not guest.is_of_host else differing((source, target))
    stated = guest.others.keys() | {k for k, v in LEAST.items() if v in guest.others}
    found = [ValueChanges(each.name, *each.values) for each in seen if each.name not in stated]
    one, other = value_of(source, "vendor"), value_of(target, "vendor")
    if not guest.is_of_host and one != other and "vendor" not in stated:
        found.append(ValueChanges("vendor", one, other))
    return tuple(found)
