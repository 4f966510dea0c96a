"""The guest as a live trial starts it: the user's guest, with what it takes to boot and to report.

Added are Debian's kernel with the agent, known contents in its disks, a stand-in behind its
network cards, and the far end of a serial port. Machine, processor and devices stay as they are;
what cannot stay is listed in `uncovered`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qcompat.guest import command_line
from qcompat.guest.arguments import words_of
from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each
from qcompat.portrait.portrait import Accel
from qcompat.trial.live.disks import Disks
from qcompat.trial.live.network import with_names

# nokaslr: the kernel's place is part of what is compared. no_timer_check: a slow TCG fails it.
APPEND = (
    "console={port},115200 rdinit=/init qcompat.run=agent qcompat.port={port} loglevel=7 nokaslr"
    " no_timer_check mitigations=off net.ifnames=0 panic=0 memhp_default_state=online_movable"
)
CHARDEV = "qcompat-agent"
_PORTS = 4
_FLASH = "the firmware in flash cannot boot it: SeaBIOS does, and the flash devices are left out"
_SILENT = "the process that stands in moves no data, and the guest's kernel would wait for it"
_HOST = (
    "there is no host processor under TCG: `max` stands in, which is everything that a build's TCG"
    " can do, and grows from release to release"
)
_IRQCHIP = "the interrupt controller in the kernel is KVM's: under TCG it is QEMU's own"
_ADDED = Uncovered(
    "-serial", "the guest has no serial port: one is added (COM1) for its reports", "nothing"
)


class SerialPort(msgspec.Struct, frozen=True):
    """The port that the agent speaks on, and the options without its own far end.

    The far end is to be the chardev `chardev`; `port` is the port's name in the guest.
    """

    options: tuple[Option, ...]
    chardev: str
    port: str
    uncovered: tuple[Uncovered, ...] = ()


class LiveGuest(msgspec.Struct, frozen=True):
    """A guest's options, except for those that name what one QEMU inherits."""

    options: tuple[Option, ...]
    serial: SerialPort
    uncovered: tuple[Uncovered, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        return words_of(self.options)

    @property
    def append(self) -> str:
        return APPEND.format(port=self.serial.port)


def live_guest(guest: Guest, accel: Accel, disks: Disks) -> LiveGuest:
    """The guest of a live trial; its disks become files of `disks`."""
    uncovered = list(guest.uncovered)
    options: tuple[Option, ...] = command_line.read(guest.arguments)
    stages = (_without_flash, _without_silent, _without_boot_order, with_names)
    for stage in (*stages, for_tcg) if accel == "tcg" else stages:
        replaced = stage(options)
        options, uncovered = replaced.options, uncovered + list(replaced.uncovered)
    serial = find_serial_port(disks.replace_in(options))
    return LiveGuest(serial.options, serial, (*uncovered, *serial.uncovered))


def _without_flash(options: Sequence[Option]) -> Replaced:
    """Flash holds the user's firmware, of which only the size is known."""
    named = {v for o in options if o.name == "machine" for k, v in o.pairs if k[:6] == "pflash"}

    def change(option: Option) -> Iterable[Option | Uncovered]:
        is_drive = option.name == "drive" and option.get("if") == "pflash"
        if is_drive or (option.name == "blockdev" and option.get("node-name") in named):
            yield Uncovered(option.written, _FLASH)
        elif option.name == "machine" and named:
            yield option.without(*(key for key, _ in option.pairs if key[:6] == "pflash"))
        else:
            yield option

    return each(options, change)


def _without_silent(options: Sequence[Option]) -> Replaced:
    """The options without devices that a kernel would wait for."""

    def change(option: Option) -> Iterable[Option | Uncovered]:
        is_silent = option.name == "device" and option.get("driver").startswith("vhost-user-")
        yield Uncovered(option.written, _SILENT, "state") if is_silent else option

    return each(options, change)


def _without_boot_order(options: Sequence[Option]) -> Replaced:
    """The kernel comes first: its place in the order is 0 (hw/i386/x86-common.c)."""

    def change(option: Option) -> Iterable[Option | Uncovered]:
        yield option.without("bootindex") if option.get("bootindex") == "0" else option

    return each(options, change)


def for_tcg(options: Sequence[Option]) -> Replaced:
    """The options without what only KVM can run."""

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name == "cpu" and option.text.partition(",")[0] == "host":
            yield Option("cpu", text="max" + option.text[len("host") :], written=option.written)
            yield Uncovered(option.written or f"-cpu {option.text}", _HOST, "view")
        elif option.name == "machine" and option.has("kernel-irqchip"):
            yield option.without("kernel-irqchip")
            yield Uncovered("-machine kernel-irqchip", _IRQCHIP)
        else:
            yield option

    return each(options, change)


def find_serial_port(options: Sequence[Option]) -> SerialPort:
    """The guest's first serial port, or one that is added.

    A port that the guest does not have would change its hardware, so one is added only where
    there is none, and listed. Ports are numbered as QEMU numbers them (hw/char/serial-isa.c:
    `-serial` in order, then devices without an index in order).
    """
    serials = [option for option in options if option.name == "serial"]
    for number, option in enumerate(serials[:_PORTS]):
        if option.text != "none":
            return _port(options, option, number)
    for number, option in enumerate(_devices(options), start=len(serials)):
        if chardev := option.get("chardev"):
            return _named(options, chardev, int(option.get("index") or number))
    # Without -nodefaults QEMU gives the guest this port anyhow, unless one is named.
    has_default = not serials and not any(o.name == "nodefaults" for o in options)
    kept = tuple(option for option in options if option.name != "serial")
    uncovered = () if has_default else (_ADDED,)
    return SerialPort((*kept, _serial("")), CHARDEV, "ttyS0", uncovered)


def _devices(options: Sequence[Option]) -> list[Option]:
    return [o for o in options if o.name == "device" and o.get("driver") == "isa-serial"]


def _port(options: Sequence[Option], chosen: Option, number: int) -> SerialPort:
    chardev = chosen.text.removeprefix("chardev:")
    if chardev != chosen.text:
        return _named(options, chardev, number)
    ours = tuple(_serial(o.written) if o is chosen else o for o in options)
    return SerialPort(ours, CHARDEV, f"ttyS{number}")


def _serial(written: str) -> Option:
    return Option("serial", text=f"chardev:{CHARDEV}", written=written)


def _named(options: Sequence[Option], chardev: str, number: int) -> SerialPort:
    """The device stays as it is; the chardev of that name becomes ours."""
    others = (o for o in options if not (o.name == "chardev" and o.get("id") == chardev))
    return SerialPort(tuple(others), chardev, f"ttyS{number}")
