"""`qcompat machine`: machine types, properties and compat tables, one file a command."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "audit": "qcompat.cli.machine.audit:audit",
    "diff": "qcompat.cli.machine.diff:diff",
    "list": "qcompat.cli.machine.list:list_machines",
    "matrix": "qcompat.cli.machine.matrix:matrix",
    "resolve": "qcompat.cli.machine.resolve:resolve",
    "show": "qcompat.cli.machine.show:show",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def machine() -> None:
    """Inspect machine types, compat tables and device properties.

    BUILD is a registered build (see `qcompat builds list`) or one whose facts come with
    qcompat. A registered build is asked once, which takes a minute or two.
    """
