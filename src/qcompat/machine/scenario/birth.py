"""What a guest shows at an end where it is started."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.machine.scenario.effective import Origin, Refused, Setting, effective, types_of
from qcompat.machine.scenario.model import End, Guest, Picture, Visible

Place = tuple[str, str]
"""A device of the guest, and something visible of it, by name."""


class Shown(msgspec.Struct, frozen=True):
    """A visible value and where it comes from; None where the scenario does not say."""

    value: str | None
    origin: Origin


Look = Mapping[Place, Shown]


def born(picture: Picture, guest: Guest, end: End) -> Look:
    """Everything that `guest` shows when `end` starts it; raises Refused where it cannot."""
    build = picture.builds[end.build]
    if guest.machine not in build.machines:
        raise Refused(f"{build.name} does not have {guest.machine}")
    look: dict[Place, Shown] = {}
    for device in guest.devices:
        types = types_of(device.type, picture.kinds)
        if set(build.lacks) & set(types):
            raise Refused(f"{build.name} does not have {device.type}")
        values = effective(build, picture.kinds, guest.machine, device, end.set)
        for visible in picture.visible.values():
            if visible.of in types:
                shown = _shown(picture, guest, end, visible, values)
                look[device.name, visible.name] = shown
    return look


def _shown(
    picture: Picture, guest: Guest, end: End, visible: Visible, values: Mapping[str, Setting]
) -> Shown:
    build = picture.builds[end.build]
    setting = values.get(visible.property)
    if (fixed := build.behaviour.get(visible.name)) is not None:
        shown = Shown(fixed, Origin("behaviour", build.name))
    elif setting is not None and setting.value == "auto":
        shown = Shown(str(guest.cpus), _auto(guest, setting.origin))
    elif setting is not None:
        shown = Shown(setting.value, setting.origin)
    else:
        return Shown(None, Origin("not in the scenario: behaviour", build.name))
    return _on_host(picture, end, visible, shown)


def _auto(guest: Guest, origin: Origin) -> Origin:
    return Origin(f"auto with {guest.cpus} CPUs, {origin.layer}", origin.build)


def _on_host(picture: Picture, end: End, visible: Visible, shown: Shown) -> Shown:
    if not visible.feature or not end.host or shown.value != "on":
        return shown
    if visible.feature in picture.hosts[end.host]:
        return shown
    return Shown("off", Origin(f"no {visible.feature} on host {end.host}"))
