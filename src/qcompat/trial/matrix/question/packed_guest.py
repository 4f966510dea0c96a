"""A packed guest: one guest with the devices of several entries, or one entry's own guest.

Failures are rare, so one load of a guest with many devices settles all of them. QEMU's error
message names a device by its PCI address, by its id or by the name of its state, so a packed
guest knows which entry each of these belongs to.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from qcompat.guest.guest import Guest
from qcompat.guest.option import parse_fields
from qcompat.machine.observe.device_setup import DeviceSetup, number_in
from qcompat.machine.observe.guest_arguments import Buses, guest_arguments
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry

_ADDRESS = re.compile(r"\b0000:00:([0-9a-f]{2})\.([0-7])\b")
_NUMBER = re.compile(r"-n\d+\b")
_QUOTED = re.compile(r"'([^']+)'")
_PATH = re.compile(r"^(?:\S*/)?([^/]+)$")


class PackedGuest(msgspec.Struct, frozen=True):
    """The guest, and the entries (by name) that it settles if it loads.

    `alone` says that it is the one entry's own guest, to which nothing was added. `owners` maps
    what QEMU may name (`00:02.1`, `-n12`, `virtio-9p`) to the names of entries.
    """

    machine: str
    members: tuple[str, ...]
    guest: Guest
    alone: bool
    owners: Mapping[str, tuple[str, ...]] = {}

    def named_in(self, message: str) -> tuple[str, ...]:
        """The members that QEMU's error message names, in order; empty if it names none.

        An address or an id belongs to one device. Names of states count only where there is
        neither, because devices of one family share them.
        """
        addresses = [f"{slot}.{function}" for slot, function in _ADDRESS.findall(message)]
        exact = {o for word in (*addresses, *_NUMBER.findall(message)) for o in self._own(word)}
        states = (_PATH.sub(r"\1", word) for word in _QUOTED.findall(message))
        found = exact or {owner for word in states for owner in self._own(word)}
        return tuple(member for member in self.members if member in found)

    def _own(self, word: str) -> tuple[str, ...]:
        return self.owners.get(word, ())


def own_guest(entry: MatrixEntry) -> PackedGuest:
    """The entry's own guest, without other devices."""
    return PackedGuest(entry.machine, (entry.name,), entry.guest, alone=True)


def pack_entries(
    entries: Sequence[MatrixEntry], buses: Buses, states: Mapping[str, str]
) -> PackedGuest:
    """One guest with the devices of all entries; each has a setup, all have one machine type.

    `states` maps a device type to the name of its state.
    """
    machine = entries[0].machine
    setups = [entry.setup for entry in entries if entry.setup is not None]
    words = guest_arguments(machine, setups, buses)
    return PackedGuest(
        machine,
        tuple(entry.name for entry in entries),
        Guest(machine, tuple(words)),
        alone=False,
        owners=_owners(entries, words, states),
    )


def _owners(
    entries: Sequence[MatrixEntry], words: Sequence[str], states: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    by_number: dict[int | None, str] = {}
    for entry in entries:
        assert entry.setup is not None
        number = number_in(entry.setup.id)
        by_number[number] = entry.name
        for word in (f"-n{number}", *_types(entry.setup)):
            for each in {word, states.get(word, word)}:
                found.setdefault(each, []).append(entry.name)
    for address, number in _addresses(words):
        if number in by_number:
            found.setdefault(address, []).append(by_number[number])
    return {word: tuple(names) for word, names in found.items()}


def _types(setup: DeviceSetup) -> Iterable[str]:
    return {option.pairs[0][1] for option in setup.options if option.name == "device"}


def _addresses(words: Sequence[str]) -> Iterable[tuple[str, int | None]]:
    """Where on the root bus each device of the packed guest sits, with its setup's number."""
    for option, text in itertools.pairwise(words):
        fields = dict(parse_fields(text, "driver")) if option == "-device" else {}
        if fields.get("bus") in ("pcie.0", "pci.0") and "addr" in fields:
            slot, _, function = fields["addr"].partition(".")
            yield f"{slot:0>2}.{function}", number_in(text)
