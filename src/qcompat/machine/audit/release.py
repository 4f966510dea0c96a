"""Releases of machine types, and the table in the sources with the changes since one.

`pc-q35-7.2` is release 7.2 (`arch.machine_type`). It is not QEMU's version: a build has
machine types of many releases.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from qcompat.machine.audit.known import known

Release = tuple[int, ...]


def show_release(release: Release) -> str:
    return ".".join(map(str, release))


def table_name(release: Release, driver: str) -> str:
    """The array of the sources that holds entries for machine types up to `release`.

    Only drivers that no other board has are in their board's table (hw/i386/pc.c and
    hw/core/machine.c, 5.2 to 10.2); `4.0.1` and `4.0` share `hw_compat_4_0`.
    """
    boards = known().board
    prefix = next((each.prefix for each in boards if _is_of(driver, each.drivers)), "hw_compat")
    return "_".join((prefix, *map(str, release[:2])))


def _is_of(driver: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(driver, pattern) for pattern in patterns)
