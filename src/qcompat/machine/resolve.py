"""The value of each property of a device under a machine type, and the layer that set it.

Pure: types, tables and settings in, values out. What a device changes when it is realized
(`vectors` of virtio, queues by the number of CPUs) is not known here: `observe` sees it, and it
comes in as `base`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qcompat.errors import UsageError
from qcompat.machine.cpu_defaults import ROOT
from qcompat.machine.layers import Layer, Layers, applied, matches
from qcompat.machine.model import CompatEntry, TypeFact, Values
from qcompat.machine.value import canonical, kind_of

# Entries that are skipped where a type has no such property. The answer to query-machines
# does not mark them (CompatProperty, qapi/machine.json); these are all that any x86 board has
# (hw_compat_2_6 and, until 7.2, hw_compat_2_4 in hw/core/machine.c).
_OPTIONAL = frozenset(
    {
        ("virtio-pci", "disable-modern"),
        ("virtio-pci", "disable-legacy"),
        ("virtio-blk-device", "scsi"),
    }
)
# Until 10.2 device-list-properties leaves out every property of such a name, though on x86
# CPUs they are properties like others (qom/qom-qmp-cmds.c).
_HIDDEN = "legacy-"


class Unknown(msgspec.Struct, frozen=True, tag=True):
    """A value that could not be learned, and why."""

    reason: str


class Resolved(msgspec.Struct, frozen=True):
    """One property: its value, the layer that wrote it last, and what that overrode.

    `entry` is the compat entry or `-global` that wrote it; None for a default and `-device`.
    `overridden` holds what was written before, first writer first, defaults only where known.
    """

    property: str
    value: str | Unknown
    layer: Layer
    entry: CompatEntry | None = None
    overridden: tuple[tuple[Layer, str], ...] = ()


def resolve(
    types: Mapping[str, TypeFact],
    table: Sequence[CompatEntry],
    device_type: str,
    base: Values,
    globals: Sequence[CompatEntry] = (),
    device: Sequence[tuple[str, str]] = (),
    *,
    accelerator: Sequence[CompatEntry] = (),
    sugar: Sequence[CompatEntry] = (),
) -> tuple[Resolved, ...]:
    """Every property of a device of this type, by name.

    `table` is the machine type's, `base` what the build gives this type without a table entry.
    Where `base` has nothing the class default is used; where that is not reported either, the value
    is Unknown unless a layer wrote it.
    Errors: UsageError when the build has no such type.
    """
    if device_type not in types:
        raise UsageError(
            f"cannot resolve the properties of {device_type}: the build has no such type",
            "a type is also absent if its module is not installed",
        )
    fact = types[device_type]
    layers = Layers(tuple(table), tuple(accelerator), tuple(sugar), tuple(globals))
    found = {name: _start(name, fact, base) for name in {*fact.properties, *base}}
    for layer, entry in applied(types, layers, device_type):
        if may_have(fact, entry.property):
            _write(found, fact, base, entry.property, entry.value, layer, entry)
    for name, value in device:
        _write(found, fact, base, name, value, "device", None)
    return tuple(found[name] for name in sorted(found))


def dead_entries(
    types: Mapping[str, TypeFact], table: Sequence[CompatEntry]
) -> tuple[CompatEntry, ...]:
    """Entries whose driver the build does not have: QEMU ignores them silently."""
    known = {*types, *(name for fact in types.values() for name in fact.ancestors)}
    return tuple(entry for entry in table if entry.driver not in known)


def aborting_entries(
    types: Mapping[str, TypeFact], table: Sequence[CompatEntry]
) -> tuple[tuple[CompatEntry, str], ...]:
    """Entries, each with a type that lacks the property: making such a device ends QEMU.

    Types whose properties are unknown are left out, and so are entries that QEMU marks as optional
    and properties that the build does not report.
    """
    known = [fact for fact in types.values() if not fact.is_abstract]
    return tuple(_aborting(known, table))


def may_have(fact: TypeFact, name: str) -> bool:
    """Whether the type has the property, or its build may just not report it."""
    if not fact.properties or name in fact.properties:
        return True
    is_hidden = name.startswith(_HIDDEN) and "device" in fact.ancestors
    return is_hidden and not any(told.startswith(_HIDDEN) for told in fact.properties)


def _aborting(
    known: Sequence[TypeFact], table: Sequence[CompatEntry]
) -> Iterator[tuple[CompatEntry, str]]:
    for entry in table:
        if (entry.driver, entry.property) in _OPTIONAL:
            continue
        for fact in known:
            if matches(fact, entry.driver) and not may_have(fact, entry.property):
                yield entry, fact.name


def _start(name: str, fact: TypeFact, base: Values) -> Resolved:
    default = fact.properties.get(name)
    if name in base:
        return Resolved(name, canonical(base[name], kind_of(default)), "default")
    if ROOT in fact.ancestors:
        return Resolved(name, Unknown("the CPU model decides it when it is made"), "default")
    if default is not None:
        return Resolved(name, canonical(default), "default")
    return Resolved(name, Unknown("the build reports no default for it"), "default")


def _write(
    found: dict[str, Resolved],
    fact: TypeFact,
    base: Values,
    name: str,
    value: str,
    layer: Layer,
    entry: CompatEntry | None,
) -> None:
    before = found.get(name) or _start(name, fact, base)
    told = () if isinstance(before.value, Unknown) else ((before.layer, before.value),)
    kind = kind_of(fact.properties.get(name) or base.get(name))
    value = canonical(value, kind)
    found[name] = Resolved(name, value, layer, entry, (*before.overridden, *told))
