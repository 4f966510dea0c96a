"""`qcompat cpu`: one CPU for guests on unequal hosts, one file a command."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "baseline": "qcompat.cli.cpu.baseline:baseline",
    "compare": "qcompat.cli.cpu.compare:compare",
    "lines": "qcompat.cli.cpu.lines:lines",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def cpu() -> None:
    """Find the CPU that a guest can have on all of several hosts.

    HOST is a capture (`qcompat host capture`), QMP replies in a file, the XML of `virsh
    domcapabilities`, or a build registered here, which is asked.
    """
