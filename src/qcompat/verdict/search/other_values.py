"""What else might repair: every property of a device, given another value.

For behaviour that no property of the source names: older builds had it built in, and the
target can turn it back. First what the target's own machine types turn back for the device's
type, then every switch and enumeration the other way, then numbers that the findings name.
For the proof that no property helps, each of them is tried alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qcompat.machine.value import canonical
from qcompat.portrait.portrait import Device, Portrait
from qcompat.remedy.build_properties import BuildProperties, PropertyInfo
from qcompat.remedy.places import GUEST, HOST_SIDE, devices_of, inner_of, own_devices, place_of
from qcompat.remedy.setting import Setting
from qcompat.rules.finding import Finding
from qcompat.verdict.search.attempts import Asking, Settings
from qcompat.verdict.search.candidates import Candidate, on_device, values_of
from qcompat.verdict.search.cost import Judged, findings_at

_AT_ONCE = 4
_NUMBERS = ("0", "1")
"""What a number is tried with where no finding names one."""
_MOST_NUMBERS = 3
_SWITCHES = {"bool": ("on", "off"), "OnOffAuto": ("on", "off")}
_NOT_SEEN = frozenset({"dump-guest-core", "mem-merge", "graphics", "suppress-vmdesc"})
"""Switches of a machine that no guest sees, or that only change how a stream is described."""


def turned_back(portrait: Portrait, place: str, properties: BuildProperties) -> list[Candidate]:
    """The values of the target's compat tables that the devices of a place do not have."""
    found = []
    for device in devices_of(portrait, place):
        now, inner = values_of(portrait, device, properties), inner_of(portrait, device)
        for name, value in properties.turned_back(device.type, inner.type if inner else ""):
            if value != now.get(name) and name not in HOST_SIDE:
                found.append(on_device(portrait, device, name, value, restores=False))
    return list(dict.fromkeys(found))


def every_property(
    portrait: Portrait,
    place: str,
    properties: BuildProperties,
    findings: tuple[Finding, ...],
    fallback: tuple[str, ...] = (),
) -> list[Candidate]:
    """Every other value that can be named for every property of the devices of a place.

    Numbers that the findings name are tried for every number, else those of `fallback`. Free
    text has no other value to try, but for an option ROM's file, which can be left out. For the
    whole guest they are the switches of its machine.
    """
    if place == GUEST:
        return list(_machine(portrait, properties))
    numbers = _numbers(findings) or fallback
    return [
        on_device(portrait, device, info.name, value, restores=False)
        for device in devices_of(portrait, place)
        for info, value in _others(portrait, device, properties, numbers)
    ]


def only_new(
    found: list[Candidate], source: Portrait, place: str, properties: BuildProperties
) -> list[Candidate]:
    """Those of properties that the source's devices do not have, or made for compatibility."""
    names = {name for d in devices_of(source, place) for name in values_of(source, d, properties)}
    return [c for c in found if c.setting.name not in names or c.setting.name.startswith("x-")]


def _machine(portrait: Portrait, properties: BuildProperties) -> Iterator[Candidate]:
    driver = f"{portrait.machine}-machine"
    for name, info in sorted(properties.machine.items()):
        for value in _SWITCHES.get(info.kind, ()) if name not in _NOT_SEEN else ():
            yield Candidate(GUEST, Setting(driver, name, value, "machine", restores=False))


def _others(
    portrait: Portrait, device: Device, properties: BuildProperties, numbers: tuple[str, ...]
) -> Iterator[tuple[PropertyInfo, str]]:
    now = values_of(portrait, device, properties)
    for name, info in sorted(properties.types.get(device.type, {}).items(), key=_hidden_first):
        if name in HOST_SIDE or name == "addr" or not info.is_settable:
            continue
        value = now.get(name, info.default or "")
        for other in info.choices or (numbers if info.is_number else ()):
            if other not in (value, info.default if value == "auto" else value):
                yield info, other
        if name == "romfile" and value:
            yield info, ""


def _hidden_first(item: tuple[str, PropertyInfo]) -> tuple[bool, str]:
    """Switches made for compatibility are called `x-…`; they change least of what a guest sees."""
    return not item[0].startswith("x-"), item[0]


def _numbers(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Numbers that the source has, of all findings, the gravest first."""
    sources = (e.source for finding in findings for e in finding.evidence)
    numbers = (canonical(each) for each in sources if each)
    return tuple(dict.fromkeys(each for each in numbers if each.isdigit()))[:_MOST_NUMBERS]


def blocked_places(found: Judged) -> tuple[str, ...]:
    """Where the target still refuses the stream."""
    return tuple(sorted(place for place, cost in found.costs.items() if cost.blocked))


def singles(found: Judged, properties: BuildProperties) -> Mapping[str, Settings]:
    """By blocked place, every setting that could be made there, each to be tried alone.

    What bars the whole guest may be any of its devices, so all of them are tried there.
    """
    if found.portrait is None:
        return {}
    return {
        place: tuple(dict.fromkeys(_every(found, found.portrait, place, properties)))
        for place in blocked_places(found)
    }


def devices_in_question(portrait: Portrait, place: str) -> tuple[Device, ...]:
    """The devices whose properties might help at a place."""
    return own_devices(portrait) if place == GUEST else devices_of(portrait, place)


def _every(
    found: Judged, portrait: Portrait, place: str, properties: BuildProperties
) -> Iterator[Setting]:
    findings = tuple(findings_at(found, place))
    places = dict.fromkeys(place_of(each) for each in devices_in_question(portrait, place))
    for each in (*places, *([GUEST] if place == GUEST else [])):
        for candidate in turned_back(portrait, each, properties):
            yield candidate.setting
        for candidate in every_property(portrait, each, properties, findings, _NUMBERS):
            yield candidate.setting


def each_alone(pool: Settings) -> Asking:
    """Each setting tried alone, some at once; returns the first that holds, else none."""
    for start in range(0, len(pool), _AT_ONCE):
        batch = tuple((setting,) for setting in pool[start : start + _AT_ONCE])
        answers = yield batch
        for one, holds in zip(batch, answers, strict=True):
            if holds:
                return one
    return ()
