"""`qcompat stream`: looking into migration streams, one file a command."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "diff": "qcompat.cli.stream.diff:diff",
    "ram": "qcompat.cli.stream.ram:ram",
    "show": "qcompat.cli.stream.show:show",
    "verify": "qcompat.cli.stream.verify:verify",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def stream() -> None:
    """Inspect, verify and compare migration streams.

    FILE is a file that QEMU migrated a guest to, compressed or not, a guest saved by libvirt
    (virsh save), or a qcow2 image with an internal snapshot. `-` is standard input.
    """
