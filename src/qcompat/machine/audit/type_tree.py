"""The type tree of one build: the types that an entry's driver reaches, and their properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from qcompat.machine.layers import embedded
from qcompat.machine.model import CompatEntry, TypeFact
from qcompat.machine.resolve import may_have

TypeProperty = tuple[str, str]
"""A device type and one of its properties."""


class TypeTree:
    """The types of a build; what is unknown about a type is None, never absent."""

    def __init__(self, types: Mapping[str, TypeFact]) -> None:
        self._types = types
        self._meant: dict[tuple[str, str], tuple[TypeProperty, ...]] = {}

    @cached_property
    def reach(self) -> Mapping[str, frozenset[str]]:
        """Concrete types by each name that reaches them; a proxy also by its inner device's."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        types = self._types
        for name, fact in types.items():
            if not fact.is_abstract:
                inner = embedded(types, name)
                names = types[inner].ancestors if inner else ()
                for each in (name, *fact.ancestors, *((inner, *names) if inner else ())):
                    found[each].add(name)
        return {driver: frozenset(reached) for driver, reached in found.items()}

    def narrowest(self, names: Iterable[str]) -> str:
        """The name that reaches the fewest types, of several the most specific; empty for none."""

        def width(name: str) -> tuple[int, int, str]:
            fact = self._types.get(name)
            return len(self.reach[name]), -len(fact.ancestors) if fact else 0, name

        return min(names, key=width, default="")

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Concrete types by the nearest ancestor."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, fact in sorted(self._types.items()):
            if fact.ancestors and not fact.is_abstract:
                found[fact.ancestors[0]].append(name)
        return {parent: tuple(names) for parent, names in found.items()}

    def has_property(self, spot: TypeProperty) -> bool | None:
        """Whether the type has the property; None where the build does not report it."""
        fact = self._types.get(spot[0])
        if fact is None or not fact.properties:
            return None
        if spot[1] in fact.properties:
            return True
        return None if may_have(fact, spot[1]) else False

    def meant_by(self, entry: CompatEntry) -> tuple[TypeProperty, ...]:
        """Concrete types that the entry reaches and that are known to have its property."""
        key = (entry.driver, entry.property)
        if key not in self._meant:
            spots = ((name, entry.property) for name in sorted(self.reach.get(entry.driver, ())))
            self._meant[key] = tuple(spot for spot in spots if self.has_property(spot))
        return self._meant[key]
