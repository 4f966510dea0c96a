"""A guest as this machine can start it: the one place that decides what it cannot have here.

Whoever starts a guest, for a portrait or for a real migration, starts what `startable` returns,
so that both see the same guest. What the guest loses is named as uncovered. Which network gets a
tap is decided by `stand_ins.network`.
"""

from __future__ import annotations

import msgspec

from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.option import Option, format_fields, parse_fields

_WITHOUT_TAP = (
    "no tap could be made here, and without one QEMU offers none of the offloads: csum,"
    " guest_csum, gso, guest_tso4, guest_tso6, guest_ecn, guest_ufo, guest_uso4, guest_uso6,"
    " host_tso4, host_tso6, host_ecn, host_ufo, host_uso, the UDP tunnel offloads, and more"
    " than one queue pair (mq)"
)


def startable(guest: Guest) -> Guest:
    """The guest, without taps where none can be made here. Idempotent."""
    if not guest.network_namespace:
        return guest
    from qcompat.builds.run.sandbox import can_make_taps  # tries it, in a process

    return guest if can_make_taps() else without_taps(guest)


def without_taps(guest: Guest) -> Guest:
    """The guest with a hub port for every tap; the features that this loses are uncovered."""
    arguments: list[str] = []
    uncovered: list[Uncovered] = []
    for name, word in zip(("", *guest.arguments), guest.arguments, strict=False):
        is_tap = name in {"-netdev", "-nic"} and word.startswith("tap,")
        arguments.append(_hub_port(name, word) if is_tap else word)
        if is_tap:
            uncovered.append(Uncovered(f"{name} {word}", _WITHOUT_TAP))
    return msgspec.structs.replace(
        guest,
        arguments=tuple(arguments),
        uncovered=guest.uncovered + tuple(uncovered),
        network_namespace=False,
    )


def _hub_port(name: str, word: str) -> str:
    option = Option(name=name[1:], pairs=parse_fields(word, "type"))
    number = option.get("ifname").removeprefix("qc")
    own = option.without("type", "ifname", "script", "downscript", "queues", "vnet_hdr").pairs
    return format_fields((("type", "hubport"), *own, ("hubid", number)), "type")
