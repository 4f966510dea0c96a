"""Which kinds of back ends an option asks for: the words that a build has, or has not.

-audiodev pa,id=a                                  (audiodev, pa)
-blockdev driver=qcow2,file.driver=rbd,…           (drive, qcow2), (drive, rbd)
-drive file=nbd://host/disk                        (drive, nbd:)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from qcompat.guest.option import Option, parse_fields

KEYS = {
    "audiodev": "driver",
    "chardev": "backend",
    "fsdev": "fsdriver",
    "virtfs": "fsdriver",
    "netdev": "type",
    "object": "qom-type",
    "tpmdev": "type",
    "accel": "accel",
    "display": "type",
}
"""The key that names the kind, by option."""
_PROTOCOL = re.compile(r"(?!json:|fat:)([a-z][a-z0-9+]+):")
_DISKS = frozenset({"drive", "blockdev"})


class BackEndKind(msgspec.Struct, frozen=True):
    """A kind, and the option with which a build can be asked for it.

    `members` are the other keys that the user gave it, with their values, where a build tells only
    when it makes the back end whether it knows them.
    """

    option: str
    kind: str
    members: tuple[tuple[str, str], ...] = ()


def back_end_kinds(option: Option) -> Iterator[BackEndKind]:
    """Those of one option. A protocol in front of an image's name ends with a colon."""
    if option.name == "usbdevice":
        yield BackEndKind("usbdevice", option.text)
    elif option.name in _DISKS:
        yield from _of_disk(option)
    elif key := KEYS.get(option.name):
        fields = dict(option.pairs or parse_fields(option.text, key))
        if kind := fields.pop(key, ""):
            is_late = option.name in ("netdev", "object")
            fields.pop("id", "")
            yield BackEndKind(option.name, kind, tuple(fields.items()) if is_late else ())


def _of_disk(option: Option) -> Iterator[BackEndKind]:
    for key, value in option.pairs:
        if key.rpartition(".")[2] in ("driver", "format") and value:
            yield BackEndKind("drive", value)
        elif key == "file" and option.name == "drive" and (found := _PROTOCOL.match(value)):
            yield BackEndKind("drive", found[0])
