"""The guest as a live trial starts it: the user's guest, with what it takes to boot and to tell.

Added are Debian's kernel with the agent, known contents in its disks, a stand-in behind its
network cards, and the far end of a serial port. Machine, processor and devices stay; what cannot
is said in `uncovered`.
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
from qcompat.trial.live.cards import with_names
from qcompat.trial.live.disks import Disks
from qcompat.trial.live.line import Line, find_line
from qcompat.trial.live.processor import for_tcg

# nokaslr: the kernel's place is part of what is compared. no_timer_check: a slow TCG fails it.
APPEND = (
    "console={port},115200 rdinit=/init qcompat.port={port} loglevel=7 nokaslr no_timer_check"
    " mitigations=off net.ifnames=0 panic=0"
)
_FLASH = "the firmware in flash cannot boot it: SeaBIOS does, and the flash devices are left out"


class Body(msgspec.Struct, frozen=True):
    """A guest's options, all but what each QEMU inherits for itself."""

    options: tuple[Option, ...]
    line: Line
    uncovered: tuple[Uncovered, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        return words_of(self.options)

    @property
    def append(self) -> str:
        return APPEND.format(port=self.line.port)


def make_body(guest: Guest, accel: Accel, disks: Disks) -> Body:
    """The guest of a live trial; its disks are `disks`."""
    uncovered = list(guest.uncovered)
    options: tuple[Option, ...] = command_line.read(guest.arguments)
    stages = (_without_flash, _without_boot_order, with_names)
    for stage in (*stages, for_tcg) if accel == "tcg" else stages:
        replaced = stage(options)
        options, uncovered = replaced.options, uncovered + list(replaced.uncovered)
    line = find_line(disks.place(options))
    return Body(line.options, line, (*uncovered, *line.uncovered))


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


def _without_boot_order(options: Sequence[Option]) -> Replaced:
    """The kernel comes first: its place in the order is 0 (hw/i386/x86-common.c)."""

    def change(option: Option) -> Iterable[Option | Uncovered]:
        yield option.without("bootindex") if option.get("bootindex") == "0" else option

    return each(options, change)
