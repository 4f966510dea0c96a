"""`qcompat carry`: what the next start of a guest must say, read from the guest itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.cli.guest.recorded import portraits_of, recorded
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.gate import gate_options
from qcompat.cli.options.running import running_options, warn, words_of_unreachable
from qcompat.cli.options.running_question import BEFORE
from qcompat.cli.options.shared import (
    base_type_option,
    opened,
    store_option,
)
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run_waiting
from qcompat.cli.process.say import note
from qcompat.errors import UnreachableError, UsageError
from qcompat.portrait.portraits import AccelChoice, Portraits

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from qcompat.app.lineage.known_guest import KnownGuest, RecordedGuest
    from qcompat.portrait.running.observed import Observed
    from qcompat.portrait.running.reach.running import Running
    from qcompat.verdict.gate import Gate


@click.command()
@running_options
@click.option(
    "--guest",
    "--argv",
    "argv",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The guest in a file: /proc/PID/cmdline, or any other form that `check --guest` takes.",
)
@click.option(
    "--portrait",
    type=click.Path(path_type=Path),
    help="Its portrait file, instead of all the above.",
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="BUILD",
    shell_complete=complete_build,
    help="Build to go to.",
)
@click.option(
    "--from",
    "build",
    default="",
    metavar="BUILD",
    shell_complete=complete_build,
    help="Build that runs it.",
)
@click.option("--name", default="", help="Its name in the store. By default found by its UUID.")
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs it, if --argv does not say. By default auto.",
)
@click.option(
    "--look-only",
    is_flag=True,
    help="Do not stop a running guest for its device state: judge it by its answers.",
)
@base_type_option
@gate_options()
@store_option
@shown_as("carry", has_remedies=True)
@click.pass_context
def carry(
    ctx: click.Context,
    running: Running | None,
    argv: Path | None,
    portrait: Path | None,
    target: str,
    build: str,
    name: str,
    accel: AccelChoice,
    look_only: bool,
    base_type: bool,
    gate: Gate,
    store: str,
    shown: Shown,
) -> None:
    """Print the QEMU options that the target needs for a guest.

    The answer covers everything that the guest carries from its earlier builds. A running guest
    is stopped for a millisecond or two, in which its QEMU writes its device state; where that is
    denied, it is judged by questions alone. If it was recorded (`qcompat guest`), the record is
    compared with what the guest shows.

    \b
    Exit codes, with all of these options set:
      0  the guest loads, and nothing changes for it while it runs (ok, or drift at reset)
      1  that promise is broken (drift, blocked)    3  unknown
    """
    from qcompat.app.lineage.carry import carry as carried

    _refuse_unclear(running, argv, portrait)
    engine = _engine(store, name, running)
    warn(running)
    portraits = Portraits.here()
    known = run_waiting(
        _known(portraits, running, argv, portrait, build, name, accel, engine, base_type=base_type)
    )
    if running and known.observed and known.portrait:
        known = _with_state(known, running, look_only=look_only)
    answer = run_waiting(carried(portraits, known, target))
    end = gate.exit(answer.verdict)
    shown.show(answer, end)
    ctx.exit(end.code)


def _refuse_unclear(running: Running | None, argv: Path | None, portrait: Path | None) -> None:
    if not (running or argv or portrait):
        raise UsageError(
            "no guest is given",
            "give --domain NAME, --pid N, --qmp SOCKET, --argv FILE or --portrait FILE",
        )
    if portrait and (running or argv):
        raise UsageError("--portrait already describes the whole guest", "leave the others out")


def _engine(store: str, name: str, running: Running | None) -> Engine | None:
    """The store, if it is needed: a mere question does not create it."""
    from qcompat.store.address import is_there

    return opened(store) if name or (running and is_there(store)) else None


async def _known(
    portraits: Portraits,
    running: Running | None,
    argv: Path | None,
    portrait: Path | None,
    build: str,
    name: str,
    accel: AccelChoice,
    engine: Engine | None,
    *,
    base_type: bool,
) -> KnownGuest:
    from qcompat.app.lineage import known_guest as guests
    from qcompat.guest.given.form import Given
    from qcompat.guest.given.recognise import read_guest
    from qcompat.portrait.file import read_portrait

    given = read_guest(argv) if argv else Given((), "")
    if portrait:
        known = guests.from_portrait(read_portrait(portrait), base_type=base_type)
    elif running:
        try:
            return await _asked(
                portraits, running, given.words, build, name, engine, base_type=base_type
            )
        except UnreachableError as error:
            given = given if argv else Given(words_of_unreachable(running, error), "")
            known = await guests.from_process(
                portraits, given, error, build, accel, base_type=base_type
            )
    else:
        known = await guests.from_arguments(portraits, given, build, accel, base_type=base_type)
    return _with_record(known, _recorded(engine, name, None))


async def _asked(
    portraits: Portraits,
    running: Running,
    words: tuple[str, ...],
    build: str,
    name: str,
    engine: Engine | None,
    *,
    base_type: bool,
) -> KnownGuest:
    """A running guest that is asked itself. Errors: as `observe`."""
    from qcompat.app.lineage.known_guest import from_running, try_out
    from qcompat.portrait.running.observe import observe
    from qcompat.portrait.running.reach.reach import reach

    observed = await observe(running, partial(try_out, portraits, build=build, words=words))
    record = _recorded(engine, name, observed)
    return await from_running(
        portraits, observed, words, build, record, partial(reach, running), base_type=base_type
    )


def _with_state(known: KnownGuest, running: Running, *, look_only: bool) -> KnownGuest:
    """The guest with its device state, for which it is stopped; its pause is told."""
    from qcompat.app.running.known_now import with_state, without_state
    from qcompat.report.rehearse.text import pause_text

    if look_only:
        return without_state(known, "not asked for (--look-only)")
    note(BEFORE)
    known, now = run_waiting(with_state(known, running))
    note(pause_text(now) if now else "its device state was not read: it is judged by its answers")
    return known


def _with_record(known: KnownGuest, found: RecordedGuest | None) -> KnownGuest:
    import msgspec

    return msgspec.structs.replace(known, recorded=found) if found else known


def _recorded(engine: Engine | None, name: str, observed: Observed | None) -> RecordedGuest | None:
    """The guest's record: by the name given, else the one that is on and has its UUID or name."""
    from qcompat.app.lineage.known_guest import RecordedGuest
    from qcompat.store.lineages import lineage, named_by

    if engine is None:
        return None
    if name:
        found = [recorded(engine, name)]
    elif observed is None:
        return None
    else:
        names = named_by(engine, observed.uuid) or ((observed.name,) if observed.name else ())
        found = [lineage(engine, each) for each in names]
    running = [each for each in found if each.cycle]
    if len(running) != 1 or running[0].cycle is None:
        return None
    return RecordedGuest(running[0], running[0].cycle, portraits_of(engine, running[0].cycle))
