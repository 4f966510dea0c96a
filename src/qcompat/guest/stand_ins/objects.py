"""Objects: memory, random numbers and ciphers that need nothing of the host; the table is
`objects.toml`.

RAM in a file or on huge pages becomes plain RAM: the guest and the stream see only the block's
name and size. Its name needs care: up to 3.1 machine types name the block of a
file-backed object by its full path (hw/core/machine.c, hw_compat_3_1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import msgspec

from qcompat.dataset import read_table
from qcompat.guest.guest import Loss, Uncovered
from qcompat.guest.option import Option, format_size, parse_size
from qcompat.guest.stand_ins.replaced import Replaced, each

_PATH_NAMED = "x-use-canonical-path-for-ramblock-id"
_FILE_BACKED = frozenset({"memory-backend-file", "memory-backend-memfd"})


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of one type; see the head of `objects.toml`."""

    becomes: str = ""
    keep: tuple[str, ...] = ()
    reason: str = ""
    loses: Loss = "state"


@cache
def table() -> Mapping[str, Entry]:
    return read_table("qcompat.guest.stand_ins", "objects.toml", dict[str, Entry])


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for every `-object`."""
    machine = next((o.get("type") for o in options if o.name == "machine"), "")

    def change(option: Option) -> Iterable[Option | Uncovered]:
        return _object(option, machine) if option.name == "object" else (option,)

    return each(options, change)


def _object(option: Option, machine: str) -> Iterable[Option | Uncovered]:
    type_ = option.get("qom-type")
    entry = table().get(
        type_, Entry(reason="objects of this type are not known, so it is left out")
    )
    if entry.becomes:
        kept = option.pairs if "*" in entry.keep else option.only(*entry.keep).pairs
        kept = tuple((key, _spelt(key, value)) for key, value in kept if key != "qom-type")
        yield option.having((("qom-type", entry.becomes), *kept, *_name(option, machine)))
    if entry.reason:
        yield Uncovered(option.written, entry.reason, entry.loses)


def _spelt(key: str, value: str) -> str:
    """Sizes in one spelling, so that `4096M` and `4294967296` make one guest."""
    size = parse_size(value) if key == "size" else None
    return value if size is None else format_size(size)


def _name(option: Option, machine: str) -> Iterable[tuple[str, str]]:
    old = re.search(r"-([0-3])\.(\d+)$", machine)
    path_named = old and (int(old[1]), int(old[2])) < (4, 0)
    if path_named and option.get("qom-type") in _FILE_BACKED and not option.has(_PATH_NAMED):
        yield _PATH_NAMED, "on"
