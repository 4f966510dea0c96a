"""Portraits that are kept: change anything that one was made of, and it is not found again."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from qcompat.arch.architecture import architecture_of
from qcompat.builds.build import Build
from qcompat.builds.learn.files import binary_of, modules_of
from qcompat.builds.run.inside import resolve_inside
from qcompat.guest.guest import Guest
from qcompat.portrait.file import recall_portrait, write_portrait
from qcompat.portrait.portrait import Accel, Moment, Portrait, key_of

SUFFIX = ".qcp"
_MOST_FILES = 4096
# Where QEMU looks beside its binary: installed, and in its build tree.
_BESIDE = ("pc-bios", "../share/qemu", "../share/seabios", "../share/qemu-firmware")
# A guest under KVM sees the host's processor through its kernel.
_PROCESSOR = re.compile(r"^(?:vendor_id|cpu family|model|stepping|microcode|flags)\b.*$", re.M)
HUGE_PAGE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
_FIRST_PROCESSOR = 1 << 16


class KeptPortraits:
    """The portraits below a directory. A guest is given as this machine starts it."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def has(self, build: Build, guest: Guest, moment: Moment, accel: Accel) -> bool:
        """Whether there is one, which may still turn out to be damaged."""
        return self._path(build, guest, moment, accel).exists()

    def find(self, build: Build, guest: Guest, moment: Moment, accel: Accel) -> Portrait | None:
        """The one of these; None where there is none that is sound (`recall_portrait`)."""
        return recall_portrait(self._path(build, guest, moment, accel), guest)

    def keep(
        self, portrait: Portrait, build: Build, guest: Guest, moment: Moment, accel: Accel
    ) -> None:
        """Keep one. Errors: StoreError."""
        write_portrait(portrait, self._path(build, guest, moment, accel))

    def _path(self, build: Build, guest: Guest, moment: Moment, accel: Accel) -> Path:
        return self._place / f"{path_of(build, guest, moment, accel)}{SUFFIX}"


def path_of(build: Build, guest: Guest, moment: Moment, accel: Accel) -> str:
    """Where a portrait is kept: by what the build and the host are, then by its guest."""
    parts = [*_of_build(build), _huge_page(), *(_host() if accel == "kvm" else ())]
    if moment == "booted":
        from qcompat.linux.initramfs import identity  # zstandard: a check of others must not pay

        parts.append(identity(architecture_of(guest.machine)))
    who = hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]
    return f"{who}/{key_of(guest, moment, accel)}"


def _of_build(build: Build) -> Iterator[str]:
    yield msgspec.json.encode(build).decode()
    if build.kind == "native":
        yield os.environ.get("LD_LIBRARY_PATH", "")
    binary = binary_of(build)
    for path in (binary, *modules_of(build)):
        with suppress(OSError):
            yield _told(path.name, path.stat())
    for name in _BESIDE:
        yield from _files(binary.parent / name)
    for place in (*build.firmware_dirs, build.module_dir):
        yield from _files(Path(build.root + resolve_inside(build.root, place))) if place else ()


def _told(name: str, seen: os.stat_result) -> str:
    return f"{name} {seen.st_size} {seen.st_mtime_ns}"


def _files(directory: Path) -> Iterator[str]:
    """The files of a directory by size and time; a link counts as what it leads to."""
    with suppress(OSError), os.scandir(directory) as entries:
        found = sorted(entries, key=lambda entry: entry.name)[:_MOST_FILES]
        yield str(directory)
        for entry in found:
            with suppress(OSError):
                yield _told(entry.name, entry.stat())


def _huge_page() -> str:
    """The size of the host's transparent huge pages: virtio-mem takes it for its blocks."""
    with suppress(OSError):
        return HUGE_PAGE.read_text()
    return ""


def _host() -> Iterator[str]:
    yield os.uname().release
    with suppress(OSError), Path("/proc/cpuinfo").open(errors="replace") as file:
        yield from _PROCESSOR.findall(file.read(_FIRST_PROCESSOR).partition("\n\n")[0])
