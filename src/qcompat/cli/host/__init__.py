"""`qcompat host`: what a host gives its guests, and what unequal hosts can both keep."""

from __future__ import annotations

import click

from qcompat.cli.lazy import LazyGroup

COMMANDS = {
    "capture": "qcompat.cli.host.capture:capture",
    "compare": "qcompat.cli.host.compare:compare",
    "features": "qcompat.cli.host.features:features",
    "lines": "qcompat.cli.host.lines:lines",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def host() -> None:
    """Record what a host gives its guests, and compare hosts."""
