"""A baseline as QEMU's arguments alone, for scripts: one line, or one a host with its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from qcompat.hosts.baseline import Baseline
from qcompat.hosts.offer import Offer
from qcompat.report.cpu.text.baseline import lines_of, with_machine
from qcompat.report.terminal.plain import printable


def write_arguments(
    found: Baseline, offers: Sequence[Offer], machine: str | None, out: TextIO
) -> None:
    """Write it."""
    for name, line in lines_of(found, offers):
        lead = f"{printable(name)}\t" if name else ""
        out.write(f"{lead}{printable(with_machine(line, machine))}\n")
