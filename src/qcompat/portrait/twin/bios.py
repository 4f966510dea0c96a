"""Firmware that boots in the place of firmware that is not read: SeaBIOS at its end.

A guest's own firmware is never opened, so a twin has zeros in its flash or a stub in its ROM, of
the same size. To be booted it gets the build's SeaBIOS there. The processor starts 16 bytes before
the end of either, where SeaBIOS has its entry, whatever comes before it; and QEMU shows the last
128 KiB below 1 MiB (pc_isa_bios_init, hw/i386/pc_sysfw.c).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qcompat.guest.arguments import words_of
from qcompat.guest.command_line import read
from qcompat.guest.option import Option, parse_size
from qcompat.qemu.supplies.names import firmware, supplies_in

NAME = "bios-256k.bin"
SIZE = 256 << 10


def firmware_sizes(arguments: Sequence[str]) -> tuple[int, ...]:
    """The sizes of the guest's own firmware, which a twin has not."""
    options = read(arguments)
    sizes = (_size(option, _nodes(options)) for option in options)
    return tuple(size for size in sizes if size is not None)


def _nodes(options: Sequence[Option]) -> frozenset[str]:
    return frozenset(option.get("pflash0") for option in options if option.has("pflash0"))


def _size(option: Option, nodes: frozenset[str]) -> int | None:
    """The size of the stand-in for firmware that the option is; None where it is none."""
    if option.name == "bios":
        found = (
            size for name, size in supplies_in([option.text]).items() if name == firmware(size)
        )
        return next(found, None)
    is_null = "null-co" in (option.get("driver"), option.get("file.driver"))
    is_first = option.get("if") == "pflash" and option.get("unit", "0") == "0"
    is_drive = option.name == "drive" and is_first
    is_node = option.name == "blockdev" and option.get("node-name") in nodes
    if not is_null or not (is_drive or is_node):
        return None
    return parse_size(option.get("file.size") or option.get("size"))


def with_bios(arguments: Sequence[str], path_of: Callable[[int], str]) -> tuple[str, ...]:
    """The arguments with firmware that boots; `path_of` gives a file of a size that ends in it."""
    options = read(arguments)
    nodes = _nodes(options)

    def held(option: Option) -> Option:
        size = _size(option, nodes)
        if size is None or size < SIZE:
            return option
        path = path_of(size)
        if option.name == "bios":
            return Option("bios", text=path)
        file = (("file.driver", "file"), ("file.filename", path), ("file.locking", "off"))
        if option.name == "drive":
            kept = option.without("file.driver", "file.size", "file.read-zeroes")
            return kept.adding(*file)
        kept = option.without("driver", "size", "read-zeroes")
        return kept.having((("driver", "raw"), *file, *kept.pairs))

    return words_of(held(option) for option in options)
