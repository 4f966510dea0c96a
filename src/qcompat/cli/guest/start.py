"""`qcompat guest start`: a guest was powered on; its arguments and portrait are stored."""

from __future__ import annotations

from itertools import pairwise

import click

from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.cli.guest.recorded import now, portraits_of
from qcompat.cli.options.shared import opened, store_option
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.cli.process.event_loop import run
from qcompat.errors import GuestError, UsageError
from qcompat.lineage.event import Started
from qcompat.lineage.lineage import Lineage, after
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits, is_file


@click.command()
@click.argument("name")
@click.argument("build")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- QEMU ARGUMENTS]")
@click.option(
    "--accel",
    type=click.Choice(["auto", "kvm", "tcg"]),
    default="auto",
    help="What runs the guest. By default auto: KVM if this machine has it.",
)
@store_option
@shown_as("guest show")
def start(
    name: str,
    build: str,
    arguments: tuple[str, ...],
    accel: AccelChoice,
    store: str,
    shown: Shown,
) -> None:
    """Record that a guest was powered on, with its QEMU ARGUMENTS.

    A portrait of its paused twin is taken and kept, so that later questions can be answered even
    when BUILD is gone. BUILD may be a portrait file, which contains the guest.
    """
    from qcompat.cli.guest.show import show_state
    from qcompat.store.lineages import append, lineage
    from qcompat.store.portraits import keep

    engine = opened(store)
    before = lineage(engine, name)
    _refuse_living(before)
    portrait = run(lambda: _portrait(build, arguments, accel))
    refuse_impossible_guest(portrait)
    event = _event(portrait, arguments, keep(engine, portrait))
    grown = append(engine, before, event)
    assert grown.cycle is not None
    show_state(grown, portraits_of(engine, grown.cycle), shown)


async def _portrait(build: str, arguments: tuple[str, ...], accel: AccelChoice) -> Portrait:
    portraits = Portraits.here(accel)
    if is_file(build):
        if arguments:
            raise UsageError(
                f"{build} is a portrait file, which contains its guest",
                "leave out the arguments, or name a build",
            )
        return await portraits.of(build, None)
    if not arguments:
        raise GuestError("no guest is given", "put QEMU's arguments after --")
    from qcompat.guest.arguments import parse

    return await portraits.of(build, parse(arguments))


def _event(portrait: Portrait, arguments: tuple[str, ...], digest: str) -> Started:
    return Started(
        at=now(),
        build=portrait.build,
        identity=portrait.identity,
        machine=portrait.machine,
        arguments=arguments or portrait.guest.arguments,
        guest=portrait.guest.arguments,
        portrait=digest,
        accel=portrait.accel,
        uuid=next((value for option, value in pairwise(arguments) if option == "-uuid"), ""),
    )


def _refuse_living(before: Lineage) -> None:
    """Before a portrait is taken, which costs a second."""
    if before.cycle is not None:
        after(before, before.cycle.started)
