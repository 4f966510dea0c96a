"""Which packages are missing where the emulator of those that were given lacks libraries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qcompat.builds.unpack.package import Package

_LIBRARY = re.compile(r"(?P<stem>.+)\.so(?:\.(?P<version>\d+))?(?:t64)?(?:\.\d+)*")
_LOADER = re.compile(r"(?:/.*/)?ld-linux.*")
_OF_LIBC = ("libc", "libm", "libpthread", "librt", "libdl", "libresolv", "libutil")
_SHOWN = 20


def what_to_add(libraries: Iterable[str], packages: Sequence[Package], *, is_rpm: bool) -> str:
    """The hint: which packages have the libraries, as far as the ones given tell; how to find out.

    A package of Debian's is named after the library, with `t64` where its ABI changed; an rpm
    requires the library itself.
    """
    if is_rpm:
        wanted = " ".join(f"'{_capability(each)}'" for each in libraries)
        return f"give the packages too that have them; which these are says: dnf provides {wanted}"
    unmet = sorted(set(_unmet(packages)))
    found = {library: _named_after(library, unmet) for library in libraries}
    named = sorted({each for each in found.values() if each})
    hints = [f"give these packages too: {' '.join(named)}"] if named else []
    unknown = [library for library, package in found.items() if not package]
    others = [each for each in unmet if each not in named][:_SHOWN]
    if unknown and others:
        hints.append(f"{unknown[0]} may be in another that they depend on: {' '.join(others)}")
    elif unknown:
        hints.append(f"which package has it says: apt-file search {unknown[0]}")
    return "; ".join(hints)


def _unmet(packages: Sequence[Package]) -> Iterable[str]:
    """What is required and not given, the first of alternatives."""
    given = frozenset().union(*(package.provides for package in packages))
    for package in packages:
        for clause in package.requires:
            alternatives = clause.split("|")
            if given.isdisjoint(alternatives):
                yield from alternatives


def _named_after(library: str, packages: Iterable[str]) -> str:
    if _LOADER.fullmatch(library):
        return "libc6"
    if (seen := _LIBRARY.fullmatch(library)) is None:
        return ""
    wanted = _letters(f"{seen['stem']}{seen['version'] or ''}")
    if fitting := [each for each in packages if _letters(each) == wanted]:
        return fitting[0]
    return "libc6" if seen["stem"] in _OF_LIBC else ""


def _letters(name: str) -> str:
    """`libglib2.0-0t64` and `libglib-2.0` with its version 0 are one."""
    return re.sub(r"[-_]", "", re.sub(r"(?<=\d)(t64|v5|-turbo)$", "", name)).lower()


def _capability(library: str) -> str:
    return library if library.startswith("/") else f"{library}()(64bit)"
