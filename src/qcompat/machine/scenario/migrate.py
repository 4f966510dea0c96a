"""What a guest shows where it starts, whether it can go to another end, and what it sees there.

One hop does not depend on where the guest was started first: what it shows now is its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from qcompat.machine.scenario.effective import Origin, Refused, Setting, effective, types_of
from qcompat.machine.scenario.model import Answer, Check, End, Guest, Inventory, Travels, Visible

GRAVITY: tuple[Answer, ...] = ("blocked", "unknown", "drift", "ok")
"""The verdicts, gravest first."""

Place = tuple[str, str]
"""A device of the guest, and something visible of it, by name."""


class Shown(msgspec.Struct, frozen=True):
    """A visible value and where it comes from; None where the scenario does not define it."""

    value: str | None
    origin: Origin


View = Mapping[Place, Shown]
Kept = frozenset[str]
"""Names of visible values that a guest keeps until it powers off."""


class Reason(msgspec.Struct, frozen=True):
    """Why a hop is not `ok`: the device, what differs, both values and their origins."""

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
    """A verdict with its reasons, and what the guest shows afterwards (None: it did not arrive)."""

    verdict: Answer
    reasons: tuple[Reason, ...] = ()
    view: View | None = None


def start(inventory: Inventory, guest: Guest, end: End) -> View:
    """Everything that `guest` shows when `end` starts it; raises Refused where it cannot."""
    build = inventory.builds[end.build]
    if guest.machine not in build.machines:
        raise Refused(f"{build.name} does not have {guest.machine}")
    view: dict[Place, Shown] = {}
    for device in guest.devices:
        types = types_of(device.type, inventory.types)
        if set(build.lacks) & set(types):
            raise Refused(f"{build.name} does not have {device.type}")
        values = effective(build, inventory.types, guest.machine, device, end.set)
        for visible in inventory.visible.values():
            if visible.of in types:
                shown = _shown(inventory, guest, end, visible, values)
                view[device.name, visible.name] = shown
    return view


def _shown(
    inventory: Inventory, guest: Guest, end: End, visible: Visible, values: Mapping[str, Setting]
) -> Shown:
    build = inventory.builds[end.build]
    setting = values.get(visible.property)
    if (fixed := build.behaviour.get(visible.name)) is not None:
        shown = Shown(fixed, Origin("behaviour", build.name))
    elif setting is not None and setting.value == "auto":
        shown = Shown(str(guest.cpus), _auto(guest, setting.origin))
    elif setting is not None:
        shown = Shown(setting.value, setting.origin)
    else:
        return Shown(None, Origin("not in the scenario: behaviour", build.name))
    return _on_host(inventory, end, visible, shown)


def _auto(guest: Guest, origin: Origin) -> Origin:
    return Origin(f"auto with {guest.cpus} CPUs, {origin.layer}", origin.build)


def _on_host(inventory: Inventory, end: End, visible: Visible, shown: Shown) -> Shown:
    if not visible.feature or not end.host or shown.value != "on":
        return shown
    if visible.feature in inventory.hosts[end.host]:
        return shown
    return Shown("off", Origin(f"no {visible.feature} on host {end.host}"))


def migrate(
    inventory: Inventory, guest: Guest, state: View, end: End, kept: Kept = frozenset()
) -> Hop:
    """Migrate a guest that shows `state`, and keeps what is in `kept`, to `end`."""
    try:
        own = start(inventory, guest, end)
    except Refused as refused:
        return Hop("blocked", (Reason("blocked", f"the target does not start: {refused}"),))
    reasons = tuple(_reasons(inventory, state, own, end, kept))
    verdict = gravest(reason.verdict for reason in reasons)
    if verdict == "blocked":
        return Hop(verdict, tuple(reason for reason in reasons if reason.verdict == verdict))
    return Hop(verdict, reasons, arrived(inventory, state, own, kept))


def arrived(inventory: Inventory, state: View, own: View, kept: Kept) -> View:
    """What the guest shows after the load: its own state as far as that travels."""
    return {
        place: state[place] if _travels(inventory, place, kept) != "no" else shown
        for place, shown in own.items()
    }


def after_reset(inventory: Inventory, state: View, own: View, kept: Kept) -> View:
    """What the guest shows after a reset at an end where a fresh start shows `own`."""
    return {
        place: state[place] if _travels(inventory, place, kept) == "until-power-off" else shown
        for place, shown in own.items()
    }


def gravest(verdicts: Iterable[Answer]) -> Answer:
    """The gravest of some verdicts; `ok` of none."""
    return min(verdicts, key=GRAVITY.index, default="ok")


def accepts(check: Check, source: str, target: str) -> bool:
    """Whether a target whose own value is `target` accepts the value `source`."""
    if check == "none" or source == target:
        return True
    return check == "at-least" and rank(source) < rank(target)


def rank(value: str) -> int:
    """A value as a number: `off` is 0, `on` is 1."""
    return {"off": 0, "on": 1}.get(value) or (int(value) if value.isdecimal() else 0)


def _reasons(
    inventory: Inventory, state: View, own: View, end: End, kept: Kept
) -> Iterable[Reason]:
    for place, target in own.items():
        source, visible = state[place], inventory.visible[place[1]]
        if source.value == target.value is not None:
            continue
        check = inventory.builds[end.build].checks.get(visible.name, visible.check)
        verdict, text = _judge(visible, check, _travels(inventory, place, kept), source, target)
        if verdict != "ok":
            yield _reason(verdict, text, place, visible, source, target)


def _judge(
    visible: Visible, check: Check, travels: Travels, source: Shown, target: Shown
) -> tuple[Answer, str]:
    if source.value is None or target.value is None:
        return "unknown", "a value is unknown"
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


def _travels(inventory: Inventory, place: Place, kept: Kept) -> Travels:
    return "until-power-off" if place[1] in kept else inventory.visible[place[1]].travels
