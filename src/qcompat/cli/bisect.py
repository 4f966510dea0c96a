"""`qcompat bisect`: the first commit that changes the answer of a command."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.arch.architecture import Architecture, architecture_of
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.say import note
from qcompat.errors import UsageError

if TYPE_CHECKING:
    from qcompat.source.lint import Finding


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("tree", type=click.Path(path_type=Path))
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND…")
@click.option("--good", required=True, metavar="REV", help="A commit before the change.")
@click.option("--bad", required=True, metavar="REV", help="A commit that has it.")
@click.option("--build", metavar="CMD", default="", help="Shell command that builds the tree.")
@click.option("--binary", metavar="PATH", default="", help="What it leaves in the tree."
              " By default build/qemu-system-… of the machine type in COMMAND.")  # fmt: skip
@click.option("--firmware-dir", multiple=True, metavar="DIR", help="Passed to the binary with -L.")
@shown_as("bisect")
@click.pass_context
def bisect(
    ctx: click.Context,
    tree: Path,
    command: tuple[str, ...],
    good: str,
    bad: str,
    build: str,
    binary: str,
    firmware_dir: tuple[str, ...],
    shown: Shown,
) -> None:
    """Find the first commit of TREE that changes the answer.

    COMMAND is any command of qcompat; its exit code is the answer. In it {tree} stands for the
    checked out source, {build} for the build made of it, {commit} for its name:

    \b
      qcompat bisect qemu --good v7.2.0 --bad v8.0.0 --build 'make -C build' \\
          -- check debian-7.2.22 {build} --machine pc-q35-7.2 --device virtio-net-pci

    What does not build is skipped; what was built is kept by the hash of its tree.

    \b
    Exit codes:
      0  one commit was found
      3  it is one of several, because some could not be asked
    """
    from qcompat.report.source.answers import Bisection
    from qcompat.source.bisect.drive import bisect as bisected
    from qcompat.source.bisect.step import Plan
    from qcompat.source.lint import lint
    from qcompat.source.obtain.git import read_revision
    from qcompat.source.tree.tree import Tree

    if not command:
        raise UsageError("no command is given", "as in: -- source lint {tree}")
    if "{build}" in " ".join(command) and not build:
        raise UsageError("the command names {build}, but --build does not say how to make it")

    made = binary or f"build/{_architecture(command).emulator}"

    def plan(worktree: str, log: str) -> Plan:
        return Plan(worktree, log, command, build, made, firmware_dir)

    found = bisected(tree, good, bad, plan, note)
    facts: tuple[Finding, ...] = ()
    if len(found.commits) == 1 and found.commits[0].parent:
        sides = [Tree(read_revision(tree, each)) for each in
                 (found.commits[0].parent, found.commits[0].name)]  # fmt: skip
        facts = lint(sides[1], sides[0])
    shown.show(Bisection(found, facts))
    ctx.exit(0 if len(found.commits) == 1 else 3)


def _architecture(command: Sequence[str]) -> Architecture:
    """That of the guest which the command is about."""
    values = dict(pairwise(command))
    named = (values.get(option, "") for option in ("--machine", "-machine", "-M"))
    return architecture_of(next(filter(None, named), "").partition(",")[0])
