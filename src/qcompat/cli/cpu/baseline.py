"""`qcompat cpu baseline`: one CPU definition that every host runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

import click

from qcompat.cli.cpu.given import pool_of, pool_options
from qcompat.errors import UsageError
from qcompat.hosts.features.universe import Universe
from qcompat.hosts.offer import Offer

Form = Literal["text", "args", "xml", "json"]


@click.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST…")
@click.option("--machine", metavar="TYPE", help="The machine type that the guests are to have.")
@pool_options
@click.option(
    "--form",
    type=click.Choice(["text", "args", "xml", "json"]),
    default="text",
    help="Text with reasons (usual), QEMU's arguments alone, libvirt's <cpu>, or JSON.",
)
@click.option("--json", "form", flag_value="json", help="The same as --form json.")
@click.option("-v", "--verbose", is_flag=True, help="Leave nothing out of the text.")
def baseline(
    hosts: tuple[str, ...],
    machine: str | None,
    accel: str | None,
    build: str | None,
    form: Form,
    verbose: bool,
) -> None:
    """Find one CPU definition that every HOST can run.

    It is the named, versioned model that gives up the fewest features, plus the features that
    all hosts have beyond it and minus those that some lack. `enforce` makes a start fail rather
    than lose a feature silently. With three hosts or more the answer also names the hosts
    without which a better CPU is possible.
    """
    from qcompat.hosts.baseline import baseline as find
    from qcompat.hosts.pool import removals

    universe = Universe()
    offers = pool_of(hosts, universe, accel, build)
    if machine:
        _check_machine(offers, machine)
    found = find(universe, offers)
    match form:
        case "args":
            from qcompat.report.cpu.arguments import write_arguments

            write_arguments(found, offers, machine, sys.stdout)
        case "xml":
            from qcompat.report.cpu.xml import write_xml

            write_xml(found, sys.stdout)
        case "json":
            from qcompat.report.cpu.document import write_baseline

            ways = removals(universe, offers, found)
            write_baseline(found, offers, ways, machine, sys.stdout)
        case "text":
            from rich.console import Console

            from qcompat.report.cpu.text.baseline import write

            ways = removals(universe, offers, found)
            write(found, offers, ways, machine, Console(highlight=False), verbose=verbose)


def _check_machine(offers: Sequence[Offer], machine: str) -> None:
    """Errors: UsageError where a build that told its machine types has not this one."""
    lacking = [
        offer.name
        for offer in offers
        if len(offer.capture.machines) > 1 and machine not in offer.capture.machines
    ]
    if lacking:
        raise UsageError(
            f"there is no machine type {machine} on {', '.join(lacking[:5])}",
            "a guest with it cannot go there: name one that all builds have "
            "(qcompat machine list BUILD), or leave the hosts out",
        )
