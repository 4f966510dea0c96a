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
    """Look into a migration stream: what it says, whether it is whole, how two differ.

    FILE is what QEMU wrote when it migrated a guest into a file, also compressed, a guest
    saved by libvirt (virsh save), or a qcow2 image with an internal snapshot. `-` is
    standard input.
    """
