"""The names that a build can give to states and subsections, read from its files.

`-dump-vmstate` leaves out CPUs, timers, virtio's own state and much else, so what a build
could load cannot be asked. But every `VMStateDescription` is a static structure that points
to its name. Linkers store a string that is the tail of another only once (`hpet` within
`...-hpet`), so looking for whole strings misses names: on Debian's 7.2.22 that is 52 of the
389 that its source defines. Following the pointers finds all of them.

Not found: names of sections registered by code alone (`ram`, `dirty-bitmap`, `slirp`, `vfio`).
"""

from __future__ import annotations

import re
from pathlib import Path

from qcompat.builds.learn.elf import Elf

# Names of VMStateDescriptions in QEMU 5.2.0, 7.2.0 and 10.0.13 are all of this form.
_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9 _.,:/+-]{0,62}\0")


def names_in(path: Path) -> frozenset[str]:
    """The strings of a binary or module that data points to, if they could be names.

    Errors: ValueError when it is no ELF file, OSError.
    """
    elf = Elf(path.read_bytes())
    pointers = elf.pointers()
    found: set[bytes] = set()
    for section in elf.constants():
        end = section.address + len(section.content)
        starts = (p - section.address for p in pointers if section.address <= p < end)
        matches = (_NAME.match(section.content, start) for start in starts)
        found.update(match.group() for match in matches if match)
    return frozenset(name[:-1].decode("ascii") for name in found)
