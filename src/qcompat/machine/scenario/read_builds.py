"""Builds of a scenario: complete, or another build with changes.

[builds."8.0.1"]
from = "8.0.0"                                # everything of 8.0.0, except
version = "8.0.1"
drops = ["err-unc-mask"]                      # behaviours that it no longer has
defaults.pci-device.x-pcie-err-unc-mask = "on"
tables.hw_compat_7_2 = [["pci-device", "x-pcie-err-unc-mask", "off"]]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from qcompat.machine.model import CompatEntry
from qcompat.machine.scenario.effective import table_version
from qcompat.machine.scenario.model import Build, Check
from qcompat.machine.scenario.section import Section

CHECKS = ("equal", "at-least", "none")
_NOTHING = Build("", "", ())


def read_builds(root: Section, known: Mapping[str, Build]) -> dict[str, Build]:
    """The builds of a table, in its order; `known` are those that they may change or start from.

    A build that is already known is changed, not replaced. New entries of a compat table come after
    its existing ones.
    """
    builds: dict[str, Build] = {}
    for name, section in root.sections("builds"):
        there = {**known, **builds}
        origin = section.text("from", "")
        if origin and origin not in there:
            section.problems.unknown(section.at("from"), "build", origin, there)
        start = there.get(origin or name, _NOTHING)
        builds[name] = _read(section, name, start)
    if not builds and not known:
        root.note("builds", "is missing")
    return builds


def _read(section: Section, name: str, start: Build) -> Build:
    dropped = section.texts("drops")
    for each in dropped:
        if each not in start.behaviour:
            section.problems.unknown(section.at("drops"), "behaviour", each, start.behaviour)
    # a build named by its version needs no version key
    version = section.text("version", start.version if start.name == name else name)
    if not any(character.isdigit() for character in version):
        section.note("version", "is missing", "such as 8.0.1: it says which build is older")
    kept = {key: value for key, value in start.behaviour.items() if key not in dropped}
    return Build(
        name=name,
        version=version,
        machines=section.texts("machines") or start.machines,
        defaults=_merged(start.defaults, section.settings("defaults")),
        tables=_tables(section, start.tables),
        behaviour={**kept, **section.values("behaviour")},
        checks={**start.checks, **_checks(section.section("checks"))},
        lacks=section.texts("lacks") or start.lacks,
    )


def _merged(
    first: Mapping[str, Mapping[str, str]], second: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    types = dict.fromkeys((*first, *second))
    return {each: {**first.get(each, {}), **second.get(each, {})} for each in types}


def _checks(section: Section) -> dict[str, Check]:
    return {key: cast(Check, section.choice(key, CHECKS, "equal")) for key in section.names()}


def _tables(
    section: Section, start: Mapping[str, tuple[CompatEntry, ...]]
) -> dict[str, tuple[CompatEntry, ...]]:
    tables = dict(start)
    inner = section.section("tables")
    for name in inner.names():
        if table_version(name) is None:
            inner.note(name, "does not end in a release", "name it as QEMU does: hw_compat_7_2")
        tables[name] = (*tables.get(name, ()), *_entries(inner, name))
    return tables


def _entries(section: Section, name: str) -> tuple[CompatEntry, ...]:
    try:
        rows = msgspec.convert(section.raw(name), list[tuple[str, str, str | int | bool]])
    except msgspec.ValidationError:
        section.note(
            name, "must be a list of entries", 'such as [["pci-device", "x-some-property", "off"]]'
        )
        return ()
    return tuple(CompatEntry(driver, key, _text(value)) for driver, key, value in rows)


def _text(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
