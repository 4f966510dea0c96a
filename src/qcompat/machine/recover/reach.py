"""Which compat entries reach a device's property: those of the device and those of its inside.

`layers` says which entries apply to a device; this is the other direction: from a property of a
device to all drivers whose entries could have set it. A virtio proxy shows the properties of the
device inside as its own, so that entries for either reach them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from qcompat.machine.layers import embedded
from qcompat.machine.model import CompatEntry, TypeFact, Values

_ROOT = "device"


class Reach:
    """Which drivers reach a property, by the type tree of one build."""

    def __init__(self, types: Mapping[str, TypeFact], shown: Mapping[str, Values] = {}) -> None:
        """`shown` adds, by type, properties that devices have and the tree does not list.

        (`device-list-properties` hides all that begin with `legacy-` before 11.1;
        qom/qom-qmp-cmds.c.)
        """
        self._types = types
        self._shown = shown
        self._below: dict[str, list[TypeFact]] = defaultdict(list)
        for fact in types.values():
            if fact.properties and not fact.is_abstract:
                for ancestor in fact.ancestors:
                    self._below[ancestor].append(fact)
        self.inner = lru_cache(maxsize=None)(self._inner)
        """The inner device of a proxy (`layers.embedded`), None where there is none."""

    def own(self, type: str) -> tuple[str, ...]:
        """The type and its ancestors and interfaces, nearest first."""
        fact = self._types.get(type)
        return (type, *fact.ancestors) if fact else (type,)

    def inside(self, type: str, property: str) -> tuple[str, ...]:
        """The inner device that shows this property here, and its ancestors; or nothing."""
        inner = self.inner(type)
        return self.own(inner) if inner and self.has(inner, property) else ()

    def drivers(self, type: str, property: str) -> tuple[str, ...]:
        """Every driver whose entries reach the property of the type, the inner device first."""
        return (*self.inside(type, property), *self.own(type))

    def defines(self, driver: str, property: str) -> bool:
        """Whether the driver is known to have the property, and none of its ancestors is."""
        return self.has(driver, property) and not any(
            self.has(ancestor, property) for ancestor in self.own(driver)[1:]
        )

    def has(self, type: str, property: str) -> bool:
        """Whether the type is known to have the property.

        Many builds report no properties of abstract devices: those have what all below them have.
        """
        if property in self._shown.get(type, ()):
            return True
        fact = self._types.get(type)
        if fact is None or fact.properties:
            return fact is not None and property in fact.properties
        below = self._below.get(type, ())
        return (
            bool(below)
            and self.is_device(type)
            and all(property in one.properties for one in below)
        )

    def mostly_have(self, ancestor: str, property: str) -> bool:
        """Whether more than half of the types below, whose properties are known, have it."""
        below = self._below.get(ancestor, ())
        return 2 * sum(property in one.properties for one in below) > len(below)

    def is_device(self, type: str) -> bool:
        """Whether it is a kind of device, and neither an interface nor the root of all."""
        return _ROOT in self.own(type)[1:]

    def depth(self, driver: str) -> int:
        """How many types and interfaces are above: more means more specific."""
        return len(self.own(driver))

    def apply(self, type: str, values: Values, table: Iterable[CompatEntry]) -> Values:
        """Values of a device after a table: entries for the inner device, then its own.

        Only properties that the type is known to have are set; of two entries the later wins.
        """
        result = dict(values)
        entries = [
            entry for entry in table if entry.property in values or self.has(type, entry.property)
        ]
        for entry in entries:
            if entry.driver in self.inside(type, entry.property):
                result[entry.property] = entry.value
        drivers = self.own(type)
        result |= {entry.property: entry.value for entry in entries if entry.driver in drivers}
        return result

    def _inner(self, type: str) -> str | None:
        return embedded(self._types, type) if type in self._types else None
