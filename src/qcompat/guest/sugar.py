"""Short forms of QEMU's command line, rewritten to the long ones that every build has.

`-hda`, `-cdrom`, `-soundhw`, `-usbdevice`, `-watchdog`, `-virtfs`, `-no-hpet` and the like;
the tables are `sugar.toml`. Backends named by a short form become ordinary backends here and
are replaced later, by `stand_ins`. `-set GROUP.ID.KEY=VALUE` changes an option that has an id;
QEMU carries it out while it reads the arguments (system/vl.c, qemu_set_option), so a guest's
canonical arguments have the value in its place instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.errors import GuestError
from qcompat.guest.known_options import known_options
from qcompat.guest.option import Option, Pairs, parse_fields

_SETTING = re.compile(r"([^.]+)\.([^.]+)\.([^=]+)=(.*)", re.DOTALL)

_SPEAKER = "speaker"

Expander = Callable[[Option], Iterable[Option]]


class Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tables of `sugar.toml`."""

    sound: Mapping[str, tuple[str, ...]]
    usb: Mapping[str, str]
    drive: Mapping[str, str]
    machine: Mapping[str, str]


@cache
def forms() -> Forms:
    return read_table("qcompat.guest", "sugar.toml", Forms)


def expand(options: Iterable[Option]) -> tuple[Option, ...]:
    """All short forms written out, and devices in the order in which QEMU creates them.

    QEMU makes sound hardware first, then `-usbdevice`, then `-device key=value`, then
    `-device JSON` (system/vl.c, qemu_create_cli_devices).
    """
    expanded = [long for option in options for long in _expand(option)]
    devices = sorted((o for o in expanded if o.name == "device"), key=turn)
    return (*(o for o in expanded if o.name != "device"), *_without_needless_json(devices))


def turn(device: Option) -> int:
    """Which of the devices QEMU makes first: the lowest, and in the order given where equal."""
    if device.written.startswith(("-soundhw", "-audio")):
        return 0
    if device.written.startswith("-usbdevice"):
        return 1
    return 3 if device.json else 2


def _without_needless_json(devices: list[Option]) -> Iterable[Option]:
    """The text form, which 5.2 reads too, up to the first device that only JSON can say."""
    needed = False
    for device in devices:
        needed = needed or (bool(device.json) and _is_deep(device))
        yield device if needed or not device.json else msgspec.structs.replace(device, json="")


def _is_deep(device: Option) -> bool:
    return any("." in key for key, _ in device.pairs)


def _expand(option: Option) -> Iterable[Option]:
    expander = _EXPANDERS.get(option.name)
    return expander(option) if expander else (option,)


def _long(option: Option, name: str, *pairs: tuple[str, str]) -> Option:
    return Option(name=name, pairs=pairs, written=option.written)


def _drive(option: Option) -> Iterable[Option]:
    pairs = parse_fields(forms().drive[option.name])
    yield _long(option, "drive", *pairs, ("file", option.text))


def _machine(option: Option) -> Iterable[Option]:
    yield _long(option, "machine", *parse_fields(forms().machine[option.name]))


def _accel(option: Option) -> Iterable[Option]:
    if option.has("kernel-irqchip"):
        yield _long(option, "machine", ("kernel-irqchip", option.get("kernel-irqchip")))
    if option.has("xen-version"):
        yield _long(option, "xen-emulation")


def _sound(option: Option) -> Iterable[Option]:
    for model in option.text.split(","):
        yield from _sound_devices(option, model, ())


def _audio(option: Option) -> Iterable[Option]:
    audiodev = option.get("id", "audio0")
    yield _long(option, "audiodev", ("driver", "none"), ("id", audiodev))
    if option.has("model"):
        yield from _sound_devices(option, option.get("model"), (("audiodev", audiodev),))


def _sound_devices(option: Option, model: str, audiodev: Pairs) -> Iterable[Option]:
    if model == "pcspk":
        yield from _speaker(option, audiodev)
        return
    if model not in forms().sound:
        known = ", ".join(forms().sound)
        raise GuestError(f"no sound hardware is called {model}", f"there are {known}, pcspk")
    *controllers, voice = forms().sound[model]
    yield from (_long(option, "device", ("driver", type_)) for type_ in controllers)
    yield _long(option, "device", ("driver", voice), *audiodev)


def _speaker(option: Option, audiodev: Pairs) -> Iterable[Option]:
    """The PC speaker is there anyhow; its backend has a section in what 5.2 sends (audio.c)."""
    name = dict(audiodev).get("audiodev", _SPEAKER)
    if name == _SPEAKER:
        yield _long(option, "audiodev", ("driver", "none"), ("id", name))
    yield _long(option, "machine", ("pcspk-audiodev", name))


def _usbdevice(option: Option) -> Iterable[Option]:
    type_ = forms().usb.get(option.text)
    if type_ is None:
        known = ", ".join(forms().usb)
        raise GuestError(f"no USB device is called {option.text}", f"-usbdevice knows {known}")
    yield _long(option, "machine", ("usb", "on"))
    if type_ == "usb-braille":
        yield _long(option, "chardev", ("backend", "null"), ("id", "braille"))
        yield _long(option, "device", ("driver", type_), ("chardev", "braille"))
    else:
        yield _long(option, "device", ("driver", type_))


def _watchdog(option: Option) -> Iterable[Option]:
    yield _long(option, "device", ("driver", option.text))


def _virtfs(option: Option) -> Iterable[Option]:
    name = option.get("id") or option.get("mount_tag")
    tag = ("mount_tag", option.get("mount_tag"))
    yield _long(option, "fsdev", ("fsdriver", option.get("fsdriver")), ("id", name))
    yield _long(option, "device", ("driver", "virtio-9p-pci"), ("fsdev", name), tag)


_EXPANDERS: Mapping[str, Expander] = (
    dict.fromkeys(forms().drive, _drive)
    | dict.fromkeys(forms().machine, _machine)
    | {
        "accel": _accel,
        "soundhw": _sound,
        "audio": _audio,
        "usbdevice": _usbdevice,
        "watchdog": _watchdog,
        "virtfs": _virtfs,
    }
)


def apply_settings(options: Sequence[Option]) -> tuple[Option, ...]:
    """The options with every `-set` carried out. Raises GuestError where one has no object."""
    settings = [option for option in options if option.name == "set"]
    rest = tuple(option for option in options if option.name != "set")
    for setting in settings:
        rest = _apply(setting, rest)
    return rest


def _apply(setting: Option, options: Sequence[Option]) -> tuple[Option, ...]:
    match = _SETTING.fullmatch(setting.text)
    if match is None:
        raise GuestError(f"{setting.written} cannot be parsed", "write -set group.id.key=value")
    group, id_, key, value = match.groups()
    if known_options().get(group) is None:
        raise GuestError(
            f"{setting.written}: there is no group {group}", "groups are device, drive and the like"
        )
    changed = tuple(
        o.without(key).adding((key, value)) if o.name == group and o.get("id") == id_ else o
        for o in options
    )
    if changed == tuple(options) and not any(o.get("id") == id_ for o in options):
        raise GuestError(f"{setting.written}: no -{group} has the id {id_}", "check its spelling")
    return changed
