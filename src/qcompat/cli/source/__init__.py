"""`qcompat source`: QEMU's source code, one file a command."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "lint": "qcompat.cli.source.lint:lint",
    "show": "qcompat.cli.source.show:show",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def source() -> None:
    """Read and lint QEMU's source code.

    TREE is the top of a source tree, such as an unpacked release, a Debian source package or a
    clone. Nothing is built. What was read is kept, so that a second question is quick.
    """
