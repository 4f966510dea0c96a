"""What the next start of a guest must set, from what is known of the guest itself."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.known_guest import KnownGuest
from qcompat.app.lineage.move import UNKNOWN, search_remedy, with_remedy
from qcompat.app.lineage.on_target import TargetPortraits, portraits_on
from qcompat.app.lineage.tried_properties import tried_properties
from qcompat.app.start_line import StartLine, start_line
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.event import Held
from qcompat.lineage.lineage import PowerCycle
from qcompat.lineage.marks import to_set
from qcompat.lineage.observed import (
    Disagreement,
    corrected,
    covers_virtio,
    disagreements,
    verdict_of_observed,
)
from qcompat.lineage.plugged.line_of_now import LineOfNow
from qcompat.lineage.properties import KeptProperties, keep_properties
from qcompat.lineage.verdict import verdict_on
from qcompat.portrait.portrait import Gap, Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable


class Carry(msgspec.Struct, frozen=True):
    """What the start on the target must set.

    `held` are the settings, marks included; `new` of them were no marks. `own` are the user's
    arguments as they were, `start` the whole line with the settings in it, as the target reads
    it. `properties` is what was compared where there is no portrait. `gaps` say what could not be
    learned of the running guest. `is_recorded` says that its lineage was known. `line` says what
    came and went since its start: `own` is without and with it already. `has_state` says that the
    verdict stands on the device state of the running guest, not on its answers and its twin.
    """

    source: str
    target: str
    guest: str
    verdict: Verdict
    held: tuple[Held, ...]
    new: tuple[Setting, ...]
    start: StartLine
    own: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    unrepairable: Unrepairable | None = None
    properties: KeptProperties | None = None
    lacking: str = ""
    gaps: tuple[Gap, ...] = ()
    is_recorded: bool = False
    line: LineOfNow | None = None
    has_state: bool = False


async def carry(portraits: Portraits, known: KnownGuest, target: str) -> Carry:
    """What the start on `target` must set. Errors: as `Portraits.of`."""
    cycle = known.recorded.cycle if known.recorded else None
    marks = cycle.marks if cycle else ()
    accel: AccelChoice = known.portrait.accel if known.portrait else "auto"
    on_target = await portraits_on(portraits, target, known.guest, marks, accel)
    if known.portrait is None:
        return await _without_portrait(portraits, known, on_target)
    source = _source(known, known.portrait)
    verdict = _verdict(known, source, on_target.portrait)
    found = None
    if verdict.tried in ("blocked", "drift"):
        found = await search_remedy(portraits, source, on_target, unchanged=True)
    if isinstance(found, Remedy):
        on_target = await with_remedy(portraits, on_target, found, source.portrait.accel)
        verdict = _verdict(known, source, on_target.portrait)
    return Carry(
        source=known.portrait.build,
        target=target,
        guest=_name(known),
        verdict=verdict,
        held=on_target.held,
        new=found.settings if isinstance(found, Remedy) else (),
        start=await start_line(
            portraits.registry,
            target,
            edit(known.arguments, to_set(on_target.held), known.portrait),
            has_stand_ins=known.arguments == known.guest.arguments,
        ),
        own=known.arguments,
        disagreements=_disagreements(known, known.portrait, cycle),
        unrepairable=found if isinstance(found, Unrepairable) else None,
        gaps=known.gaps,
        line=known.line,
        is_recorded=known.recorded is not None,
        has_state=_has_state(known.portrait),
    )


def _source(known: KnownGuest, portrait: Portrait) -> Carried:
    """What the guest carries: what it would send now, else by its lineage and what was observed."""
    if _has_state(portrait):
        return Carried(portrait)
    recorded = known.recorded
    history = carried(recorded.cycle, recorded.portraits) if recorded else None
    guest = history or Carried(portrait)
    if known.observed is None:
        return guest
    # what was observed needs no guess
    former = () if covers_virtio(known.observed) else guest.former
    return Carried(corrected(guest.portrait, known.observed), former)


def _has_state(portrait: Portrait) -> bool:
    """Whether the portrait has the state of the running guest itself, and all that it carries."""
    return portrait.moment == "running" and not portrait.lacks_state


def _verdict(known: KnownGuest, source: Carried, target: Portrait) -> Verdict:
    if _has_state(source.portrait):
        return verdict_on(source, target)
    if known.observed is not None and known.observed.virtio:
        return verdict_of_observed(source, known.observed, target)
    return verdict_on(source, target)


def _disagreements(
    known: KnownGuest, portrait: Portrait, cycle: PowerCycle | None
) -> tuple[Disagreement, ...]:
    if known.observed is None:
        return ()
    stored = known.recorded.portraits if known.recorded else {}
    here = stored.get(cycle.current.portrait) if cycle else None
    return disagreements(here or portrait, known.observed, cycle)


async def _without_portrait(
    portraits: Portraits, known: KnownGuest, on_target: TargetPortraits
) -> Carry:
    """Without a portrait of the guest: its properties are kept, and nothing is promised."""
    assert known.observed is not None
    wanted = keep_properties(known.observed.devices, on_target.portrait)
    found = await tried_properties(portraits, on_target, wanted)
    settings = (*to_set(on_target.held), *found.settings)
    return Carry(
        source=f"QEMU {known.observed.version} {known.observed.package}".strip(),
        target=on_target.build,
        guest=_name(known),
        verdict=UNKNOWN,
        held=(*on_target.held, *(Held(setting, "set") for setting in found.settings)),
        new=found.settings,
        start=await start_line(
            portraits.registry,
            on_target.build,
            edit(known.arguments, settings, on_target.fresh),
        ),
        own=known.arguments,
        properties=found,
        lacking=known.lacking,
        gaps=known.gaps,
        line=known.line,
    )


def _name(known: KnownGuest) -> str:
    if known.recorded:
        return known.recorded.lineage.name
    return known.observed.name if known.observed else ""
