"""The devices of a guest's ACPI namespace, each with what tells it apart and what it has.

An operating system binds to a device by its hardware and unique id, or by its address below its
parent, never by the name of its node: `PCI0.ISA` and `PCI0.SF8` at one address are one device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from qcompat.compare.firmware.aml.definitions import Definition
from qcompat.compare.firmware.aml.reader import Reference, UnreadableError, Value
from qcompat.compare.firmware.aml.resources import resources

_DEVICES = ("device", "zone", "processor", "power resource")
_IDS = ("_HID", "_CID")
_TEMPLATES = ("_CRS", "_PRS")
_NO_EISA = 0xFFFF
METHOD = "method"
"""Begins the text of a method."""
REGION = "region"
"""Begins the text of an operation region: what the firmware's code reaches, and where."""

Identity = tuple[tuple[str, ...], ...]
"""What tells a device apart, from the outermost that holds it to itself."""


class Node(msgspec.Struct, frozen=True):
    """A device, or the root, with what stands directly in it.

    `members` are texts by member's name: `_HID` → `PNP0A08`. A method is
    `method(arguments)`, with its bytes in `bodies`.
    `is_driven`: it has a hardware id, so that a driver binds.
    """

    path: str
    kind: str
    identity: Identity
    members: Mapping[str, str]
    bodies: Mapping[str, bytes]

    @property
    def is_driven(self) -> bool:
        return "_HID" in self.members

    @property
    def has_address(self) -> bool:
        return "_ADR" in self.members


def nodes(found: Iterable[Definition]) -> tuple[Node, ...]:
    """The root and the devices that the definitions make, in order."""
    every = tuple(found)
    holders = {"": "scope"} | {each.path: each.kind for each in every if each.kind in _DEVICES}
    members: dict[str, dict[str, str]] = {path: {} for path in holders}
    bodies: dict[str, dict[str, bytes]] = {path: {} for path in holders}
    for each in every:
        holder, name = _place(each, holders)
        if each.kind in _DEVICES:
            if each.value:
                members[each.path]["(values)"] = text_of(each.value)
            continue
        name = _free(name, members[holder])
        members[holder][name] = _shown(name, each)
        if each.kind == "method" and isinstance(each.value, bytes):
            bodies[holder][name] = each.value
    identities = dict(_identities(holders, members))
    return tuple(
        Node(path, holders[path], identities[path], members[path], bodies[path]) for path in holders
    )


def _place(each: Definition, holders: Mapping[str, str]) -> tuple[str, str]:
    """The device in which it stands, and its name there; scopes between them belong to the name."""
    path, name = each.path, ""
    while True:
        path, _, leaf = path.rpartition(".")
        name = f"{leaf}.{name}" if name else leaf
        if path in holders:
            return path, name


def _free(name: str, taken: Mapping[str, str]) -> str:
    if name not in taken:
        return name
    number = sum(1 for each in taken if each.partition("#")[0] == name)
    return f"{name}#{number + 1}"


def _identities(
    holders: Mapping[str, str], members: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Identity]]:
    known: dict[str, Identity] = {}
    for path in holders:
        outer = path
        while outer:
            outer = outer.rpartition(".")[0]
            if outer in known:
                break
        known[path] = (*known.get(outer, ()), _own_identity(path, members[path])) if path else ()
        yield path, known[path]


def _own_identity(path: str, has: Mapping[str, str]) -> tuple[str, ...]:
    if "_HID" in has:
        return tuple(f"{name} {has[name]}" for name in ("_HID", "_UID") if name in has)
    if "_ADR" in has:
        return (f"_ADR {has['_ADR']}",)
    return (f"name {path.rpartition('.')[2]}",)


def _shown(name: str, each: Definition) -> str:
    if each.kind == "method":
        return f"{METHOD}({each.arguments})"
    if each.kind == "region":
        return f"{REGION}{text_of(each.value)}"
    if name in _TEMPLATES and isinstance(each.value, bytes):
        try:
            return ", ".join(resources(each.value))
        except UnreadableError:
            return each.value.hex()
    if name in _IDS and isinstance(each.value, int):
        return _eisa_id(each.value)
    return text_of(each.value)


def text_of(value: Value) -> str:
    """A value in words, names without the path to them."""
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, bytes):
        return value.rstrip(b"\0").hex() or "0"
    if isinstance(value, Reference):
        return value.name.rpartition(".")[2].lstrip("\\^")
    if isinstance(value, str):
        return f'"{value}"'
    return f"({', '.join(map(text_of, value))})"


def _eisa_id(value: int) -> str:
    """`PNP0A08` for 0x080ad041: three letters of five bits, four digits, bytes swapped."""
    if value <= _NO_EISA or value >> 32:
        return hex(value)
    swapped = int.from_bytes(value.to_bytes(4, "little"), "big")
    letters = "".join(chr(64 + (swapped >> shift & 31)) for shift in (26, 21, 16))
    return f"{letters}{swapped & 0xFFFF:04X}"
