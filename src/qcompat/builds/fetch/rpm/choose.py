"""Which packages of repositories make a build: its emulator, and what that cannot start without."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qcompat.builds.fetch.rpm.metadata import Listed
from qcompat.builds.fetch.rpm.table import table
from qcompat.errors import FetchError

_SEGMENT = re.compile(r"\d+|[a-zA-Z]+|~|\^")
_MOST = 1000


def choose(packages: Sequence[Listed]) -> tuple[Listed, ...]:
    """The packages, sorted by name. What nothing provides is left out: a start tells.

    Errors: FetchError where there is no emulator.
    """
    newest: dict[str, Listed] = {}
    for each in packages:
        if each.name not in newest or order(each.version) > order(newest[each.name].version):
            newest[each.name] = each
    providers: dict[str, list[Listed]] = {}
    for each in newest.values():
        for provided in (each.name, *each.provides):
            providers.setdefault(provided, []).append(each)
    emulator = next((newest[name] for name in table().emulators if name in newest), None)
    if emulator is None:
        raise FetchError(
            f"the repository holds no QEMU: none of {', '.join(table().emulators)}",
            "name the one that does; of several, the other with --base-mirror",
        )
    devices = (newest[name] for name in sorted(newest) if name.startswith(table().devices))
    return _closure([emulator, *devices], providers)


def _closure(wanted: list[Listed], providers: dict[str, list[Listed]]) -> tuple[Listed, ...]:
    chosen: dict[str, Listed] = {}
    while wanted and len(chosen) < _MOST:
        package = wanted.pop()
        if package.name in chosen:
            continue
        chosen[package.name] = package
        for required in package.requires:
            found = providers.get(required, []) if _is_followed(package.name, required) else []
            if found and not any(each.name in chosen for each in found):
                wanted.append(min(found, key=lambda each: (len(each.name), each.name)))
    return tuple(chosen[name] for name in sorted(chosen))


def _is_followed(name: str, required: str) -> bool:
    followed = table().followed
    return ".so" in required or (name.startswith(followed) and required.startswith(followed))


def order(version: tuple[str, str, str]) -> tuple[object, ...]:
    """Sort key as RPM compares (rpmvercmp): numbers above letters, `~` below the end, `^` above."""
    epoch, *rest = version
    return (int(epoch), *(_segments(each) for each in rest))


def _segments(text: str) -> tuple[tuple[int, int, str], ...]:
    ranks = {"~": -1, "^": 1}
    found = (
        (3, int(each), "") if each.isdigit() else (ranks.get(each, 2), 0, each)
        for each in _SEGMENT.findall(text)
    )
    return (*found, (0, 0, ""))
