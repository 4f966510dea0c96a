"""Advisories: published breaks of releases, one file of data each in `advisories/`.

Most of them a comparison of portraits shows by itself, since the build was asked: their `rules` say
which finding that is, and the advisory only gives it a name, a cause and a reference. The others
show only while a guest runs, or depend on what lies in memory; for them alone versions decide
(`known_break_unproven`). A file that is not valid fails as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from qcompat.arch.machine_type import parse_machine_type
from qcompat.builds.build import BuildIdentity
from qcompat.dataset import folder_of, parse_table
from qcompat.portrait.portrait import Device, Portrait
from qcompat.rules.advisories.version_range import in_one_of, is_within, numbers_of
from qcompat.rules.finding import Certainty, Promise


class Advisory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published break.

    `source` and `target` are ranges of affected versions (`>=7.2.18,<7.2.20`), of which one must
    hold on each end, or with `both_ways` on the other; then `source` is the end with the fault.
    Only builds whose package is like one of `packages` have it, if those are given, and none like
    `mended_packages`; nor a build of `source` whose device has the property `mended_by`.
    `devices` are patterns of device types and `sections` of section ids, of which the guest has
    one; `properties` what that device has set; `machines` the range of its machine type's version.
    `rules` are those whose findings show it. `undecided` says that the outcome varies from run to
    run. The texts speak to an operator; `links` are where it is told,
    `modified` is the day of its last change.
    """

    title: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    promise: Promise
    certainty: Certainty
    symptom: str
    cause: str
    remedy: str
    reference: str
    links: tuple[str, ...]
    modified: str
    devices: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    properties: Mapping[str, str] = {}
    machines: str = ""
    packages: tuple[str, ...] = ()
    mended_packages: tuple[str, ...] = ()
    mended_by: str = ""
    both_ways: bool = False
    rules: tuple[str, ...] = ()
    undecided: bool = False

    def may_have(self, identity: BuildIdentity, ranges: tuple[str, ...]) -> bool:
        """Whether a build is in one of the ranges, and of a package that is affected."""
        package = identity.package
        return (
            in_one_of(identity.version, ranges)
            and (not self.packages or _is_like(package, self.packages))
            and not _is_like(package, self.mended_packages)
        )

    def is_other_end(self, identity: BuildIdentity) -> bool:
        """Whether a build is in one of the ranges of the other end."""
        return in_one_of(identity.version, self.target)


def advisories() -> Mapping[str, Advisory]:
    """All advisories by the name of their file, in alphabetical order."""
    return {name: _advisory(name) for name in _contents()}


def shown_by(rule: str) -> Iterator[tuple[str, Advisory]]:
    """Those that findings of this rule show; the files of others are not even parsed."""
    for name, content in _contents().items():
        if f'"{rule}"' in content and rule in (known := _advisory(name)).rules:
            yield name, known


def shown_by_none() -> Iterator[tuple[str, Advisory]]:
    """Those that no rule shows, so that versions decide."""
    for name, content in _contents().items():
        if "\nrules = " not in content:
            yield name, _advisory(name)


@cache
def _contents() -> Mapping[str, str]:
    paths = sorted(folder_of("qcompat.rules.advisories").glob("*.toml"))
    return {path.stem: path.read_text("utf-8") for path in paths}


@cache
def _advisory(name: str) -> Advisory:
    return parse_table(_contents()[name].encode(), Advisory, f"{name}.toml")


def affected(advisory: Advisory, source: Portrait, target: Portrait) -> Iterator[Device]:
    """The devices of the guest that the advisory is about, between these two builds."""
    if is_between(advisory, source, target):
        yield from devices_of(advisory, source)


def is_between(advisory: Advisory, source: Portrait, target: Portrait) -> bool:
    """Whether the advisory is about a guest of this machine type between these two builds."""
    ways = [(source, target), (target, source)] if advisory.both_ways else [(source, target)]
    return has_machine(advisory, source.machine) and any(
        advisory.may_have(one.identity, advisory.source)
        and advisory.is_other_end(other.identity)
        and not is_mended(advisory, one)
        for one, other in ways
    )


def devices_of(advisory: Advisory, portrait: Portrait) -> Iterator[Device]:
    """The devices of a guest that the advisory is about."""
    for device in portrait.devices:
        wanted = advisory.properties.items()
        if _is_like(device.type, advisory.devices) and all(
            device.properties.get(name) == value for name, value in wanted
        ):
            yield device


def has_machine(advisory: Advisory, machine: str) -> bool:
    """Whether the machine type is in the advisory's range; others' versions are not comparable."""
    if not advisory.machines:
        return True
    parsed = parse_machine_type(machine)
    return (
        parsed.is_versioned
        and not parsed.vendor
        and is_within(numbers_of(".".join(map(str, parsed.version))), advisory.machines)
    )


def has_section(advisory: Advisory, portrait: Portrait) -> bool:
    """Whether the guest sends a section that the advisory is about."""
    sections = portrait.stream.sections if portrait.stream else ()
    return any(_is_like(section.idstr, advisory.sections) for section in sections)


def is_mended(advisory: Advisory, portrait: Portrait) -> bool:
    """Whether a build of `source` shows that it does not have the break.

    What is asked of the build counts more than its version: distributions mend old ones.
    """
    name = advisory.mended_by
    return bool(name) and any(
        name in device.properties
        for device in portrait.devices
        if _is_like(device.type, advisory.devices)
    )


def _is_like(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
