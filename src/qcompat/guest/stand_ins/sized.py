"""Files whose size the guest or the stream shows: files of that size stand in, with other contents.

`-bios` decides the size of the RAM block pc.bios (hw/i386/x86-common.c, x86_bios_rom_init), a
`romfile` those of a ROM's block and BAR (hw/pci/pci.c, pci_add_option_rom), a file in `fw_cfg` is
listed with its size. The size is asked of the file system; the file is never opened. A name that
is no file here stays, for the stages that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.global_property import GlobalProperty, read_global
from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.image import size_of_file
from qcompat.guest.stand_ins.replaced import Replaced, each
from qcompat.qemu.supplies.names import firmware, is_supply, zeros

_LARGEST = 1 << 26
"""More than any firmware or ROM has; QEMU reads the whole of it."""
_BIOS = "the user's firmware is not read: firmware of its size stands in, which halts at once"
_ROM = "a ROM of the user is not read: zeros of its size stand in"
_FW_CFG = "the contents of a file are not read: the guest finds zeros under its name"
_FIRMWARE, _ROMFILE = "firmware", "romfile"


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for firmware, ROMs and files in `fw_cfg` that are files of this machine."""
    return each(options, _change)


def _change(option: Option) -> Iterable[Option | Uncovered]:
    change = {
        "bios": _bios,
        "machine": _machine,
        "device": _device,
        "global": _global,
        "fw_cfg": _fw_cfg,
    }
    return change[option.name](option) if option.name in change else (option,)


def _bios(option: Option) -> Iterable[Option | Uncovered]:
    size = _size(option.text)
    if size is None:
        yield option
    else:
        yield Option("bios", text=firmware(size), written=option.written)
        yield Uncovered(option.written, _BIOS, "nothing")


def _machine(option: Option) -> Iterable[Option | Uncovered]:
    """`-machine firmware=FILE` is the same as `-bios FILE` (system/vl.c, 6.2 on)."""
    yield option.without(_FIRMWARE)
    if option.has(_FIRMWARE):
        yield from _bios(Option("bios", text=option.get(_FIRMWARE), written=option.written))


def _device(option: Option) -> Iterable[Option | Uncovered]:
    size = _size(option.get(_ROMFILE))
    if size is None:
        yield option
    else:
        yield option.changing(_ROMFILE, zeros(size))
        yield Uncovered(option.written, f"{_ROMFILE}: {_ROM}", "nothing")


def _global(option: Option) -> Iterable[Option | Uncovered]:
    given = read_global(option.text)
    size = _size(given.value) if given.name == _ROMFILE else None
    if size is None:
        yield option
    else:
        stand_in = GlobalProperty(given.driver, given.name, zeros(size))
        yield Option("global", text=stand_in.text(), written=option.written)
        yield Uncovered(option.written, f"{_ROMFILE}: {_ROM}", "nothing")


def _fw_cfg(option: Option) -> Iterable[Option | Uncovered]:
    size = _size(option.get("file"))
    if size is None or option.has("string"):
        yield option
    else:
        yield option.only("name").adding(("file", zeros(size)))
        yield Uncovered(option.written, _FW_CFG, "nothing")


def _size(name: str) -> int | None:
    """How large the file is; None where it is not known, or where the name may stay."""
    size = size_of_file(name) if name and not is_supply(name) else None
    return size if size is not None and 0 < size <= _LARGEST else None
