"""`qcompat machine diff`: effective values of two machine types, side by side."""

from __future__ import annotations

import click

from qcompat.cli.machine.given import accel_option, facts_of
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.machine.classify import Release, classify
from qcompat.machine.obtain import find_machine
from qcompat.machine.store import read_facts, shipped
from qcompat.portrait.accel_choice import AccelChoice


@click.command()
@click.argument("source", metavar="BUILD[:MACHINE]", shell_complete=complete_build)
@click.argument("target", metavar="BUILD[:MACHINE]", shell_complete=complete_build)
@click.option("--machine", metavar="TYPE", help="Machine type for an end that names none.")
@accel_option
@shown_as("machine diff", verbose="Also name properties that only one end has.")
@click.pass_context
def diff(
    ctx: click.Context,
    source: str,
    target: str,
    machine: str | None,
    accel: AccelChoice,
    shown: Shown,
) -> None:
    """Compare the devices of two machine types, value by value.

    The values are those that running devices showed; for a device that could not be created
    they come from the compat table.

    \b
    Exit codes:
      0  nothing differs
      1  something differs
    """
    from qcompat.machine.effective import compare_effective
    from qcompat.report.machine.answers import MachineDiff

    one, _, here = source.partition(":")
    other, _, there = target.partition(":")
    here, there = here or machine or there, there or machine or here
    if not here:
        raise UsageError(f"{source} names no machine type", f"as in: {source}:pc-q35-7.2")
    ours, theirs = facts_of(one, accel), facts_of(other, accel)
    case = _case(here, Release.of(one, ours), Release.of(other, theirs)) if here == there else ""
    here, there = find_machine(ours, here), find_machine(theirs, there)
    if (one, here) == (other, there):
        raise UsageError(
            "both ends are the same machine type on the same build", "name another for one of them"
        )
    found = compare_effective(ours, here, theirs, there)
    ends = (f"{one}:{here}", f"{other}:{there}")
    shown.show(MachineDiff(found, ends, case if here == there else ""))
    ctx.exit(1 if found.differences else 0)


def _case(machine: str, source: Release, target: Release) -> str:
    """Which case of backwards compatibility a migration between the two is, in words.

    Errors: UsageError where an end cannot have the machine type, with the first build that has.
    """
    found = classify(machine, source, target)
    if found.lacking:
        paths = shipped().items()
        known = [Release.of(name, read_facts(path, observed=False)) for name, path in paths]
        summary = classify(machine, source, target, known).summary
        raise UsageError(summary, "name a machine type that both builds have")
    return found.summary
