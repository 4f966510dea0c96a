"""`qcompat guest start`: a guest was powered on; its arguments and portrait are stored."""

from __future__ import annotations

from pathlib import Path

import click

from qcompat.cli.guest.recorded import now, portraits_of
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.guest import guest_in_file, guest_option
from qcompat.cli.options.shared import base_type_option, opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.portrait.portraits import AccelChoice, Portraits


@click.command()
@click.argument("name")
@click.argument("build", shell_complete=complete_build)
@guest_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS | FILE]")
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs the guest. By default auto: KVM if this machine has it.",
)
@base_type_option
@store_option
@shown_as("guest show")
def start(
    name: str,
    build: str,
    guest: Path | None,
    arguments: tuple[str, ...],
    accel: AccelChoice,
    base_type: bool,
    store: str,
    shown: Shown,
) -> None:
    """Record that a guest was powered on, with its QEMU ARGUMENTS.

    A portrait of its paused twin is taken and kept, so that later questions can be answered even
    when BUILD is gone. BUILD may be a portrait file, which contains the guest.
    """
    from qcompat.app.lineage.record import StartQuestion, record_start
    from qcompat.cli.guest.show import show_state

    engine = opened(store)
    given = guest_in_file(guest, arguments, base_type=base_type)
    read, words = (given.guest, given.own) if given else (None, arguments)
    question = StartQuestion(name, build, words, now(), base_type, read)
    grown = run(lambda: record_start(question, Portraits.here(accel), engine))
    assert grown.cycle is not None
    show_state(grown, portraits_of(engine, grown.cycle), shown)
