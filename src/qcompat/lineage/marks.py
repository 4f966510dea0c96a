"""How a build has a guest's marks: which its start must set, which are its defaults.

Read from the build's portrait of the guest without them: every property of a device is in it
with its effective value. The properties of a machine are in no portrait, so such a mark is
always set, and so is a whole option of the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qcompat.lineage.event import Held
from qcompat.machine.value import are_equal
from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.places import inner_of
from qcompat.remedy.setting import Setting


def marks_on(settings: Iterable[Setting], plain: Portrait) -> tuple[Held, ...]:
    """Each setting as the build of `plain` has it; `plain` is without any of them."""
    return tuple(_held(setting, plain) for setting in settings)


def to_set(held: Iterable[Held]) -> tuple[Setting, ...]:
    """What the start has to set."""
    return tuple(each.setting for each in held if each.how == "set")


def _held(setting: Setting, plain: Portrait) -> Held:
    if setting.reach in ("machine", "argument"):
        return Held(setting, "set")
    found = tuple(_values(setting, plain))
    if not found:
        return Held(setting, "absent")
    is_default = all(are_equal(value, setting.value) for value in found)
    return Held(setting, "default" if is_default else "set")


def _values(setting: Setting, plain: Portrait) -> Iterator[str]:
    """The property's values on whatever the setting reaches."""
    if setting.reach == "cpu":
        properties = plain.cpu.properties if plain.cpu else {}
        yield from (properties[name] for name in (setting.name,) if name in properties)
        return
    for device in plain.devices:
        if device.path == setting.path if setting.path else _is_of(device, setting.driver, plain):
            yield from _value(device, setting.name, plain)


def _is_of(device: Device, driver: str, plain: Portrait) -> bool:
    """Whether a setting by type reaches the device; a portrait has no types' parents."""
    known = {each.type for each in plain.devices}
    return device.type == driver or driver not in known


def _value(device: Device, name: str, plain: Portrait) -> Iterator[str]:
    """The device's value; a virtio device's is that of the one inside it."""
    inner = inner_of(plain, device)
    for each in (device, *([inner] if inner else [])):
        if name in each.properties:
            yield each.properties[name]
            return
