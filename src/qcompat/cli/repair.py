"""`qcompat repair`: what to set on the target so that a guest's migration works.

The search and its proof are `trial.repair`, the looks `report.repair`. Here are the ends: the
source is a build or a portrait file, the target a build of this machine, since candidates are
judged by starting it.
"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.cli.event_loop import run, run_waiting
from qcompat.cli.form_option import form_option
from qcompat.cli.guest_options import AskedGuest, guest_options
from qcompat.cli.json_option import json_option
from qcompat.cli.promise_option import EXIT_CODES, promise_option
from qcompat.errors import UsageError
from qcompat.guest.guest import Guest
from qcompat.local.home import data_home
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import Portraits, is_file
from qcompat.verdict.remedy import Remedy, Unrepairable
from qcompat.verdict.search.cost import Goal

Found = Remedy | Unrepairable | None


@click.command()
@click.argument("source")
@click.argument("target")
@guest_options
@click.option("--prove", "is_proven", is_flag=True, help="Load it really, without and with it.")
@click.option(
    "--on-source",
    metavar="ARGUMENTS",
    help="More QEMU arguments, in one word, that only the source was started with.",
)
@promise_option("What is wanted: that the guest loads, or also sees no change (default).")
@form_option
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    help="How long to search at most.",
)
@json_option
@click.pass_context
def repair(
    ctx: click.Context,
    source: str,
    target: str,
    asked: AskedGuest,
    is_proven: bool,
    on_source: str | None,
    promise: Goal,
    forms: tuple[str, ...],
    seconds: float,
    as_json: bool,
) -> None:
    """Find the QEMU properties that let the target accept a guest.

    The answer is the smallest set of properties with which TARGET takes the guest from SOURCE.
    SOURCE is a build (see `qcompat builds list`) or a portrait file, TARGET a build on this
    machine. The guest is described as for `qcompat check`; with a portrait file as SOURCE it is
    the guest that the target is started with (by default the portrait's own).

    \b
    Exit codes, with the remedy applied:
      0  ok, or nothing to repair: the promise is kept
      1  it still drifts or is blocked (with --promise loads: blocked)
      3  unknown: the search ended before everything was tried
    """
    ends = _ends(source, target, asked, on_source)
    found = find_remedy(*ends, promise=promise, is_proven=is_proven, seconds=seconds)
    names = (ends[0].build, ends[1].name)
    _show(*names, found, forms, as_json=as_json)
    ctx.exit(exit_code(found, promise))


def find_remedy(
    source: Portrait,
    target: Build,
    guest: Guest,
    *,
    promise: Goal,
    is_proven: bool = False,
    seconds: float = 60.0,
) -> Found:
    """Run the search. Raises UsageError where a proof is wanted and the source is not here."""
    from qcompat.trial.repair.case import Bounds
    from qcompat.trial.repair.repair import repair as search

    portraits = Portraits.here()
    registry = portraits.registry
    return run_waiting(
        search(
            portraits,
            source,
            target,
            guest,
            promise=promise,
            prove=_home_of(source, registry) if is_proven else None,
            others=registry.list(),
            bounds=Bounds(seconds=seconds),
        )
    )


def exit_code(found: Found, promise: Goal) -> int:
    """What the command ends with."""
    if found is None:
        return 0
    if isinstance(found, Unrepairable):
        return 3 if found.open_ else 1
    return 1 if found.contradiction else EXIT_CODES[promise][found.verdict.verdict]


def target_build(name: str) -> Build:
    """The build that candidates are tried on. Raises UsageError for a file, UnknownBuildError."""
    if is_file(name):
        raise UsageError(
            f"{name} is a portrait file, and candidates are tried on a real build",
            "name the build that it was taken of (see `qcompat builds list`)",
        )
    return Registry(data_home()).get(name)


def _ends(
    source: str, target: str, asked: AskedGuest, on_source: str | None
) -> tuple[Portrait, Build, Guest]:
    build = target_build(target)
    if is_file(source):
        if on_source:
            raise UsageError(
                f"{source} is a portrait file, which brings the source's arguments along",
                "leave out --on-source",
            )
        shown = read_portrait(Path(source))
        return shown, build, asked.guest or shown.guest
    portrait = run(lambda: _with(asked, on_source).portrait_on(source))
    return portrait, build, asked.guest or portrait.guest


def _with(asked: AskedGuest, more: str | None) -> AskedGuest:
    if not more or asked.guest is None:
        return asked
    from qcompat.guest.arguments import parse
    from qcompat.guest.given.forms.shell import split_words

    guest = parse([*asked.guest.arguments, *split_words(more)])
    return msgspec.structs.replace(asked, guest=guest)


def _home_of(source: Portrait, registry: Registry) -> Build:
    for build in registry.list():
        if build.name == source.build and build.identity == source.identity:
            return build
    raise UsageError(
        f"--prove saves the guest on its source, and {source.build} is not on this machine",
        "`qcompat builds fetch` or `qcompat builds add` brings it here",
    )


def _show(source: str, target: str, found: Found, forms: tuple[str, ...], *, as_json: bool) -> None:
    from qcompat.report.repair.text import document, write

    if as_json:
        import sys

        from qcompat.report.output import write_document

        write_document(document(source, target, found), sys.stdout)
        return
    from rich.console import Console

    write(source, target, found, Console(highlight=False), forms)
