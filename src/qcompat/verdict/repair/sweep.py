"""Every single setting that the target offers where a guest is still refused: for the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.offers import Offers
from qcompat.remedy.places import GUEST, devices_of, own_devices, place_of
from qcompat.remedy.setting import Setting
from qcompat.verdict.repair.attempts import Asking, Settings
from qcompat.verdict.repair.cost import Judged
from qcompat.verdict.repair.goal import findings_at
from qcompat.verdict.repair.wide import every_property, turned_back

_AT_ONCE = 4
_NUMBERS = ("0", "1")
"""What a number is tried with where no finding names one."""


def blocked_places(found: Judged) -> tuple[str, ...]:
    """Where the target still refuses the stream."""
    return tuple(sorted(place for place, cost in found.costs.items() if cost.blocked))


def singles(found: Judged, offers: Offers) -> Mapping[str, Settings]:
    """By blocked place every setting that could be made there, each to be tried on its own.

    What bars the whole guest may be any of its devices: there they are those of all of them.
    """
    if found.portrait is None:
        return {}
    return {
        place: tuple(dict.fromkeys(_every(found, found.portrait, place, offers)))
        for place in blocked_places(found)
    }


def devices_in_question(portrait: Portrait, place: str) -> tuple[Device, ...]:
    """The devices whose properties might help at a place."""
    return own_devices(portrait) if place == GUEST else devices_of(portrait, place)


def _every(found: Judged, portrait: Portrait, place: str, offers: Offers) -> Iterator[Setting]:
    findings = tuple(findings_at(found, place))
    places = dict.fromkeys(place_of(each) for each in devices_in_question(portrait, place))
    for each in (*places, *([GUEST] if place == GUEST else [])):
        for candidate in turned_back(portrait, each, offers):
            yield candidate.setting
        for candidate in every_property(portrait, each, offers, findings, _NUMBERS):
            yield candidate.setting


def each_alone(pool: Settings) -> Asking:
    """Each setting tried alone, some at once; returns the first that holds, else none."""
    for start in range(0, len(pool), _AT_ONCE):
        batch = tuple((setting,) for setting in pool[start : start + _AT_ONCE])
        answers = yield batch
        for one, holds in zip(batch, answers, strict=True):
            if holds:
                return one
    return ()
