"""What was unplugged leaves the line, its back end with it; what stays keeps its place.

QEMU places devices without an address in the order of the line, so the ones behind a gap would
move up: those get the address that they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qcompat.guest.option import Option
from qcompat.lineage.plugged.device_words import spelt
from qcompat.lineage.plugged.start_devices import StartDevice
from qcompat.remedy.options import Options, Written
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import edited_value

_BACK_ENDS = ("netdev", "blockdev", "drive", "chardev", "object", "fsdev")
_SHARED = ("iothread", "secret", "throttle-group")
"""Objects that serve many, and that no guest sees: they stay."""
_NAMES = ("id", "node-name")


def take_out(options: Options, went: Iterable[StartDevice]) -> None:
    """Take these devices out, and every back end that only they used."""
    left = list(went)
    for each in left:
        options.drop(each.written)
    unused = [name for each in left for name in _names(each.made)]
    while unused:
        name = unused.pop()
        made_by = _back_end(options, name)
        if made_by is None or _is_used(options, name, made_by):
            continue
        options.drop(made_by)
        unused += _names(made_by.read())


def pin(started: Sequence[StartDevice]) -> None:
    """Give what stands behind a gap the address that it has."""
    first = next((n for n, each in enumerate(started) if each.is_gone), len(started))
    for each in started[first:]:
        if each.now is None or each.written.name != "device":
            continue
        for name, value in each.now.place.items():
            if not each.made.has(name) and (name != "slot" or not each.now.bus):
                _put(each.written, name, spelt(value))
        if each.now.place and each.now.bus and not each.made.has("bus"):
            _put(each.written, "bus", each.now.bus_name)


def _put(written: Written, name: str, value: str) -> None:
    kind = "" if name in ("lun", "scsi-id", "channel", "nr", "unit", "slot", "node") else "str"
    written.value = edited_value(written.value, Setting("", name, value), "driver", kind)


def _back_end(options: Options, name: str) -> Written | None:
    for each in options.all():
        if each.name in _BACK_ENDS:
            made = each.read()
            is_shared = each.name == "object" and made.get("qom-type") in _SHARED
            if not is_shared and name in [made.get(key) for key in _NAMES]:
                return each
    return None


def _is_used(options: Options, name: str, made_by: Written) -> bool:
    return any(
        name in _names(made)
        for each in options.all()
        if each is not made_by
        for made in each.makes()
    )


def _names(made: Option) -> Iterator[str]:
    """Every value of an option that may name another, but its own name."""
    yield from (value for key, value in made.pairs if key not in (*_NAMES, "driver", "qom-type"))
