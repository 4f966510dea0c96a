"""The builds and machine types that a command is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from qcompat.app.machine import machine_facts
from qcompat.cli.process.event_loop import run
from qcompat.cli.process.say import note
from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import find_machine
from qcompat.portrait.accel_choice import AccelChoice

accel_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs the build where it is asked. By default KVM if it can be used, and what is "
    "known of the build already is taken whatever ran it.",
)


def facts_of(build: str, accel: AccelChoice, *, observed: bool = True) -> MachineFacts:
    """The facts of a build; a long wait is announced on standard error."""
    announce = note
    return run(lambda: machine_facts(build, accel=accel, observed=observed, announce=announce))


def machine_on(build: str, machine: str, accel: AccelChoice) -> tuple[MachineFacts, str]:
    """The facts of a build without what was observed, and the machine type by its own name."""
    facts = facts_of(build, accel, observed=False)
    return facts, find_machine(facts, machine)
