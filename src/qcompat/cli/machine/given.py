"""The builds and machine types that a command is given."""

from __future__ import annotations

from qcompat.app.machine import machine_facts
from qcompat.cli.process.event_loop import run
from qcompat.cli.process.say import note
from qcompat.machine.model import MachineFacts
from qcompat.machine.obtain import find_machine


def facts_of(build: str, *, observed: bool = True) -> MachineFacts:
    """The facts of a build; a long wait is announced on standard error."""
    announce = note
    return run(lambda: machine_facts(build, observed=observed, announce=announce))


def machine_on(build: str, machine: str) -> tuple[MachineFacts, str]:
    """The facts of a build without what was observed, and the machine type by its own name."""
    facts = facts_of(build, observed=False)
    return facts, find_machine(facts, machine)
