"""What might repair: settings that differ between the ends, and values that a finding names.

Ordered by how likely they are to be right: the source's own values first. Values that only the
target has are `other_values`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.cpu import CpuPropertyDiffers, FeatureWordDiffers
from qcompat.compare.devices import PropertyDiffers
from qcompat.compare.guest import ArgumentDiffers
from qcompat.compare.memory import BlockDiffers
from qcompat.guest.global_property import read_global
from qcompat.guest.option import parse_fields
from qcompat.machine.value import NULL, canonical
from qcompat.portrait.portrait import Device, Portrait
from qcompat.qemu.supplies.names import supplies_in
from qcompat.remedy.build_properties import BuildProperties
from qcompat.remedy.device_line import place_of_line
from qcompat.remedy.places import (
    CPU,
    GUEST,
    HOST_SIDE,
    OFF_TREE,
    devices_of,
    inner_of,
    place_of,
    settable_owner,
)
from qcompat.remedy.setting import Setting
from qcompat.remedy.spelling import feature_name
from qcompat.rules.cpu.cpuid import changed_bits, named
from qcompat.rules.device.property_changed import DEFAULTS_ONLY
from qcompat.rules.finding import Finding
from qcompat.rules.subject import address_of, owner_of
from qcompat.verdict.search.cost import place_of_finding


class Candidate(msgspec.Struct, frozen=True, order=True):
    """A setting that might repair, and the place that it belongs to."""

    place: str
    setting: Setting


def directed(
    comparison: Comparison, properties: BuildProperties, findings: tuple[Finding, ...]
) -> list[Candidate]:
    """What differs, each restored, and what the findings' own values suggest; each once.

    A stand-in for a file of the user (`qemu.supplies`) is nothing that anybody could set.
    """
    restored = list(globals_restored(comparison, properties))
    names = {each.setting.name for each in restored}
    found = [
        *restored,
        *(c for c in _properties(comparison, properties) if c.setting.name not in names),
        *_roms(comparison, properties),
        *_sizes(comparison, properties, findings),
        *_features(comparison, properties),
        *arguments_restored(comparison),
    ]
    return [each for each in dict.fromkeys(found) if not supplies_in([each.setting.value])]


def on_device(
    portrait: Portrait, device: Device, name: str, value: str, *, restores: bool
) -> Candidate:
    """A setting of one device: in its own line, or by its type where it has none."""
    is_off_tree = device.path.startswith(OFF_TREE)
    has_line = is_off_tree or place_of_line(portrait, device) is not None
    path, reach = (device.path, "device") if has_line else ("", "type")
    setting = Setting(device.type, name, value, reach, path, restores)  # type: ignore[arg-type]
    return Candidate(place_of(device), setting)


def _properties(comparison: Comparison, properties: BuildProperties) -> Iterator[Candidate]:
    """The source's value for every property that has another one on the target."""
    target = comparison.target
    theirs = {device.path: device for device in target.devices}
    for each in comparison.of(PropertyDiffers):
        if each.name in DEFAULTS_ONLY or each.name in HOST_SIDE or each.source is None:
            continue
        owner = settable_owner(target, theirs[each.path])
        value = canonical(each.source, properties.kind(owner.type, each.name))
        if each.target is None or value == NULL or not properties.has(owner.type, each.name):
            continue
        yield on_device(target, owner, each.name, value, restores=True)


def _roms(comparison: Comparison, properties: BuildProperties) -> Iterator[Candidate]:
    """The size of an option ROM's memory block on the source, and none at all."""
    for each in comparison.of(BlockDiffers):
        owner = owner_of(comparison.target, address_of(each.name))
        if owner is None or not each.name.endswith(".rom"):
            continue
        if each.source is None:
            yield on_device(comparison.target, owner, "romfile", "", restores=True)
        elif properties.has(owner.type, "romsize"):
            size = str(each.source.length)
            yield on_device(comparison.target, owner, "romsize", size, restores=True)


def _sizes(
    comparison: Comparison, properties: BuildProperties, findings: tuple[Finding, ...]
) -> Iterator[Candidate]:
    """A number that the target has where the source has another, wherever a property is it."""
    for finding in findings:
        place = place_of_finding(comparison.source, finding)
        for device in devices_of(comparison.target, place):
            for name, value in _values_named_by(finding, comparison.target, device, properties):
                yield on_device(comparison.target, device, name, value, restores=False)


def _values_named_by(
    finding: Finding, target: Portrait, device: Device, properties: BuildProperties
) -> Iterator[tuple[str, str]]:
    pairs = {(e.target, e.source) for e in finding.evidence if e.source and e.target}
    for name, value in sorted(values_of(target, device, properties).items()):
        for own, wanted in sorted(pairs):
            known = properties.types.get(device.type, {}).get(name)
            if known and known.is_number and wanted.isdigit() and value == own:
                yield name, wanted


def values_of(portrait: Portrait, device: Device, properties: BuildProperties) -> Mapping[str, str]:
    """What the device's properties are now, those of a virtio device inside it included."""
    inner = inner_of(portrait, device)
    values = {**(inner.properties if inner else {}), **device.properties}
    return {
        name: canonical(value, properties.kind(device.type, name)) for name, value in values.items()
    }


def _features(comparison: Comparison, properties: BuildProperties) -> Iterator[Candidate]:
    """Processor features whose bits differ, then every other property of the processor."""
    cpu = comparison.target.cpu
    if cpu is None:
        return
    known = properties.types.get(cpu.type, {})
    wanted = {
        feature_name(name): value
        for each in comparison.of(FeatureWordDiffers)
        for bits, value in zip(changed_bits(each), ("on", "off"), strict=True)
        for name in named(each, bits)
    }
    for each in comparison.of(CpuPropertyDiffers):
        if each.name in known and each.source is not None and each.target is not None:
            wanted.setdefault(feature_name(each.name), canonical(each.source))
    spelled = {feature_name(name): name for name in sorted(known, reverse=True)}
    for name, value in wanted.items():
        if name in spelled:
            yield Candidate(CPU, Setting(cpu.type, spelled[name], value, "cpu"))


def globals_restored(comparison: Comparison, properties: BuildProperties) -> Iterator[Candidate]:
    """What the source's own `-global` says and the target's does not."""
    for each in comparison.of(ArgumentDiffers):
        if each.option != "-global" or each.source is None:
            continue
        given = read_global(each.source)
        if any(given.name in known for known in properties.types.values()):
            yield Candidate(GUEST, Setting(given.driver, given.name, given.value, "type"))


def arguments_restored(comparison: Comparison) -> Iterator[Candidate]:
    """Options that the ends were given differently, keys of `-machine` one by one."""
    for each in comparison.of(ArgumentDiffers):
        if each.option == "-global":
            continue
        if each.option == "-machine" and each.source and each.target:
            yield from _machine(each.source, each.target)
        elif each.source is not None:
            old = each.target or ""
            yield Candidate(
                GUEST, Setting(each.option, "", each.source, "argument", instead_of=old)
            )
        elif each.target is not None:
            setting = Setting(each.option, "", each.target, "argument", removes=True)
            yield Candidate(GUEST, setting)


def _machine(source: str, target: str) -> Iterator[Candidate]:
    ours, theirs = dict(parse_fields(source, "type")), dict(parse_fields(target, "type"))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) == theirs.get(name) or name == "type":
            continue
        removes = name not in ours
        value = theirs[name] if removes else ours[name]
        setting = Setting(f"{ours['type']}-machine", name, value, "machine", removes=removes)
        yield Candidate(GUEST, setting)
