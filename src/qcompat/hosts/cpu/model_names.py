"""The names of CPU models: a versioned one, `EPYC-Rome-v2`, means the same at every start.

A plain name stands for the version that the machine type chooses (X86CPUVersion of
target/i386/cpu.h, since 4.1).
"""

from __future__ import annotations

import re

_VERSIONED = re.compile(r"(?P<plain>.+)-v(?P<number>\d+)")


def is_versioned(name: str) -> bool:
    return _VERSIONED.fullmatch(name) is not None


def version_of(name: str) -> tuple[str, int]:
    """The plain name and the number of the version, 0 for a name without one."""
    found = _VERSIONED.fullmatch(name)
    return (found["plain"], int(found["number"])) if found else (name, 0)
