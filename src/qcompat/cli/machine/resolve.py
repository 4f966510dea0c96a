"""`qcompat machine resolve`: what each property of a device is, and which layer decided it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from qcompat.builds.facts import ACCELERATORS
from qcompat.cli.machine.given import accel_option, machine_on
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.guest.global_property import read_global
from qcompat.guest.option import parse_fields
from qcompat.machine.ask.asked_on import asked_on
from qcompat.machine.cpu_defaults import without_processors
from qcompat.machine.model import CompatEntry
from qcompat.portrait.accel_choice import AccelChoice

_AS_IS = {"ignore_unknown_options": True}


@click.command(context_settings=_AS_IS)
@click.argument("build", shell_complete=complete_build)
@click.argument("machine")
@click.argument("device")
@click.argument("settings", nargs=-1, type=click.UNPROCESSED, metavar="[-global …] [-device …]")
@click.option("--property", "only", metavar="NAME", help="Only this property.")
@accel_option
@shown_as("machine resolve")
def resolve(
    build: str,
    machine: str,
    device: str,
    settings: tuple[str, ...],
    only: str | None,
    accel: AccelChoice,
    shown: Shown,
) -> None:
    """Show the value of each property of a device, and what set it.

    Settings are written as for QEMU: -global DRIVER.PROPERTY=VALUE, and the properties of the
    device itself as in -device TYPE,PROPERTY=VALUE.
    """
    from qcompat.machine.resolve import resolve as resolved

    facts, name = machine_on(build, machine, accel)
    if facts.processors not in (asked_on(facts.identity, each) for each in ACCELERATORS):
        facts = without_processors(facts)  # what CPU models are depends on the host
    type_, _, own = device.partition(",")
    globals_, given = _settings(settings, type_)
    given += _pairs(own)
    found = resolved(
        facts.types, facts.tables.get(name, ()), type_, facts.base.get(type_, {}), globals_, given
    )
    if only:
        found = tuple(each for each in found if each.property == only)
        if not found:
            raise UsageError(f"{type_} has no property {only!r}", "leave --property out to see all")
    shown.show(found)


def _settings(
    words: tuple[str, ...], type_: str
) -> tuple[list[CompatEntry], list[tuple[str, str]]]:
    globals_: list[CompatEntry] = []
    given: list[tuple[str, str]] = []
    for option, value in _options(words):
        if option == "global":
            globals_.append(_global(value))
            continue
        named, _, own = value.partition(",")
        if named != type_:
            raise UsageError(f"-device {named} is not {type_}")
        given += _pairs(own)
    return globals_, given


def _options(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    found = iter(words)
    for word in found:
        option = word.lstrip("-")
        if option not in ("global", "device"):
            raise UsageError(f"{word} is not supported here", "give -global and -device only")
        value = next(found, None)
        if value is None:
            raise UsageError(f"{word} has no value", "as in: -global virtio-blk-pci.ats=on")
        yield option, value


def _global(text: str) -> CompatEntry:
    given = read_global(text)
    return CompatEntry(given.driver, given.name, given.value)


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(parse_fields(text)) if text else []
