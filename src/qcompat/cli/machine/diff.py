"""`qcompat machine diff`: effective values of two machine types, side by side."""

from __future__ import annotations

import sys

import click

from qcompat.cli.machine.given import build_and_machine, facts_of, json_option
from qcompat.errors import UsageError
from qcompat.machine.classify import Classified, Release, classify
from qcompat.machine.store import read_facts, shipped


@click.command()
@click.argument("source", metavar="BUILD[:MACHINE]")
@click.argument("target", metavar="BUILD[:MACHINE]")
@click.option("--machine", metavar="TYPE", help="The machine type of an end that names none.")
@click.option("-v", "--verbose", is_flag=True, help="Name properties of one end only, too.")
@json_option
@click.pass_context
def diff(
    ctx: click.Context,
    source: str,
    target: str,
    machine: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Compare what devices are under one machine type with what they are under another.

    The values are those that running devices showed; where a device could not be made, the
    table says it. Exit code 0 says that nothing differs, 1 that something does.
    """
    from qcompat.machine.effective import compare_effective
    from qcompat.report.effective import write_json, write_text

    named = next((end.partition(":")[2] for end in (source, target) if ":" in end), None)
    wanted = machine or named
    case = _case(source, target, wanted)
    one, ours, here = build_and_machine(source, wanted)
    other, theirs, there = build_and_machine(target, wanted)
    if (one, here) == (other, there):
        raise UsageError(
            "both ends are the same machine type on the same build", "name another for one of them"
        )
    found = compare_effective(ours, here, theirs, there)
    if case is not None and here == there and not as_json:
        click.echo(case.summary)
    ends = (f"{one}:{here}", f"{other}:{there}")
    if as_json:
        write_json(found, ends, sys.stdout)
    else:
        write_text(found, ends, sys.stdout, verbose=verbose)
    ctx.exit(1 if found.differences else 0)


def _case(source: str, target: str, machine: str | None) -> Classified | None:
    """Which case of backwards compatibility a migration between the two is.

    None where the ends name different machine types. Errors: UsageError where an end cannot
    have the machine type, with the first build that has it.
    """
    names = {end.partition(":")[2] for end in (source, target)} - {""}
    if len(names) > 1 or not machine:
        return None
    one, other = (_release(end.partition(":")[0]) for end in (source, target))
    known = [Release.of(name, read_facts(path, observed=False)) for name, path in shipped().items()]
    found = classify(machine, one, other, known)
    if found.lacking:
        raise UsageError(found.summary, "name a machine type that both builds have")
    return found


def _release(build: str) -> Release:
    return Release.of(build, facts_of(build, observed=False))
