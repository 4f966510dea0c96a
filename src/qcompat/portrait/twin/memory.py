"""How a twin holds guest memory: each block is a sparse file of ours, mapped shared.

QEMU reserves nothing for such a block, so that it may be larger than this machine, and leaves it
out of the stream when it is told to (`save` puts in what was written). The guest cannot tell: a
block keeps its name, size and alignment. QEMU's anonymous memory is aligned to 2 MiB, files to
their page size (`QEMU_VMALLOC_ALIGN`, include/qemu/osdep.h, and file_ram_alloc, system/physmem.c).

    -m 4G -machine q35         -machine q35,memory-backend=pc.ram
                               -object memory-backend-file,id=pc.ram,size=4G,share=on,align=2M,…
    -object memory-backend-ram,id=m0,size=8G
                               -object memory-backend-file,id=m0,size=8G,share=on,align=2M,…

One device looks at what it is given: from 7.0 on virtio-mem offers UNPLUGGED_INACCESSIBLE unless
its memory is anonymous and private (virtio_mem_has_shared_zeropage, hw/virtio/virtio-mem.c). It
keeps that there, without a reservation; what is unplugged is never saved. Before 6.1 it hints at
what is unplugged, and a hint at a block that is left out is a crash (qemu_guest_free_page_hint,
migration/ram.c of 5.2). There only its own memory is in a file, and nothing is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import msgspec

from qcompat.arch.architecture import main_memory_of
from qcompat.guest.option import (
    Option,
    flatten,
    format_fields,
    format_size,
    parse_fields,
    parse_size,
)

_ANONYMOUS, _FILE = "memory-backend-ram", "memory-backend-file"
_ANONYMOUS_ALIGNMENT = "2M"
_OWN_NAME = "x-use-canonical-path-for-ramblock-id"
_IMPLIED = {
    "-object": "qom-type",
    "-machine": "type",
    "-m": "size",
    "-device": "driver",
    "-numa": "type",
}
_ON = frozenset({"on", "yes", "true", "y"})
_MOST = 1 << 52
"""Larger memory than an x86 processor can address is left to QEMU, which refuses it."""
_STEP = 8192
"""Memory is rounded up to this (system/vl.c, parse_memory_options)."""


class Block(msgspec.Struct, frozen=True):
    """A block of guest memory that is held in a file: its object's id, and its size in bytes."""

    id: str
    size: int


class Held(msgspec.Struct, frozen=True):
    """A guest's arguments with `blocks` in files; `is_left_out` says: of what QEMU saves."""

    arguments: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    is_left_out: bool = True


def hold(arguments: Sequence[str], path_of: Callable[[Block], str], *, can_look: bool) -> Held:
    """The arguments, with each block of memory in the file that `path_of` names.

    `can_look` says that the build's virtio-mem looks at what its memory is.
    """
    options = tuple(_options(arguments))
    plugged = _plugged(options)
    if is_left_out := can_look or not plugged:
        options = (*options, *_main_memory(options))
    blocks: list[Block] = []

    def held(option: Option) -> Option:
        if (block := _block(option)) is None:
            return option
        if block.id in plugged and can_look and _is_private(option):
            return Option(option.name, (*option.pairs, ("reserve", "off")))
        if not is_left_out and block.id not in plugged:
            return _anonymous(option)
        blocks.append(block)
        return _in_file(option, path_of(block))

    words = tuple(word for option in options for word in _words(held(option)))
    return Held(words, tuple(blocks), is_left_out)


def private(arguments: Sequence[str]) -> tuple[str, ...]:
    """The arguments with private memory, for a migration in which QEMU reads all of it.

    Reading a page of shared memory occupies one. A virtio-mem keeps its own: it is not read.
    """
    options = tuple(_options(arguments))
    plugged = _plugged(options)

    def held(option: Option) -> Option:
        block = _block(option)
        return option if block is None or block.id in plugged else _anonymous(option)

    return tuple(word for option in options for word in _words(held(option)))


def _options(arguments: Sequence[str]) -> Iterator[Option]:
    """The arguments as options; whatever is not looked at here stays a word in `text`."""
    words = iter(arguments)
    for name in words:
        if name not in _IMPLIED:
            yield Option("", text=name)
            continue
        value = next(words, "")
        is_json = value.startswith("{")
        pairs = tuple(flatten(json.loads(value))) if is_json else ()
        yield Option(name, pairs or parse_fields(value, _IMPLIED[name]), text=value)


def _words(option: Option) -> Iterator[str]:
    """As given, but for what was changed: the canonical form has no JSON there."""
    if option.name:
        yield option.name
    yield option.text or format_fields(option.pairs, _IMPLIED[option.name])


def _block(option: Option) -> Block | None:
    """The block that an object is, if it is one that can be held here."""
    if option.name != "-object" or option.get("qom-type") not in {_ANONYMOUS, _FILE}:
        return None
    size = parse_size(option.get("size"))
    return Block(option.get("id"), size) if size and size <= _MOST else None


def _in_file(option: Option, path: str) -> Option:
    """The object as a shared file; `align` and its name are what they were."""
    given = dict(option.pairs)
    if given["qom-type"] == _ANONYMOUS:
        given = {"align": _ANONYMOUS_ALIGNMENT, _OWN_NAME: "off"} | given
    given |= {"qom-type": _FILE, "mem-path": path, "share": "on"}
    return Option(option.name, tuple(given.items()))


def _anonymous(option: Option) -> Option:
    """The object as private memory, which is not filled by reading all of it for a stream."""
    kept = option.without("qom-type", "align", "mem-path", "share").pairs
    return Option(option.name, (("qom-type", _ANONYMOUS), *kept))


def _is_private(option: Option) -> bool:
    return option.get("qom-type") == _ANONYMOUS and option.get("share") not in _ON


def _plugged(options: Sequence[Option]) -> frozenset[str]:
    """The objects that are the memory of a virtio-mem."""
    devices = (o for o in options if o.name == "-device")
    return frozenset(o.get("memdev") for o in devices if o.get("driver").startswith("virtio-mem"))


def _main_memory(options: Sequence[Option]) -> Iterator[Option]:
    """What `-m` makes where nothing else is the main memory, as an option and an object."""
    machine = next((o for o in options if o.name == "-machine"), Option("-machine"))
    sizes = [o.get("size") for o in options if o.name == "-m" and o.get("size")]
    size = parse_size(sizes[-1], "M") if sizes else None
    name = main_memory_of(machine.get("type"))
    has_nodes = any(option.name == "-numa" and option.has("memdev") for option in options)
    if not name or not size or has_nodes or machine.has("memory-backend"):
        return
    rounded = format_size(-(-size // _STEP) * _STEP)
    yield Option("-machine", (("memory-backend", name),))
    yield Option("-object", (("qom-type", _ANONYMOUS), ("id", name), ("size", rounded)))
