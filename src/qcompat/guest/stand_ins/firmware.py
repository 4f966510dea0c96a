"""Firmware, tables and files given to the guest: no file of the user is read.

The build's own firmware, named without a directory, stays, and so do the stand-ins that `sized`
made. A file in `fw_cfg` keeps its name and gets other contents, so that the keys of the files after
it do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each
from qcompat.qemu.supplies.names import is_supply

_SHIPPED = frozenset({"bios.bin", "bios-256k.bin", "bios-microvm.bin", "qboot.rom"})
_BIOS = (
    "the size of the firmware is not known, since it is no file of this machine: SeaBIOS stands in,"
    " and the RAM block pc.bios has its size"
)
_SMBIOS = "an SMBIOS file is not read"
_FW_CFG = "the contents of a file are not read: the guest finds other contents under its name"
_FLASH = "the firmware in flash is not read: zeros stand in, so it shows nothing once it would run"


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-bios`, `-fw_cfg`, `-smbios`, `-boot splash=` and synthetic file systems."""
    replaced = each(options, _change)
    return Replaced(replaced.options, replaced.uncovered + tuple(_flash(options)))


def _change(option: Option) -> Iterable[Option | Uncovered]:
    change = {"bios": _bios, "fw_cfg": _fw_cfg, "smbios": _smbios, "boot": _boot, "fsdev": _fsdev}
    return change.get(option.name, _same)(option)


def _same(option: Option) -> Iterable[Option | Uncovered]:
    yield option


def _bios(option: Option) -> Iterable[Option | Uncovered]:
    stays = option.text in _SHIPPED or is_supply(option.text)
    yield option if stays else Uncovered(option.written, _BIOS)


def _fw_cfg(option: Option) -> Iterable[Option | Uncovered]:
    if option.has("string") or is_supply(option.get("file")):
        yield option.only("name", "string", "file")
    else:
        yield option.only("name").adding(("string", "stand-in"))
        yield Uncovered(option.written, _FW_CFG, "nothing")


def _smbios(option: Option) -> Iterable[Option | Uncovered]:
    files = [key for key in ("file", "path") if option.has(key)]
    if not option.has("file"):
        yield option.without("path")
    yield from (Uncovered(option.written, _SMBIOS, "view") for _ in files)


def _boot(option: Option) -> Iterable[Option | Uncovered]:
    yield option.without("splash")
    if option.has("splash"):
        yield Uncovered(option.written, "a splash picture is not read", "nothing")


def _fsdev(option: Option) -> Iterable[Option | Uncovered]:
    yield option.having((("fsdriver", "synth"), *option.only("id").pairs))


def _flash(options: Sequence[Option]) -> Iterable[Uncovered]:
    for option in options:
        in_machine = [k for k, _ in option.pairs if option.name == "machine" and k[:6] == "pflash"]
        if in_machine or (option.name == "drive" and option.get("if") == "pflash"):
            yield Uncovered(option.written, _FLASH, "nothing")
