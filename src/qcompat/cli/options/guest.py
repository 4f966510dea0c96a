"""How a command gets its guest: from a file in any form, as one device on a machine type, or as
QEMU arguments after `--`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.cli.options.shared import base_type_option
from qcompat.errors import UsageError
from qcompat.guest.base_type import base_of, words_on_base_type
from qcompat.guest.guest import Guest
from qcompat.guest.program import is_emulator
from qcompat.portrait.portrait import Moment
from qcompat.portrait.portraits import AccelChoice


def guest_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options that describe a guest; the command gets them as one `asked`."""

    @wraps(command)
    def with_guest(
        *,
        guest: Path | None,
        machine: str | None,
        device: tuple[str, ...],
        accel: AccelChoice | None,
        moment: Moment | None,
        base_type: bool,
        arguments: tuple[str, ...],
        **others: Any,
    ) -> object:
        if asked := guest_in_file(guest, arguments, machine, device, base_type=base_type):
            asked = msgspec.structs.replace(asked, accel=accel, moment=moment)
            return command(asked=asked, **others)
        if machine and base_type:
            machine = base_of(machine) or machine
        own = arguments or _written(machine, _only(device))
        own = words_on_base_type(own) if base_type else own
        described = _guest(machine, _only(device), arguments, base_type=base_type)
        asked = AskedGuest(described, accel, moment, own, base_type)
        return command(asked=asked, **others)

    decorated: Callable[..., object] = with_guest
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def guest_in_file(
    named: Path | None,
    arguments: tuple[str, ...],
    machine: str | None = None,
    devices: tuple[str, ...] = (),
    *,
    base_type: bool,
) -> AskedGuest | None:
    """The guest in the file of `--guest`, or of the only word after `--`; None: there is no file.

    A lone word is no option and no emulator, so QEMU would take it for a disk.
    Errors: UsageError for a guest that is given in another way too, and as `given_guest`.
    """
    word = arguments[0] if len(arguments) == 1 else ""
    is_file = bool(word) and not word.startswith("-") and not is_emulator(word)
    if named is None and not is_file:
        return None
    ways = {"by --machine or --device": machine or devices, "after --": named and arguments}
    if second := next((way for way, given in ways.items() if given), ""):
        raise UsageError(
            f"the guest is given twice: by a file, and {second}",
            "give the whole guest in the file, and leave out the others",
        )
    from qcompat.app.given_guest import given_guest

    return given_guest(named or Path(word), base_type=base_type)


def _only(devices: tuple[str, ...]) -> str | None:
    """The device of a small guest; of two, dropping one would answer another question."""
    if len(devices) > 1:
        raise UsageError(
            "--device is given more than once, and a small guest has one device",
            "give a whole guest after --, as in: -- -machine q35 "
            + " ".join(f"-device {device}" for device in devices),
        )
    if "" in devices:
        raise UsageError("--device is empty", "name a device type, such as virtio-blk-pci")
    return devices[0] if devices else None


def _guest(
    machine: str | None, device: str | None, arguments: tuple[str, ...], *, base_type: bool
) -> Guest | None:
    if arguments and (machine or device):
        raise UsageError(
            "the guest is given twice: by --machine or --device, and after --",
            "give a whole guest after --, or one device by --machine and --device",
        )
    if arguments:
        from qcompat.guest.given.line import guest_of

        return guest_of(arguments, base_type=base_type)
    if device and not machine:
        raise UsageError(
            f"--device {device} is given without a machine type",
            "add a machine type, such as --machine q35",
        )
    return _small_guest(machine, device) if machine else None


def _written(machine: str | None, device: str | None) -> tuple[str, ...]:
    """A small guest as QEMU's arguments, without what it gets besides."""
    given = (("-machine", machine), ("-device", device))
    return tuple(word for option, value in given if value for word in (option, value))


def _small_guest(machine: str, device: str | None) -> Guest:
    from qcompat.guest.single import single_device

    return single_device(machine, device)


guest_option = click.option(
    "--guest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A whole guest in a file: a domain's XML, a command line, a script with one, a copy of "
    "/proc/PID/cmdline, or a portrait (.qcp).",
)

_OPTIONS = (
    guest_option,
    click.option("--machine", metavar="TYPE", help="Machine type of a small guest."),
    click.option(
        "--device",
        multiple=True,
        metavar="TYPE[,PROP=VALUE…]",
        help="The one device of a small guest.",
    ),
    click.option(
        "--accel",
        type=click.Choice(["auto", "kvm", "tcg"]),
        help="What runs the guest. By default auto: KVM if this machine has it.",
    ),
    click.option(
        "--moment",
        type=click.Choice(["reset", "firmware", "booted"]),
        help="When the portrait is taken: before the firmware runs (default), after it, or when"
        " Linux has booted and uses the devices.",
    ),
    base_type_option,
    click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGUMENTS | FILE]"),
)
