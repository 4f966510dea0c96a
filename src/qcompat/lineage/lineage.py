"""A guest's lineage: the builds it has run on since power-on, and the marks in force.

It is folded from events; folding them again gives the same. The state that a guest carries is
`carried`, which needs portraits; here only events count.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.errors import UsageError
from qcompat.lineage.event import Event, Held, Moved, Off, Rehearsed, Reset, Started
from qcompat.remedy.setting import Setting


class Mark(msgspec.Struct, frozen=True):
    """A setting that every start needs until power-off; `build` is the first that needed it."""

    setting: Setting
    build: str
    since: str


class Placement(msgspec.Struct, frozen=True):
    """A guest on one build: since when, how the build has its marks, when it was reset there.

    `rehearsals` are the targets that its device state was tried on from there.
    """

    build: str
    identity: BuildIdentity
    since: str
    portrait: str
    held: tuple[Held, ...] = ()
    resets: tuple[str, ...] = ()
    rehearsals: tuple[Rehearsed, ...] = ()


class PowerCycle(msgspec.Struct, frozen=True):
    """A guest from its power-on: how it was started, and every build it has run on since."""

    started: Started
    placements: tuple[Placement, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def current(self) -> Placement:
        """Where it runs now."""
        return self.placements[-1]


class Lineage(msgspec.Struct, frozen=True):
    """A guest by name; `cycle` is None while it is powered off. `length` counts its events."""

    name: str
    cycle: PowerCycle | None = None
    length: int = 0


def fold(name: str, events: Iterable[Event]) -> Lineage:
    """The lineage that these events make, in their order. Errors: as `after`."""
    lineage = Lineage(name)
    for event in events:
        lineage = after(lineage, event)
    return lineage


def after(lineage: Lineage, event: Event) -> Lineage:
    """The lineage after one more event. Errors: UsageError where it cannot happen to this guest."""
    match event:
        case Started():
            cycle: PowerCycle | None = _start(lineage, event)
        case Moved():
            cycle = _move(powered_on(lineage), event)
        case Rehearsed():
            cycle = _rehearse(powered_on(lineage), event)
        case Reset():
            cycle = _reset(powered_on(lineage), event)
        case Off():
            powered_on(lineage)
            cycle = None
    return Lineage(lineage.name, cycle, lineage.length + 1)


def powered_on(lineage: Lineage) -> PowerCycle:
    """The power cycle of a guest that is on. Errors: UsageError for one that is off."""
    if lineage.cycle is None:
        state = "is powered off" if lineage.length else "was never started"
        raise UsageError(
            f"the guest {lineage.name!r} {state}",
            f"record its start first: qcompat guest start {lineage.name} BUILD -- ARGUMENTS",
        )
    return lineage.cycle


def _start(lineage: Lineage, event: Started) -> PowerCycle:
    if lineage.cycle is not None:
        raise UsageError(
            f"the guest {lineage.name!r} is on already, since {lineage.cycle.started.at} "
            f"(now on {lineage.cycle.current.build})",
            f"record first that it was powered off: qcompat guest off {lineage.name}",
        )
    return PowerCycle(event, (Placement(event.build, event.identity, event.at, event.portrait),))


def _move(cycle: PowerCycle, event: Moved) -> PowerCycle:
    placement = Placement(event.build, event.identity, event.at, event.portrait, event.held)
    return PowerCycle(cycle.started, (*cycle.placements, placement), _marked(cycle.marks, event))


def _marked(marks: tuple[Mark, ...], event: Moved) -> tuple[Mark, ...]:
    """No move removes a mark; another value for the same property replaces it.

    What was left out for a build that lacks the property concerns that build alone.
    """
    new_values = {_key(h.setting): h.setting for h in event.held if not h.setting.removes}
    kept = [m for m in marks if new_values.get(_key(m.setting)) in (None, m.setting)]
    known = {mark.setting for mark in kept}
    new = [Mark(each, event.build, event.at) for each in new_values.values() if each not in known]
    return tuple(sorted((*kept, *new), key=lambda mark: mark.setting))


def _reset(cycle: PowerCycle, event: Reset) -> PowerCycle:
    here = msgspec.structs.replace(cycle.current, resets=(*cycle.current.resets, event.at))
    return PowerCycle(cycle.started, (*cycle.placements[:-1], here), cycle.marks)


def _rehearse(cycle: PowerCycle, event: Rehearsed) -> PowerCycle:
    rehearsals = (*cycle.current.rehearsals, event)
    here = msgspec.structs.replace(cycle.current, rehearsals=rehearsals)
    return PowerCycle(cycle.started, (*cycle.placements[:-1], here), cycle.marks)


def _key(setting: Setting) -> tuple[str, str, str, str]:
    """What a setting sets, without the value."""
    return setting.reach, setting.path, setting.driver, setting.name
