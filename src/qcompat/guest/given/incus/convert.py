"""An instance as the words with which Incus would start its QEMU, and what they cannot say."""

from __future__ import annotations

from qcompat.guest.given.forms.shell import split_words
from qcompat.guest.given.incus import devices, machine, plugged
from qcompat.guest.given.incus.instance import Instance
from qcompat.guest.guest import Uncovered

_UNREAD = {
    "raw.qemu.conf": "it changes what Incus writes into qemu.conf, and is not read",
    "raw.qemu.scriptlet": "it changes what Incus starts, and is not run",
    "limits.cpu.nodes": "the nodes of the host's memory bind the guest's, and are left out",
}


def words_of(instance: Instance) -> tuple[tuple[str, ...], tuple[Uncovered, ...]]:
    """The words, the emulator first, and what they do not say of the guest. Errors: GuestError."""
    machine.front(instance)
    machine.base(instance)
    machine.processors_and_memory(instance)
    machine.firmware(instance)
    devices.fixed(instance)
    ordered = plugged.ordered(instance)
    places = plugged.take_places(instance, ordered)
    devices.last(instance)
    machine.tables(instance)
    own = split_words(instance.key("raw.qemu"))
    instance.words += own
    plugged.processors(instance)
    plugged.plug(instance, ordered, places)
    for key, reason in _UNREAD.items():
        if instance.key(key):
            instance.open(key, reason)
    if (memory := instance.boot.memory_topology) and memory.extra:
        instance.open("limits.memory", "memory that was plugged since the start is left out")
    words = ("qemu-system-x86_64", *instance.words)
    return words, tuple(dict.fromkeys(instance.uncovered))
