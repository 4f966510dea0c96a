"""A guest's lineage: the builds it has lived on since power-on, and the marks in force.

It is folded from events; folding them again gives the same. What a guest carries as state is
`carried`, which needs portraits; here only what was done and said counts.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.errors import UsageError
from qcompat.lineage.event import Event, Held, Moved, Off, Reset, Started
from qcompat.remedy.setting import Setting


class Mark(msgspec.Struct, frozen=True):
    """A setting that every start must say until power-off; `build` is where it first had to be."""

    setting: Setting
    build: str
    since: str


class Stay(msgspec.Struct, frozen=True):
    """A stay on one build: since when, how the marks were held there, when it was reset."""

    build: str
    identity: BuildIdentity
    since: str
    portrait: str
    held: tuple[Held, ...] = ()
    resets: tuple[str, ...] = ()


class Life(msgspec.Struct, frozen=True):
    """One life of a guest, from power-on; the last stay is where it lives now."""

    born: Started
    stays: tuple[Stay, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def here(self) -> Stay:
        """Where it lives now."""
        return self.stays[-1]


class Lineage(msgspec.Struct, frozen=True):
    """A guest by name; `life` is None while it is powered off. `length` counts its events."""

    name: str
    life: Life | None = None
    length: int = 0


def fold(name: str, events: Iterable[Event]) -> Lineage:
    """The lineage that these events make, in their order. Raises UsageError as `after` does."""
    lineage = Lineage(name)
    for event in events:
        lineage = after(lineage, event)
    return lineage


def after(lineage: Lineage, event: Event) -> Lineage:
    """The lineage after one more event; UsageError where that cannot happen to this guest."""
    match event:
        case Started():
            life: Life | None = _born(lineage, event)
        case Moved():
            life = _moved(living(lineage), event)
        case Reset():
            life = _reset(living(lineage), event)
        case Off():
            living(lineage)
            life = None
    return Lineage(lineage.name, life, lineage.length + 1)


def living(lineage: Lineage) -> Life:
    """The life of a guest that is on; UsageError for one that is off."""
    if lineage.life is None:
        said = "is powered off" if lineage.length else "was never started"
        raise UsageError(
            f"the guest {lineage.name!r} {said}",
            f"record its start first: qcompat guest start {lineage.name} BUILD -- ARGUMENTS",
        )
    return lineage.life


def _born(lineage: Lineage, event: Started) -> Life:
    if lineage.life is not None:
        raise UsageError(
            f"the guest {lineage.name!r} is on already, since {lineage.life.born.at} "
            f"(now on {lineage.life.here.build})",
            f"record first that it was powered off: qcompat guest off {lineage.name}",
        )
    return Life(event, (Stay(event.build, event.identity, event.at, event.portrait),))


def _moved(life: Life, event: Moved) -> Life:
    stay = Stay(event.build, event.identity, event.at, event.portrait, event.held)
    return Life(life.born, (*life.stays, stay), _marked(life.marks, event))


def _marked(marks: tuple[Mark, ...], event: Moved) -> tuple[Mark, ...]:
    """No move takes a mark away; one that says another value for a property replaces it.

    What had to be left out for a build that lacks the property is that build's business alone.
    """
    said = {place_of(h.setting): h.setting for h in event.held if not h.setting.removes}
    kept = [mark for mark in marks if said.get(place_of(mark.setting)) in (None, mark.setting)]
    known = {mark.setting for mark in kept}
    new = [Mark(each, event.build, event.at) for each in said.values() if each not in known]
    return tuple(sorted((*kept, *new), key=lambda mark: mark.setting))


def _reset(life: Life, event: Reset) -> Life:
    here = msgspec.structs.replace(life.here, resets=(*life.here.resets, event.at))
    return Life(life.born, (*life.stays[:-1], here), life.marks)


def place_of(setting: Setting) -> tuple[str, str, str, str]:
    """What a setting sets, whatever the value."""
    return setting.reach, setting.path, setting.driver, setting.name
