"""Whether a guest in some state can go to an end, and what it sees there.

One hop needs no knowledge of where the guest was born: what it shows now is its state.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from qcompat.machine.scenario.birth import Look, Place, Shown, born
from qcompat.machine.scenario.effective import Origin, Refused
from qcompat.machine.scenario.model import Answer, Check, End, Guest, Picture, Travels, Visible

GRAVITY: tuple[Answer, ...] = ("blocked", "unknown", "drift", "ok")
"""The verdicts, gravest first."""


Kept = frozenset[str]
"""Names of visible values that a guest made stay until it powers off."""


class Reason(msgspec.Struct, frozen=True):
    """Why a hop is not `ok`: of which device what differs, both values and their origins."""

    verdict: Answer
    text: str
    device: str = ""
    visible: str = ""
    property: str = ""
    source: str | None = None
    target: str | None = None
    source_origin: Origin | None = None
    target_origin: Origin | None = None


class Hop(msgspec.Struct, frozen=True):
    """A verdict with its reasons, and the state of the guest afterwards (None: not there)."""

    verdict: Answer
    reasons: tuple[Reason, ...] = ()
    look: Look | None = None


def go(picture: Picture, guest: Guest, state: Look, end: End, kept: Kept = frozenset()) -> Hop:
    """Send a guest that shows `state`, and keeps what is in `kept`, to `end`."""
    try:
        own = born(picture, guest, end)
    except Refused as refused:
        return Hop("blocked", (Reason("blocked", f"the target does not start: {refused}"),))
    reasons = tuple(_reasons(picture, state, own, end, kept))
    verdict = gravest(reason.verdict for reason in reasons)
    if verdict == "blocked":
        return Hop(verdict, tuple(reason for reason in reasons if reason.verdict == verdict))
    return Hop(verdict, reasons, arrived(picture, state, own, kept))


def arrived(picture: Picture, state: Look, own: Look, kept: Kept) -> Look:
    """What the guest shows after its load: its own state as far as that travels."""
    return {
        place: state[place] if _travels(picture, place, kept) != "no" else shown
        for place, shown in own.items()
    }


def after_reset(picture: Picture, state: Look, own: Look, kept: Kept) -> Look:
    """What the guest shows after a reset at an end that by itself shows `own`."""
    return {
        place: state[place] if _travels(picture, place, kept) == "until-power-off" else shown
        for place, shown in own.items()
    }


def gravest(verdicts: Iterable[Answer]) -> Answer:
    """The gravest of some verdicts; `ok` of none."""
    return min(verdicts, key=GRAVITY.index, default="ok")


def accepts(check: Check, source: str, target: str) -> bool:
    """Whether a target that by itself has the value `target` takes the value `source`."""
    if check == "none" or source == target:
        return True
    return check == "at-least" and rank(source) < rank(target)


def rank(value: str) -> int:
    """A value as a number: `off` is 0, `on` is 1."""
    return {"off": 0, "on": 1}.get(value) or (int(value) if value.isdecimal() else 0)


def _reasons(picture: Picture, state: Look, own: Look, end: End, kept: Kept) -> Iterable[Reason]:
    for place, target in own.items():
        source, visible = state[place], picture.visible[place[1]]
        if source.value == target.value is not None:
            continue
        check = picture.builds[end.build].checks.get(visible.name, visible.check)
        verdict, text = _judge(visible, check, _travels(picture, place, kept), source, target)
        if verdict != "ok":
            yield _reason(verdict, text, place, visible, source, target)


def _judge(
    visible: Visible, check: Check, travels: Travels, source: Shown, target: Shown
) -> tuple[Answer, str]:
    if source.value is None or target.value is None:
        return "unknown", "a value is not known"
    if not accepts(check, source.value, target.value):
        said = f": {visible.refusal}" if visible.refusal else ""
        return "blocked", f"the target refuses another {visible.words}{said}"
    if travels == "no":
        return "drift", f"the guest sees another {visible.words}"
    if travels == "until-reset":
        return "drift", f"the guest sees another {visible.words} after its next reset"
    return "ok", ""


def _reason(
    verdict: Answer, text: str, place: Place, visible: Visible, source: Shown, target: Shown
) -> Reason:
    return Reason(
        verdict=verdict,
        text=text,
        device=place[0],
        visible=visible.name,
        property=visible.property,
        source=source.value,
        target=target.value,
        source_origin=source.origin,
        target_origin=target.origin,
    )


def _travels(picture: Picture, place: Place, kept: Kept) -> Travels:
    return "until-power-off" if place[1] in kept else picture.visible[place[1]].travels
