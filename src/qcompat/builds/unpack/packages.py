"""Package files become one root; no script of a package is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from qcompat.builds.unpack import deb, rpm, wheel
from qcompat.builds.unpack.bounds import Readable
from qcompat.builds.unpack.member import Member
from qcompat.builds.unpack.package import Package
from qcompat.builds.unpack.tree import LEFT_OUT, written
from qcompat.errors import FileFormatError
from qcompat.local.foreign_file import open_foreign

_HINT = "give the paths of packages: FILE.deb, FILE.rpm or FILE.whl"
# Every distribution installs on a usr-merged system; Debian's bullseye still says /lib.
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64")

_Members = Callable[[Path], Iterator[tuple[Member, Readable]]]
_Format = tuple[bytes, Callable[[Path], Package], _Members]

_FORMATS: tuple[_Format, ...] = (
    (deb.MAGIC, deb.read_deb, deb.deb_members),
    (rpm.MAGIC, rpm.read_rpm, rpm.rpm_members),
    (wheel.MAGIC, wheel.read_wheel, wheel.wheel_members),
)


def read_package(path: Path) -> Package:
    """What a package says of itself. Errors: FileFormatError, also for what is no package."""
    _, read, _ = _format(path)
    return read(path)


def unpack_packages(
    paths: Sequence[Path],
    root: Path,
    report: Callable[[float], None] = lambda _: None,
    *,
    left_out: Sequence[str] = LEFT_OUT,
) -> None:
    """Write the files of all packages below `root`, an empty directory.

    `report` gets the share that is done, from 0 to 1.
    Errors: FileFormatError for what is no package, is damaged, or holds what no root may hold.
    Then throw the root away.
    """
    with written(root, keeps_links=True, left_out=left_out) as tree:
        of_system = any(_format(path)[0] != wheel.MAGIC for path in paths)
        for name in _MERGED if of_system else ():
            tree.place(Member(f"usr/{name}", "directory"), _Nothing())
            tree.place(Member(name, "link", target=f"usr/{name}"), _Nothing())
        for number, path in enumerate(paths):
            _, _, members = _format(path)
            for member, content in members(path):
                tree.place(member, content)
            report((number + 1) / len(paths))


def is_rpm(path: Path) -> bool:
    """Whether it is an rpm. Errors: FileFormatError for what is no package."""
    return _format(path)[0] == rpm.MAGIC


def _format(path: Path) -> _Format:
    with open_foreign(path, _HINT) as file:
        start = file.read(8)
    found = next((each for each in _FORMATS if start.startswith(each[0])), None)
    if found is None:
        raise FileFormatError(f"{path.name} is no Debian package, rpm or wheel", _HINT)
    return found


class _Nothing:
    def read(self, _: int, /) -> bytes:
        return b""
