"""Unpacks the emulators of other boards: `python -m tools.stream_recordings.boards DIR`.

qcompat itself fetches x86 builds only. Here each suite gets one root `DIR/VERSION` with the
emulators of Arm, Power, s390x and RISC-V, from the same signed archive and in the same sandbox.
They are not registered: `python -m tools.stream_recordings --roots DIR` finds them by version.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.fetch.apt import Apt
from qcompat.builds.fetch.archive import archive_called, find_keyring
from qcompat.builds.fetch.mirror import find_sites
from qcompat.builds.fetch.suite import parse_suite
from qcompat.builds.fetch.unpack import unpack
from qcompat.builds.identify import UNIDENTIFIED, identify
from qcompat.local.home import cache_home, make_private

SUITES = ("bullseye", "bookworm", "trixie", "sid")
# Suites from trixie on have a package for each of the last two, older ones both in -misc.
EMULATORS = tuple(f"qemu-system-{name}" for name in ("arm", "ppc", "misc", "s390x", "riscv"))
FIRMWARE = ("/usr/share/qemu", "/usr/share/seabios", "/usr/lib/ipxe/qemu", "/usr/share/slof")
ANY = "/usr/bin/qemu-system-aarch64"


def main() -> None:
    """Fetch what is not there yet."""
    place = make_private(Path(sys.argv[1]).absolute())
    for suite in SUITES:
        print(suite, fetch(suite, place), flush=True)


def fetch(suite: str, place: Path) -> Path:
    """Unpack the boards of a suite below `place`, in a root named by QEMU's version."""
    root = fetch_root(suite, EMULATORS, place / f"new-{suite}")
    return root.rename(place / board(root, ANY).identity.version)


def fetch_root(suite: str, wanted: Sequence[str], root: Path) -> Path:
    """Unpack those of the wanted packages that a suite has, with all that they need."""
    state = make_private(cache_home()) / "apt" / f"{suite}-recordings"
    apt = Apt(
        parse_suite(f"debian/{suite}"), find_sites(), find_keyring(archive_called("debian")), state
    )
    apt.update(print)
    known = set(apt.known(""))
    packages = apt.resolve([name for name in wanted if name in known])
    files = apt.download(packages, lambda _: None)
    root.mkdir()
    unpack(files, root, lambda _: None)
    return root


def board(root: Path, binary: str) -> Build:
    """The emulator `binary` (a path inside) of an unpacked root."""
    firmware = tuple(path for path in FIRMWARE if (root / path[1:]).is_dir())
    build = Build(root.name, UNIDENTIFIED, "root", binary, str(root), firmware)
    return msgspec.structs.replace(build, identity=identify(build))


if __name__ == "__main__":
    main()
