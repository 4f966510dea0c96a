"""Machine types with a revision of Proxmox VE, such as `pc-q35-9.2+pve1`, and their base types.

Proxmox's QEMU cuts the revision off and takes the base type (pve-qemu 11.0, debian/patches/pve,
"PVE: Allow version code in machine type"); no other QEMU knows the name. What a revision stands
for, its qemu-server writes into the line as options (src/PVE/QemuServer/Machine.pm of 9.2). So the
base type makes the same board; only the build differs, which is what `DIFFERENCE` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qcompat.arch.machine_type import parse_machine_type
from qcompat.guest.command_line import split
from qcompat.guest.guest import Guest, Uncovered
from qcompat.guest.option import Option, format_fields, parse_fields

_REVISION = "pve"
DIFFERENCE = (
    "a machine type of Proxmox VE, answered with {base}, as which its QEMU takes it; that QEMU has"
    " changes of its own (the CPU without -cpu is kvm64, LINT0 of the first processor is open after"
    " a reset, a backup adds a section to the stream), which show where it is registered"
)


def base_of(machine: str) -> str:
    """The base type of a machine type with a revision of Proxmox VE; empty for any other."""
    type_ = parse_machine_type(machine)
    return type_.base if type_.revision.startswith(_REVISION) else ""


def on_base_type(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options with base types in place of revisions."""
    return tuple(_changed(each) if each.name == "machine" else each for each in options)


def differences(options: Iterable[Option]) -> tuple[Uncovered, ...]:
    """What is said of the machine types that `on_base_type` replaces."""
    types = (each.get("type") for each in options if each.name == "machine")
    return tuple(_difference(name) for name in dict.fromkeys(types) if base_of(name))


def guest_on_base_type(guest: Guest) -> Guest:
    """The guest with its base type in place of a revision, and saying so."""
    base = base_of(guest.machine)
    if not base:
        return guest
    return msgspec.structs.replace(
        guest,
        machine=base,
        arguments=words_on_base_type(guest.arguments),
        uncovered=(_difference(guest.machine), *guest.uncovered),
    )


def _difference(machine: str) -> Uncovered:
    return Uncovered(f"-machine {machine}", DIFFERENCE.format(base=base_of(machine)), "nothing")


def words_on_base_type(words: Sequence[str]) -> tuple[str, ...]:
    """A user's line with base types in place of revisions. Errors: as `command_line.split`."""
    return tuple(word for name, own in split(words) for word in _words(name, own))


def _changed(option: Option) -> Option:
    return option.having(tuple((key, _value(key, value)) for key, value in option.pairs))


def _value(key: str, value: str) -> str:
    return (base_of(value) or value) if key == "type" else value


def _words(name: str, own: tuple[str, ...]) -> tuple[str, ...]:
    if name != "machine" or len(own) != 2:
        return own
    fields = parse_fields(own[1], "type")
    changed = tuple((key, _value(key, value)) for key, value in fields)
    return own if changed == fields else (own[0], format_fields(changed, "type"))
