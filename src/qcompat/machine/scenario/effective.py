"""Which value each property of one device gets, and from which layer.

The layers and their order are those of real builds (`machine.resolve`); a scenario's build is
converted to their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from qcompat.machine.classify import version_of
from qcompat.machine.layers import Layers, applied
from qcompat.machine.model import CompatEntry, TypeFact
from qcompat.machine.resolve import Resolved, resolve
from qcompat.machine.scenario.model import Build, Device, DeviceType, Settings

_TABLE = re.compile(r"_(\d+(?:_\d+)+)$")


class Origin(msgspec.Struct, frozen=True):
    """Where a value comes from: `default`, a table's name, `-global …`, `-device …`.

    `build` is the build that the layer belongs to, empty for options.
    """

    layer: str
    build: str = ""

    def __str__(self) -> str:
        return f"{self.layer} of {self.build}" if self.build else self.layer


class Setting(msgspec.Struct, frozen=True):
    """The value of a property, and the layer that it comes from."""

    value: str
    origin: Origin


class Refused(Exception):  # noqa: N818 - a build refusing to start a guest is an answer
    """The build does not start the guest; the message says why."""


def effective(
    build: Build, types: Mapping[str, DeviceType], machine: str, device: Device, given: Settings
) -> dict[str, Setting]:
    """Every property of `device` on `build`; raises Refused where a layer cannot be applied."""
    tables = {entry: name for name, entry in entries(build, machine)}
    layers = Layers(
        machine=tuple(entry for _, entry in entries(build, machine)),
        globals=tuple(CompatEntry(d, n, v) for d, vs in given.items() for n, v in vs.items()),
    )
    own = tuple(device.properties.items())
    return _settings(build, types, layers, tables, device.type, own)


def types_of(name: str, types: Mapping[str, DeviceType]) -> tuple[str, ...]:
    """A type with its ancestors, and those of the devices inside it, nearest first."""
    kind = types.get(name, DeviceType(name))
    parts = (each for part in kind.parts for each in types_of(part, types))
    return tuple(dict.fromkeys((name, *kind.ancestors, *parts)))


def table_version(table: str) -> tuple[int, ...] | None:
    """The release in the name of a table; None where it has none."""
    match = _TABLE.search(table)
    return tuple(int(part) for part in match[1].split("_")) if match else None


def entries(build: Build, machine: str) -> Iterable[tuple[str, CompatEntry]]:
    """The compat entries that apply to `machine`, in order, each with its table's name."""
    version = version_of(machine)
    tables = [(table_version(name) or (), name) for name in build.tables]
    for release, name in sorted(tables, key=lambda table: table[0], reverse=True):
        if version is not None and release >= version:
            yield from ((name, entry) for entry in build.tables[name])


def _settings(
    build: Build,
    types: Mapping[str, DeviceType],
    layers: Layers,
    tables: Mapping[CompatEntry, str],
    type_: str,
    own: tuple[tuple[str, str], ...] = (),
) -> dict[str, Setting]:
    """The properties of one device, which shows those of the devices inside it as its own."""
    kind = types.get(type_, DeviceType(type_))
    values: dict[str, Setting] = {}
    for part in kind.parts:
        values |= _settings(build, types, layers, tables, part)
    base = {name: setting.value for name, setting in values.items()}
    fact = TypeFact(type_, kind.ancestors, properties={**_defaults(build, kind), **base})
    _refuse_unknown(build, fact, layers, own)
    for each in resolve({type_: fact}, layers.machine, type_, base, layers.globals, own):
        origin = _origin(each, build, tables, type_)
        if each.layer != "default" or each.property not in base:
            values[each.property] = Setting(str(each.value), origin)
    return values


def _defaults(build: Build, kind: DeviceType) -> dict[str, str]:
    """Class defaults of a type: its own, then those of its ancestors."""
    values: dict[str, str] = {}
    for name in reversed((kind.name, *kind.ancestors)):
        values |= build.defaults.get(name, {})
    return values


def _refuse_unknown(
    build: Build, fact: TypeFact, layers: Layers, own: tuple[tuple[str, str], ...]
) -> None:
    """Unlike for a real build, all properties are known."""
    reaching = [entry for _, entry in applied({fact.name: fact}, layers, fact.name)]
    for name in (*(entry.property for entry in reaching), *(name for name, _ in own)):
        if name not in fact.properties:
            raise Refused(f"{build.name} has no property {name} of {fact.name}")


def _origin(each: Resolved, build: Build, tables: Mapping[CompatEntry, str], type_: str) -> Origin:
    if each.layer == "machine" and each.entry is not None:
        return Origin(tables[each.entry], build.name)
    if each.layer == "global" and each.entry is not None:
        return Origin(f"-global {each.entry.driver}.{each.entry.property}={each.entry.value}")
    if each.layer == "device":
        return Origin(f"-device {type_},{each.property}={each.value}")
    return Origin("default", build.name)
