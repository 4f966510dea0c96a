"""What the next start of a guest must say, from what is known of the guest itself."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.known import Known
from qcompat.app.lineage.move import UNKNOWN, repaired, with_remedy
from qcompat.app.lineage.picture import Picture, picture
from qcompat.lineage.carried import Carried, carried
from qcompat.lineage.event import Held
from qcompat.lineage.keeping import Kept, keep
from qcompat.lineage.lineage import Life
from qcompat.lineage.seen import (
    Disagreement,
    corrected,
    covers_virtio,
    disagreements,
    verdict_seen,
)
from qcompat.lineage.standing import stand
from qcompat.portrait.portrait import Gap, Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.remedy.edit import edit
from qcompat.remedy.setting import Setting
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable


class Carry(msgspec.Struct, frozen=True):
    """What the start on the target must say.

    `held` are the settings, marks included, of which `new` were no marks; `own` are the user's
    arguments as they were, `arguments` the whole line with the settings in it. `kept` holds what
    is compared where there is no portrait. `gaps` say what could not be learned of the running
    guest. `is_recorded` says that its lineage was known.
    """

    source: str
    target: str
    guest: str
    verdict: Verdict
    held: tuple[Held, ...]
    new: tuple[Setting, ...]
    arguments: tuple[str, ...]
    own: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    unrepairable: Unrepairable | None = None
    kept: Kept | None = None
    lacking: str = ""
    gaps: tuple[Gap, ...] = ()
    is_recorded: bool = False


async def carry(portraits: Portraits, known: Known, target: str) -> Carry:
    """What the start on `target` must say. Errors: as `Portraits.of`."""
    life = known.recorded.life if known.recorded else None
    marks = life.marks if life else ()
    accel: AccelChoice = known.portrait.accel if known.portrait else "auto"
    shown = await picture(portraits, target, known.guest, marks, accel)
    if known.portrait is None:
        return _blind(known, shown)
    source = _source(known, known.portrait)
    verdict = _verdict(known, source, shown.portrait)
    found = None
    if verdict.verdict in ("blocked", "drift"):
        found = await repaired(portraits, source, shown, unchanged=True)
    if isinstance(found, Remedy):
        shown = await with_remedy(portraits, shown, found, source.portrait.accel)
        verdict = _verdict(known, source, shown.portrait)
    return Carry(
        source=known.portrait.build,
        target=target,
        guest=_name(known),
        verdict=verdict,
        held=shown.held,
        new=found.settings if isinstance(found, Remedy) else (),
        arguments=_line(known, known.portrait, shown),
        own=known.arguments,
        disagreements=_disagreements(known, known.portrait, life),
        unrepairable=found if isinstance(found, Unrepairable) else None,
        gaps=known.seen.gaps if known.seen else (),
        is_recorded=known.recorded is not None,
    )


def _source(known: Known, portrait: Portrait) -> Carried:
    """What the guest carries, by its lineage and by what was observed."""
    recorded = known.recorded
    history = carried(recorded.life, recorded.kept) if recorded else None
    guest = history or Carried(portrait)
    if known.seen is None:
        return guest
    former = () if covers_virtio(known.seen) else guest.former  # what was seen needs no guess
    return Carried(corrected(guest.portrait, known.seen), former)


def _verdict(known: Known, source: Carried, target: Portrait) -> Verdict:
    if known.seen is not None and known.seen.virtio:
        return verdict_seen(source, known.seen, target)
    return stand(source, target)


def _disagreements(known: Known, portrait: Portrait, life: Life | None) -> tuple[Disagreement, ...]:
    if known.seen is None:
        return ()
    here = known.recorded.kept.get(life.here.portrait) if known.recorded and life else None
    return disagreements(here or portrait, known.seen, life)


def _blind(known: Known, shown: Picture) -> Carry:
    """Without a portrait of the guest: its properties are kept, and nothing is promised."""
    assert known.seen is not None
    found = keep(known.seen.devices, shown.portrait)
    said = (*(held.setting for held in shown.held if held.how == "set"), *found.settings)
    return Carry(
        source=f"QEMU {known.seen.version} {known.seen.package}".strip(),
        target=shown.build,
        guest=_name(known),
        verdict=UNKNOWN,
        held=(*shown.held, *(Held(setting, "set") for setting in found.settings)),
        new=found.settings,
        arguments=edit(known.arguments, said, shown.fresh),
        own=known.arguments,
        kept=found,
        lacking=known.lacking,
        gaps=known.seen.gaps,
    )


def _line(known: Known, portrait: Portrait, shown: Picture) -> tuple[str, ...]:
    said = tuple(held.setting for held in shown.held if held.how == "set")
    return edit(known.arguments, said, portrait)


def _name(known: Known) -> str:
    if known.recorded:
        return known.recorded.lineage.name
    return known.seen.name if known.seen else ""
