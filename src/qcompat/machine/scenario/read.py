"""A scenario from its TOML text; every problem of it in one error.

`read_builds` reads builds, `read_guests` guests and their chains; `names` checks the names they
use. The fix is a second set of builds on top of the first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import cast

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.machine.scenario.model import (
    Answer,
    Build,
    Check,
    DeviceType,
    End,
    Expected,
    Inventory,
    Scenario,
    Travels,
    Visible,
    When,
)
from qcompat.machine.scenario.names import check_expected, check_inventory
from qcompat.machine.scenario.read_builds import CHECKS, read_builds
from qcompat.machine.scenario.read_guests import (
    default_ends,
    read_chains,
    read_ends,
    read_guests,
)
from qcompat.machine.scenario.section import Problems, Section

TRAVELS = ("no", "until-reset", "until-power-off")
ANSWERS = ("ok", "drift", "blocked", "unknown")


def read(text: str, name: str = "scenario") -> Scenario:
    """The scenario in `text`; raises FileFormatError with all problems of the file `name`."""
    try:
        content = tomllib.loads(text)
    except UNDECODABLE as error:
        raise FileFormatError(f"{name}: it is not TOML: {error}") from error
    problems = Problems()
    scenario = _scenario(Section(content, "", problems), problems)
    if problems.found:
        raise FileFormatError(_told(name, problems), "docs/explanation/scenarios shows such files")
    return scenario


def _scenario(root: Section, problems: Problems) -> Scenario:
    title = root.text("title")
    fix = root.section("fix")
    expected = tuple(_expected(root, bool(fix.names())))
    before, after = _inventories(root, fix, problems)
    words = fix.text("about") if fix.names() else ""
    root.close()
    check_expected(expected, before, after, problems)
    return Scenario(title, before, after, words, tuple(_for_all_guests(expected, before)))


def _inventories(
    root: Section, fix: Section, problems: Problems
) -> tuple[Inventory, Inventory | None]:
    visible, types = _visible(root), _device_types(root)
    hosts = {host: frozenset(each.texts("features")) for host, each in root.sections("hosts")}
    guests = read_guests(root)
    builds = read_builds(root, {})
    mended = {**builds, **read_builds(fix, builds)} if fix.names() else builds
    ends = read_ends(root)
    chains = read_chains(root, default_ends(mended, hosts, ends))

    def inventory(existing: Mapping[str, Build]) -> Inventory:
        places = default_ends(existing, hosts, ends)
        there = tuple(c for c in chains if all(s.end.build in existing for s in c.stops))
        return Inventory(
            visible, types, existing, hosts, guests, _existing(places, existing), there
        )

    whole = Inventory(visible, types, mended, hosts, guests, ends, chains)
    check_inventory(whole, problems)
    return inventory(builds), inventory(mended) if fix.names() else None


def _existing(ends: tuple[End, ...], builds: Mapping[str, Build]) -> tuple[End, ...]:
    return tuple(end for end in ends if end.build in builds)


def _visible(root: Section) -> dict[str, Visible]:
    found: dict[str, Visible] = {}
    for name, section in root.sections("visible"):
        found[name] = Visible(
            name=name,
            of=section.text("of"),
            words=section.text("words", name),
            property=section.text("property", ""),
            check=cast(Check, section.choice("check", CHECKS, "equal")),
            travels=cast(Travels, section.choice("travels", TRAVELS, "no")),
            feature=section.text("feature", ""),
            refusal=section.text("refusal", ""),
        )
    if not found:
        root.note("visible", "is missing: it lists what a guest could notice")
    return found


def _device_types(root: Section) -> dict[str, DeviceType]:
    types: dict[str, DeviceType] = {}
    for name, section in root.sections("types"):
        parts = section.texts("parts")
        if name in _inside(parts, types):
            section.note("parts", f"{name} would contain itself")
            parts = ()
        types[name] = DeviceType(name, section.texts("ancestors"), parts)
    return types


def _inside(parts: Iterable[str], types: Mapping[str, DeviceType]) -> set[str]:
    """All types inside, as far as read: the last type of a cycle finds the others."""
    return {
        inner
        for part in parts
        for inner in (part, *(_inside(types[part].parts, types) if part in types else ()))
    }


def _expected(root: Section, has_fix: bool) -> list[Expected]:
    """Without a fix only `before` exists."""
    found: list[Expected] = []
    always = ("before", "after") if has_fix else ("before",)
    whens = {"before": ("before",), "after": ("after",), "always": always}
    for row in root.rows("expect"):
        guest = row.text("guest", "")
        if row.text("when", "") == "after" and not has_fix:
            row.note("when", "refers to a fix, but there is none", "describe it in [fix]")
        for when in whens[row.choice("when", tuple(whens), "always")]:
            for kind in ("pairs", "chains"):
                section = row.section(kind)
                for key in section.names():
                    verdict = cast(Answer, section.choice(key, ANSWERS, "ok"))
                    found.append(_one(cast(When, when), verdict, guest, kind, key, section))
    return found


def _one(
    when: When, verdict: Answer, guest: str, kind: str, key: str, section: Section
) -> Expected:
    if kind == "chains":
        return Expected(when, verdict, chain=key)
    source, arrow, target = (part.strip() for part in key.partition("->"))
    if not (arrow and source and target):
        section.note(key, "must be a pair of ends", 'write "source -> target"')
    return Expected(when, verdict, guest, source, target)


def _for_all_guests(expected: tuple[Expected, ...], inventory: Inventory) -> list[Expected]:
    """A pair that names no guest stands for every guest."""
    return [
        each
        if each.chain or each.guest
        else Expected(each.when, each.verdict, guest, each.source, each.target)
        for each in expected
        for guest in ([""] if each.chain or each.guest else inventory.guests)
    ]


def _told(name: str, problems: Problems) -> str:
    count = len(problems.found)
    lines = [f"{name}: {count} problem{'s' if count > 1 else ''}"]
    for each in problems.found:
        lines.append(f"  {each.path}: {each.message}" + (f" ({each.hint})" if each.hint else ""))
    return "\n".join(lines)
