"""Objects: memory, random numbers and ciphers that need nothing of the host; the table is
`objects.toml`.

RAM in a file or on huge pages becomes a file of the sandbox without a name, that of a twin
(`portrait/twin`) another one: the guest and the stream see only the block's name and size, where
its alignment puts it, and that it is not anonymous (virtio-mem offers a feature then). A file is
aligned to its page size. Up to 3.1 machine types name the block of a file-backed object by its full
path (hw/core/machine.c, hw_compat_3_1).
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
_FILE = "memory-backend-file"
_PLACE = ("mem-path", "/tmp")  # noqa: S108 - private in the sandbox; QEMU makes and removes a file
_PAGE, _HUGE_PAGE = 4 << 10, 2 << 20
# Where huge pages of 1 GiB are mounted: Proxmox, systemd and libvirt's documentation.
_LARGEST_PAGE, _LARGEST_PAGES = 1 << 30, re.compile(r"1048576kB|1G", re.I)


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
    pages = {o.get("id"): page_size(o) for o in options if o.name == "object"}

    def change(option: Option) -> Iterable[Option | Uncovered]:
        return _object(option, machine) if option.name == "object" else (_device(option, pages),)

    return each(options, change)


def _object(option: Option, machine: str) -> Iterable[Option | Uncovered]:
    type_ = option.get("qom-type")
    entry = table().get(
        type_, Entry(reason="objects of this type are not known, so it is left out")
    )
    if entry.becomes:
        kept = option.pairs if "*" in entry.keep else option.only(*entry.keep).pairs
        kept = tuple((key, _spelt(key, value)) for key, value in kept if key != "qom-type")
        if entry.becomes == _FILE:
            kept = (*kept, *_alignment(option), _PLACE)
        yield option.having((("qom-type", entry.becomes), *kept, *_name(option, machine)))
    if entry.reason:
        yield Uncovered(option.written, entry.reason, entry.loses)


def _spelt(key: str, value: str) -> str:
    """Sizes in one spelling, so that `4096M` and `4294967296` make one guest."""
    size = parse_size(value) if key == "size" else None
    return value if size is None else format_size(size)


def page_size(option: Option) -> int:
    """The size of the pages that memory lies on, as far as the option tells, in bytes."""
    type_, path = option.get("qom-type"), option.get("mem-path")
    if type_ == "memory-backend-memfd" and option.get("hugetlb") in {"on", "yes", "true", "y"}:
        return parse_size(option.get("hugetlbsize")) or _HUGE_PAGE
    if type_ == _FILE and "hugepages" in path:
        return _LARGEST_PAGE if _LARGEST_PAGES.search(path) else _HUGE_PAGE
    return _PAGE


def _alignment(option: Option) -> Iterable[tuple[str, str]]:
    """The larger of the page size and what the user gave (file_ram_alloc, system/physmem.c)."""
    given = parse_size(option.get("align")) or 0
    if (aligned := max(given, page_size(option))) > _PAGE:
        yield "align", format_size(aligned)


def _device(option: Option, pages: Mapping[str, int]) -> Option:
    """A virtio-mem on huge pages with their size as its block size, if that is the larger one.

    (virtio_mem_default_block_size, hw/virtio/virtio-mem.c)
    """
    is_memory = option.name == "device" and option.get("driver").startswith("virtio-mem")
    page = pages.get(option.get("memdev"), 0)
    if not is_memory or option.has("block-size") or page <= _HUGE_PAGE:
        return option
    return option.adding(("block-size", format_size(page)))


def _name(option: Option, machine: str) -> Iterable[tuple[str, str]]:
    old = re.search(r"-([0-3])\.(\d+)$", machine)
    path_named = old and (int(old[1]), int(old[2])) < (4, 0)
    if path_named and option.get("qom-type") in _FILE_BACKED and not option.has(_PATH_NAMED):
        yield _PATH_NAMED, "on"
