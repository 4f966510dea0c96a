"""A guest that no build at hand can make is a mistake in the question, not an answer.

Where one of two builds accepts the guest, the other's refusal is a finding (`rules`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from qcompat.errors import GuestError
from qcompat.guest.base_type import base_of
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Portrait

_CORRECT = "correct what QEMU complains of"
_WHERE_TO_LOOK = {
    r"-device [{\"]*(?:driver\W+)?([\w.-]+)": "`-device {},help` lists properties",
    r"Property '([\w-]+)\.": "`-device {},help` lists properties",
    r"CPU model": "`-cpu help` lists the models",
    r"SMP CPUs|machine type": "`-machine help` lists the machine types",
    r"-object (?:qom-type=)?([\w-]+)": "`-object {},help` lists properties",
}
"""What QEMU complains of, and which of its own lists tells more."""


def refuse_impossible_guest(*portraits: Portrait) -> None:
    """Raise GuestError with QEMU's words where every build refuses to start the guest."""
    messages = [_refusal(portrait) for portrait in portraits]
    if messages and all(messages):
        said = dict.fromkeys(messages)  # both builds often say the same
        builds = " and ".join(dict.fromkeys(portrait.build for portrait in portraits))
        raise GuestError(
            f"this guest cannot be started by {builds}: {'; '.join(said)}",
            "; ".join(_hints(portraits)) or _where_to_look("\n".join(said)),
        )


def _refusal(portrait: Portrait) -> str:
    """QEMU's complaint; its later lines are advice about its own command line."""
    if portrait.refusal is None or portrait.refusal.stage != "start" or portrait.shortage:
        return ""
    return next(iter(portrait.refusal.message.strip().splitlines()), "QEMU gave no reason")


def _hints(portraits: tuple[Portrait, ...]) -> Iterator[str]:
    guest = portraits[0].guest
    yield from _left_open(guest)
    machines = {m for p in portraits for fact in p.facts.machines for m in (fact.name, fact.alias)}
    devices = {d for p in portraits for fact in p.facts.devices for d in (fact.type, fact.alias)}
    if base := base_of(guest.machine):
        if any("unsupported machine type" in _refusal(portrait) for portrait in portraits):
            yield (
                f"{guest.machine} is a machine type of Proxmox VE, based on {base}: --base-type"
                f" asks about {base}; or register Proxmox's QEMU (`qcompat builds add`)"
            )
    else:
        yield from _unknown("machine type", [guest.machine], machines)
    yield from _unknown("device", _device_types(guest), devices)


def _where_to_look(complaint: str) -> str:
    for text, lists in _WHERE_TO_LOOK.items():
        if found := re.search(text, complaint):
            return f"{_CORRECT}; {lists.format(*found.groups())}"
    return _CORRECT


def _left_open(guest: Guest) -> Iterator[str]:
    """What the guest's form does not say, in the form's own words: options begin with a dash."""
    for part in guest.missing:
        if not part.subject.startswith("-"):
            yield f"{part.subject}: {part.reason}"


def _unknown(kind: str, names: Iterable[str], known: set[str]) -> Iterator[str]:
    for name in names:
        if name and name not in known:
            close = difflib.get_close_matches(name, sorted(known - {""}), n=3, cutoff=0.6)
            meant = f", did you mean {' or '.join(close)}?" if close else ""
            yield f"{name} is not a {kind} there{meant}"


def _device_types(guest: Guest) -> Iterator[str]:
    pairs = zip(guest.arguments, guest.arguments[1:], strict=False)
    for option, value in pairs:
        if option == "-device" and not value.startswith("{"):
            yield value.split(",")[0]
