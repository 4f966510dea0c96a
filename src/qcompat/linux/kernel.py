"""The guest's kernel, its modules and busybox: Debian's packages, fetched once, kept in the cache.

Nothing is installed on this machine; `builds.fetch.package_tree` fetches and unpacks packages.

Debian's packages hold no `modules.dep` (it is made when one is installed), so what a module needs
and what devices it drives are read from the module: `depends=` and `alias=` of its `.modinfo`
section (scripts/mod/modpost.c of Linux).
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec
import zstandard

from qcompat.arch.architecture import Architecture
from qcompat.builds.fetch.mirror import Sites
from qcompat.builds.fetch.package_tree import PackageTree
from qcompat.builds.roots import Progress
from qcompat.dataset import read_table
from qcompat.errors import FetchError, FileFormatError, StoreError
from qcompat.local.home import cache_home

# A release whose kernel gets fixes, and that every mirror holds.
SUITE = "debian/trixie"
# The first depends on the kernel proper, whose name has its version in it.
_BUSYBOX = "busybox-static"
_DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")
_ALIAS = re.compile(rb"(?<=\0)alias=([ -~]+)\0")
_UNPACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".ko": bytes,
    ".ko.xz": lzma.decompress,
    ".ko.zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


class Kernel(msgspec.Struct, frozen=True):
    """Where the kernel image, busybox and the directory of the kernel's modules lie."""

    image: Path
    busybox: Path
    modules: Path

    @property
    def release(self) -> str:
        """What the kernel calls itself (`uname -r`)."""
        return self.modules.name


def kernel_tree(architecture: Architecture) -> PackageTree:
    """Where the kernel of an architecture's guests is kept."""
    package = architecture.kernel_package
    flavour = re.escape(package.removeprefix("linux-image-"))
    wanted = re.compile(rf"linux-image-\d.*-{flavour}|{_BUSYBOX}")
    home = cache_home() / "guest-kernel" / package
    return PackageTree(SUITE, (package, _BUSYBOX), wanted, home, arch=architecture.debian)


def obtain_kernel(
    architecture: Architecture, *, sites: Sites | None = None, progress: Progress | None = None
) -> Kernel:
    """The kernel of an architecture's guests from the cache, or fetched if it is not there.

    Errors: FetchError where it cannot be fetched, BuildError without bubblewrap, StoreError.
    """
    tree = kernel_tree(architecture)
    try:
        root = tree.present() or tree.fetch(sites=sites, progress=progress)
    except FetchError as error:
        raise FetchError(
            f"the guest boots Debian's kernel, which cannot be fetched: {error.message}",
            f"let this machine reach its mirror of Debian once, or copy {tree.home} here from one"
            " that has it",
        ) from error
    return _find(root)


def _find(root: Path) -> Kernel:
    return Kernel(
        image=_only(root, "boot/vmlinuz-*"),
        busybox=_only(root, "usr/bin/busybox"),
        modules=_only(root, "usr/lib/modules/*"),
    )


def _only(root: Path, pattern: str) -> Path:
    found = sorted(root.glob(pattern))
    if len(found) != 1:
        raise StoreError(
            f"{root} holds {len(found)} files {pattern}, expected one",
            f"delete {root.parent}; it is fetched again",
        )
    return found[0]


class Module(msgspec.Struct, frozen=True):
    """One module, as the kernel loads it, not compressed."""

    name: str
    data: bytes

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the modules that it says it depends on."""
        found = _DEPENDS.search(self.data)
        return tuple(_plain(name) for name in found[1].decode().split(",") if name) if found else ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """The patterns of the devices that it drives, such as `pci:v00001AF4d*`."""
        return tuple(found.decode() for found in _ALIAS.findall(self.data))


@cache
def _groups() -> dict[str, dict[str, str]]:
    return read_table("qcompat.linux", "modules.toml", dict[str, dict[str, str]])


def wanted() -> tuple[str, ...]:
    """The modules that `modules.toml` names, in its order."""
    return tuple(name for group in _groups().values() for name in group)


def always() -> tuple[str, ...]:
    """Those of them that no device asks for."""
    return tuple(_groups()["always"])


def load_modules(directory: Path, names: Iterable[str]) -> tuple[Module, ...]:
    """The named modules, each after those that it needs.

    What the kernel does not have as a module is left out: it is built in, or does not exist.
    """
    places = {_plain(path.name): path for path in sorted(directory.rglob("*.ko*"))}
    loaded: dict[str, Module] = {}
    for name in names:
        _load(_plain(name), places, loaded)
    return tuple(loaded.values())


def _load(name: str, places: Mapping[str, Path], loaded: dict[str, Module]) -> None:
    if name in loaded or name not in places:
        return
    module = Module(name, _read(places[name]))
    for other in module.needs:
        _load(other, places, loaded)
    loaded[name] = module


def _read(path: Path) -> bytes:
    suffix = path.name[path.name.index(".ko") :]
    try:
        return _UNPACKERS[suffix](path.read_bytes())
    except (KeyError, ValueError, lzma.LZMAError, zstandard.ZstdError) as error:
        raise FileFormatError(
            f"the module {path.name} of the guest's kernel cannot be unpacked: {error}",
            "delete the directory guest-kernel in qcompat's cache; it is fetched again",
        ) from error


def _plain(name: str) -> str:
    """A module's file may have a dash where its name has an underscore."""
    return name.partition(".ko")[0].replace("-", "_")
