"""QEMU's arguments alone, for scripts: one line for all hosts, or one a host behind its name."""

from __future__ import annotations

from shlex import quote

from qcompat.hosts.cpu.lines import Lines
from qcompat.report.cpu.answers import CpuBaseline
from qcompat.report.output import Output
from qcompat.report.terminal.plain import printable


def write_baseline(answer: CpuBaseline, out: Output) -> None:
    """One line where all builds spell the CPU alike, else `HOSTS<tab>ARGUMENTS`."""
    for name, line in answer.lines():
        lead = f"{printable(name)}\t" if name else ""
        out.write(f"{lead}{printable(line)}\n")


def write_lines(found: Lines, out: Output) -> None:
    """`HOST<tab>-cpu host,…` for each build on each host."""
    for line in found.lines:
        out.write(f"{printable(line.offer)}\t-cpu {printable(quote(line.cpu))}\n")
