"""Which properties a build has for a guest's devices, and what its machine types set there.

`trial.repair.ask_properties` asks the build.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.machine.model import CompatEntry

Properties = Mapping[str, "PropertyInfo"]


class PropertyInfo(msgspec.Struct, frozen=True):
    """A property as `device-list-properties` lists it; `default` is None where none is listed."""

    name: str
    kind: str
    default: str | None = None
    description: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """All values of a switch, or of an enumeration described as `on/off/auto`."""
        if self.kind in ("bool", "boolean"):
            return ("on", "off")
        words = self.description.split("/")
        return tuple(words) if len(words) > 1 and all(w.isidentifier() for w in words) else ()

    @property
    def is_number(self) -> bool:
        """Whether it takes a plain number."""
        return self.kind.startswith(("uint", "int", "size"))

    @property
    def is_settable(self) -> bool:
        """Whether a command line can give it a value at all."""
        return not self.kind.startswith(("child<", "link<irq>", "link<memory-region>"))


class BuildProperties(msgspec.Struct, frozen=True):
    """The properties that a build has for the types of one guest.

    `types` holds the properties of each type of the guest (devices and processors), `parents`
    its ancestors, nearest first. `entries` are the compat entries of all the build's machine
    types, each once, and `reaches` says which of the guest's types an entry's driver means.
    `machine` are the properties of the guest's machine type. `lost` says what the build could
    not be asked, and why.
    """

    types: Mapping[str, Properties]
    parents: Mapping[str, tuple[str, ...]] = {}
    entries: tuple[CompatEntry, ...] = ()
    reaches: Mapping[str, frozenset[str]] = {}
    machine: Properties = {}
    lost: Mapping[str, str] = {}

    def has(self, type_: str, name: str) -> bool:
        """Whether the type has the property and a user may set it; True for an unknown type."""
        known = self.types.get(type_)
        return known is None or (name in known and known[name].is_settable)

    def kind(self, type_: str, name: str) -> str:
        """The kind of a property, empty where it is not known."""
        info = self.types.get(type_, {}).get(name)
        return info.kind if info else ""

    def turned_back(self, type_: str, inner: str = "") -> Iterator[tuple[str, str]]:
        """(property, value) of every compat entry that reaches the type, or the one inside it."""
        for entry in self.entries:
            meant = self.reaches.get(entry.driver, frozenset())
            if (type_ in meant or inner in meant) and self.has(type_, entry.property):
                yield entry.property, entry.value
