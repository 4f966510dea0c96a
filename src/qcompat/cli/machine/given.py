"""The builds and machine types that a command is given."""

from __future__ import annotations

from functools import partial

import click

from qcompat.errors import UsageError
from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import find_machine, obtain_machines

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as a JSON document.")


def facts_of(build: str, *, observed: bool = True) -> MachineFacts:
    """The facts of a build; a long wait is announced on standard error."""
    announce = partial(click.echo, err=True)
    return obtain_machines(build, announce, observed=observed)


def build_and_machine(
    end: str, machine: str | None, *, observed: bool = True
) -> tuple[str, MachineFacts, str]:
    """BUILD or BUILD:MACHINE: its name, its facts, and the machine type."""
    build, _, named = end.partition(":")
    wanted = named or machine
    if not wanted:
        raise UsageError(f"{end} names no machine type", f"as in: {end}:pc-q35-7.2")
    facts = facts_of(build, observed=observed)
    return build, facts, find_machine(facts, wanted)
