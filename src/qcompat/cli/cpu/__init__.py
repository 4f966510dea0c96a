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
    """Find a guest CPU that several hosts can all run.

    HOST is a capture (`qcompat host capture`), a file of QMP replies, the XML of `virsh
    domcapabilities`, or a build registered on this machine.
    """
