"""The QOM types of a tree: ancestors, interfaces, properties with defaults, state sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from qcompat.source.facts import FileFacts, Function, Item, TypeInfo
from qcompat.source.tree.files import Place
from qcompat.source.tree.names import Names
from qcompat.source.tree.properties import Property, resolve_array

_DEPTH = 6
_GENERIC = "virtio_pci_generic_class_init"


class Type(msgspec.Struct, frozen=True):
    """A type with what it defines itself.

    `family` are the names made from one virtio PCI description. `is_dynamic` says that it has
    properties whose names are computed, `is_internal` that users cannot make one. `descriptions`
    are pairs of file and variable.
    """

    name: str
    parent: str
    place: Place
    is_abstract: bool = False
    interfaces: tuple[str, ...] = ()
    properties: Mapping[str, Property] = {}
    added: tuple[str, ...] = ()
    is_dynamic: bool = False
    descriptions: tuple[tuple[str, str], ...] = ()
    is_internal: bool = False
    family: tuple[str, ...] = ()


class Unfollowed(msgspec.Struct, frozen=True, order=True):
    """What could not be followed: where, what, and why."""

    place: Place
    what: str
    why: str


class Types:
    """The types of a tree by name."""

    def __init__(self, files: Mapping[str, FileFacts], names: Names) -> None:
        self._files = files
        self._names = names
        self.lost: list[Unfollowed] = []

    @cached_property
    def all(self) -> dict[str, Type]:
        """Each type; the first of two with one name (builds for other systems)."""
        found: dict[str, Type] = {}
        for path in sorted(self._files):
            for info in self._files[path].types:
                for each in self._linked(info, path):
                    found.setdefault(each.name, each)
        return found

    def ancestors(self, name: str) -> tuple[str, ...]:
        """The type itself and its parents, the nearest first, then all their interfaces."""
        if (known := self._ancestors.get(name)) is not None:
            return known
        chain: list[str] = []
        offered: list[str] = []
        here = name
        while here and here not in chain and len(chain) < 40:
            chain.append(here)
            each = self.all.get(here)
            offered += each.interfaces if each else ()
            here = each.parent if each else ""
        found = tuple(dict.fromkeys(chain + offered))
        self._ancestors[name] = found
        return found

    def properties(self, name: str) -> dict[str, tuple[str, Property]]:
        """All properties of a type, each with the type that defines it."""
        if (known := self._effective.get(name)) is not None:
            return known
        found: dict[str, tuple[str, Property]] = {}
        for owner in reversed(self.ancestors(name)):
            if each := self.all.get(owner):
                found.update((key, (owner, one)) for key, one in each.properties.items())
        self._effective[name] = found
        return found

    def is_open(self, name: str) -> bool:
        """Whether a type has properties that are not known by name."""
        return any(
            (each := self.all.get(owner)) is None or each.is_dynamic
            for owner in self.ancestors(name)
        )

    def has_added(self, name: str, property_: str) -> bool:
        """Whether code adds a property of that name to a type or its ancestors."""
        return any(
            property_ in self.all[owner].added
            for owner in self.ancestors(name)
            if owner in self.all
        )

    @cached_property
    def _ancestors(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _effective(self) -> dict[str, dict[str, tuple[str, Property]]]:
        return {}

    @cached_property
    def _functions(self) -> dict[str, tuple[str, Function]]:
        """Functions by name; a file's own comes first in `_function`."""
        return {
            each.name: (path, each)
            for path, facts in self._files.items()
            for each in facts.functions
        }

    @cached_property
    def _own(self) -> dict[str, dict[str, Function]]:
        return {
            path: {each.name: each for each in facts.functions}
            for path, facts in self._files.items()
            if facts.functions
        }

    def _home_of(self, description: str, file: str) -> str:
        """The file that a state description stands in: the own one, else the only one."""
        homes = self._described.get(description, [])
        return file if file in homes or not homes else homes[0]

    @cached_property
    def _described(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._files):
            for each in self._files[path].descriptions:
                found.setdefault(each.variable, []).append(path)
        return found

    @cached_property
    def _arrays(self) -> dict[str, str]:
        return {each.name: path for path, facts in self._files.items() for each in facts.arrays}

    def _linked(self, info: TypeInfo, path: str) -> Iterator[Type]:
        text = self._names.text
        parent = text(info.parent, path) or ""
        interfaces = tuple(one for each in info.interfaces if (one := text(each, path)))
        place = Place(path, info.line)
        if info.siblings:
            yield from self._virtio(info, path, parent, interfaces)
            return
        name = text(info.name, path)
        if name is None:
            self.lost.append(Unfollowed(place, f"the type {info.name}", "its name is not known"))
            return
        own = self._contributions(path, info.class_init, info.instance_init)
        yield Type(name, parent, place, info.is_abstract, interfaces, *own)

    def _virtio(
        self, info: TypeInfo, path: str, parent: str, interfaces: tuple[str, ...]
    ) -> Iterator[Type]:
        """The base, generic, transitional and modern types (`virtio_pci_types_register`)."""
        text = self._names.text
        place = Place(path, info.line)
        generic, old, new = (text(each, path) if each else None for each in info.siblings)
        base = text(info.name, path) or f"{generic}-base-type"
        family = tuple(each for each in (generic, old, new) if each)
        own = self._contributions(path, info.class_init, info.instance_init)
        modern = self._contributions(*self._home(_GENERIC), "")
        if info.name:
            yield Type(base, parent, place, True, interfaces, *own, family)
            yield from (
                Type(generic, base, place, False, (), *modern, family) for generic in family[:1]
            )
            yield from (Type(each, base, place, family=family) for each in family[1:])
        else:
            yield Type(base, parent, place, True, interfaces, *modern, family)
            yield Type(family[0], base, place, False, (), *own, family)

    def _home(self, function: str) -> tuple[str, str]:
        found = self._functions.get(function)
        return (found[0], function) if found else ("", "")

    def _contributions(
        self, path: str, *functions: str
    ) -> tuple[dict[str, Property], tuple[str, ...], bool, tuple[tuple[str, str], ...], bool]:
        """What the functions that make a class or an instance give it."""
        properties: dict[str, Property] = {}
        added: list[str] = []
        dynamic = internal = False
        described: list[tuple[str, str]] = []
        for file, function in self._reached(path, functions):
            for array in function.arrays:
                properties.update(self._array(array, file, function))
            added += [self._names.text(each, file) or each for each in function.added]
            dynamic |= function.is_dynamic
            internal |= function.is_internal
            described += [(self._home_of(each, file), each) for each in function.descriptions]
        unique = tuple(dict.fromkeys(described))
        return properties, tuple(dict.fromkeys(added)), dynamic, unique, internal

    def _reached(self, path: str, functions: tuple[str, ...]) -> Iterator[tuple[str, Function]]:
        """The functions and those that they pass the class on to."""
        waiting = [(path, name, 0) for name in functions if name]
        seen = set()
        while waiting:
            here, name, depth = waiting.pop(0)
            own = self._own.get(here, {}).get(name)
            file, function = (here, own) if own else self._functions.get(name, (here, None))
            if function is None or (file, name) in seen or depth > _DEPTH:
                continue
            seen.add((file, name))
            yield file, function
            waiting += [(file, each, depth + 1) for kind, each in function.steps if kind == "call"]

    def _array(self, name: str, file: str, function: Function) -> dict[str, Property]:
        facts = self._files[file]
        own = next((each for each in facts.arrays if each.name == name), None)
        home = file if own else self._arrays.get(name)
        if home is None:
            place = Place(file, function.line)
            self.lost.append(Unfollowed(place, f"the properties {name}", "no such array is read"))
            return {}
        array = own or next(each for each in self._files[home].arrays if each.name == name)
        found: dict[str, Property] = {}
        for each in self._resolved(array, home):
            found[each.name] = each
        return found

    def _resolved(self, array: object, home: str) -> Iterator[Property]:
        key = (home, id(array))
        if key not in self._seen:
            self._seen[key] = list(resolve_array(array, home, self._names))  # type: ignore[arg-type]
            for each in self._seen[key]:
                if isinstance(each, Item):
                    place = Place(home, each.line)
                    what = each.macro or each.arguments[0][:60]
                    self.lost.append(Unfollowed(place, what, "no property could be read from it"))
        yield from (each for each in self._seen[key] if isinstance(each, Property))

    @cached_property
    def _seen(self) -> dict[tuple[str, int], list[Property | Item]]:
        return {}
