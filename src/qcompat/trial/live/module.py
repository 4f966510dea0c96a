"""Modules of the guest's kernel: which are put in, what each needs, in what order they load.

Debian's packages hold no `modules.dep` (it is made when one is installed), so what a module needs
is read from itself: `depends=` of its `.modinfo` section (scripts/mod/modpost.c of Linux).
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec
import zstandard

from qcompat.dataset import read_table
from qcompat.errors import FileFormatError

_DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")
_UNPACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".ko": bytes,
    ".ko.xz": lzma.decompress,
    ".ko.zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


class Module(msgspec.Struct, frozen=True):
    """One module, as the kernel loads it, not compressed."""

    name: str
    data: bytes


@cache
def wanted() -> tuple[str, ...]:
    """The modules that `agent/modules.toml` names, in its order."""
    table = read_table("qcompat.trial.live", "agent/modules.toml", dict[str, dict[str, str]])
    return tuple(name for group in table.values() for name in group)


def load_modules(directory: Path, names: Iterable[str]) -> tuple[Module, ...]:
    """The named modules, each after all that it needs.

    One that the kernel does not have as a module is left out: it is built in, or is not there.
    """
    places = {_plain(path.name): path for path in sorted(directory.rglob("*.ko*"))}
    loaded: dict[str, Module] = {}
    for name in names:
        _load(_plain(name), places, loaded)
    return tuple(loaded.values())


def needs(data: bytes) -> tuple[str, ...]:
    """The names of the modules that a module says it depends on."""
    found = _DEPENDS.search(data)
    return tuple(_plain(name) for name in found[1].decode().split(",") if name) if found else ()


def _load(name: str, places: Mapping[str, Path], loaded: dict[str, Module]) -> None:
    if name in loaded or name not in places:
        return
    data = _read(places[name])
    for other in needs(data):
        _load(other, places, loaded)
    loaded[name] = Module(name, data)


def _read(path: Path) -> bytes:
    suffix = path.name[path.name.index(".ko") :]
    try:
        return _UNPACKERS[suffix](path.read_bytes())
    except (KeyError, ValueError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise FileFormatError(
            f"the module {path.name} of the guest's kernel cannot be unpacked: {error}",
            "delete the directory guest-kernel in qcompat's cache; it is fetched anew",
        ) from error


def _plain(name: str) -> str:
    """A module's file may have a dash where its name has an underscore."""
    return name.partition(".ko")[0].replace("-", "_")
