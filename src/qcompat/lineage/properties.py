"""What a start elsewhere must set so that a guest's devices keep their properties.

From the running guest alone, where no portrait of it can be taken: every property that has
another value on the target is set to the guest's own. Which of them matter is unknown then.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.machine.value import are_equal, canonical
from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.places import HOST_SIDE, settable_owner
from qcompat.remedy.setting import Setting
from qcompat.rules.device.property_changed import DEFAULTS_ONLY


class Lost(msgspec.Struct, frozen=True):
    """A device that the target does not have, or a property of it with its value.

    `message` is what the target says to the property where it has it and refuses the value.
    """

    type: str
    path: str
    name: str = ""
    value: str = ""
    message: str = ""


class KeptProperties(msgspec.Struct, frozen=True):
    """`settings` keep what can be kept; `lost` is what the target does not have."""

    settings: tuple[Setting, ...] = ()
    lost: tuple[Lost, ...] = ()


def keep_properties(devices: tuple[Device, ...], target: Portrait) -> KeptProperties:
    """Compare the devices of a running guest with the target's for the same arguments."""
    theirs = {device.path: device for device in target.devices}
    lost = tuple(Lost(d.type, d.path) for d in devices if d.path not in theirs)
    pairs = [(device, theirs[device.path]) for device in devices if device.path in theirs]
    settings = tuple(each for one, other in pairs for each in _settings(one, other, target))
    gone = tuple(each for one, other in pairs for each in _gone(one, other))
    return KeptProperties(tuple(dict.fromkeys(settings)), (*lost, *gone))


def _settings(one: Device, other: Device, target: Portrait) -> Iterator[Setting]:
    owner = settable_owner(target, other)
    for name, value in sorted(one.properties.items()):
        own = other.properties.get(name)
        if own is not None and _counts(name) and not are_equal(value, own):
            yield Setting(owner.type, name, canonical(value), "device", owner.path)


def _gone(one: Device, other: Device) -> Iterator[Lost]:
    for name in sorted(one.properties.keys() - other.properties.keys()):
        if _counts(name):
            yield Lost(one.type, one.path, name, one.properties[name])


def _counts(name: str) -> bool:
    return name not in HOST_SIDE and name not in DEFAULTS_ONLY
