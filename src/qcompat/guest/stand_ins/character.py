"""Character devices become `null`: for the guest, ports on which nothing arrives.

There are two exceptions: `qemu-vdagent` opens nothing of the host, and from 10.1 it has a section
of its own in the migration stream (ui/vdagent.c), so it stays; and the sockets of
vhost-user networks and of other processes, which `network` and `processes` make.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qcompat.guest.guest import Uncovered
from qcompat.guest.option import Option
from qcompat.guest.stand_ins.replaced import Replaced, each, values
from qcompat.qemu.supplies.names import is_supply

_TEXT_OPTIONS = frozenset({"serial", "parallel", "debugcon"})


def replace(options: Sequence[Option]) -> Replaced:
    """Stand-ins for `-chardev` (where the guest refers to it), `-serial` and the like."""
    wanted = values(options, "chardev") | _named(options)

    def change(option: Option) -> Iterable[Option | Uncovered]:
        if option.name in _TEXT_OPTIONS:
            return (_port(option),)
        if option.name == "chardev":
            return (_chardev(option),) if option.get("id") in wanted else ()
        return (option,)

    return each(options, change)


def _named(options: Sequence[Option]) -> frozenset[str]:
    ports = (option.text for option in options if option.name in _TEXT_OPTIONS)
    return frozenset(text.removeprefix("chardev:") for text in ports if text.startswith("chardev:"))


def _port(option: Option) -> Option:
    kept = option.text == "none" or option.text.startswith("chardev:")
    return option if kept else Option(option.name, text="null", written=option.written)


def _chardev(option: Option) -> Option:
    if "qemu-vdagent" in {option.get("backend"), option.get("backend.type")}:
        return option.having((("backend", "qemu-vdagent"), *_of_agent(option)))
    if is_supply(option.get("path")):
        return option.only("backend", "id", "path")
    return option.having((("backend", "null"), *option.only("id", "mux").pairs))


def _of_agent(option: Option) -> Iterable[tuple[str, str]]:
    """Its own fields, which JSON has a level deeper."""
    yield from option.only("id", "name").pairs
    for key in ("clipboard", "mouse"):
        for where in (key, f"backend.data.{key}"):
            yield from ((key, value) for _, value in option.only(where).pairs)
