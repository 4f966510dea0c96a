"""What a guest's driver agreed on: from a word, a portrait, a saved stream or the guest itself."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import msgspec

from qcompat.cli.process.event_loop import run_waiting
from qcompat.errors import UsageError
from qcompat.hosts.devices.agreed import Agreed, agreed_in, agreed_now, all_agreed
from qcompat.hosts.devices.asked import AskedDevice
from qcompat.stream.model import Stream

_WORD = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_BITS = re.compile(r"[01]{64}|[01]{128}")
"""As Linux shows them in /sys/bus/virtio/devices/*/features, bit 0 first (features_show in
drivers/virtio/virtio.c, 6.12)."""


class Driven(msgspec.Struct, frozen=True):
    """A guest's machine type, empty where that is unknown, and what its driver agreed on."""

    machine: str
    agreed: Agreed


def driven(guest: str, asked: AskedDevice, build: str) -> Driven:
    """A word as it is, else all that drivers of such devices agreed on.

    `build` runs the guest of a QMP socket; empty if the guest reports it. Errors: UsageError.
    """
    if _BITS.fullmatch(guest):
        return Driven("", Agreed("", int(guest[::-1], 2)))
    if _WORD.fullmatch(guest):
        return Driven("", Agreed("", int(guest, 16 if guest[:2].lower() == "0x" else 10)))
    machine, found = _running(guest, asked, build) if _is_socket(guest) else _stored(guest, asked)
    if not found:
        raise UsageError(
            f"{guest} shows no {asked.kind.name} device",
            "give the guest's feature word itself, as in --guest 0x10130afffa7",
        )
    return Driven(machine, all_agreed(found))


def _is_socket(guest: str) -> bool:
    return Path(guest).is_socket()


def _running(socket: str, asked: AskedDevice, build: str) -> tuple[str, tuple[Agreed, ...]]:
    """Asked only what a paused twin of the guest survived; see `portrait.running`."""
    from qcompat.app.lineage.known_guest import try_out
    from qcompat.portrait.portraits import Portraits
    from qcompat.portrait.running.observe import observe
    from qcompat.portrait.running.reach.running import Socket

    tried = partial(try_out, Portraits.here(), build=build, words=())
    seen = run_waiting(observe(Socket(Path(socket)), tried))
    return seen.machine, agreed_now(seen, asked.kind)


def _stored(file: str, asked: AskedDevice) -> tuple[str, tuple[Agreed, ...]]:
    stream = _stream(file)
    if stream is None:
        return "", ()
    machine = stream.configuration.machine if stream.configuration else ""
    return machine, agreed_in(stream, asked.kind)


def _stream(file: str) -> Stream | None:
    from qcompat.portrait.file import read_portrait
    from qcompat.portrait.portraits import SUFFIX
    from qcompat.stream.container import unwrapped
    from qcompat.stream.reader.whole import read

    if file.endswith(SUFFIX):
        return read_portrait(Path(file)).stream
    with unwrapped(Path(file)) as (_, content):
        return read(content)
