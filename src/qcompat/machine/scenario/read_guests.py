"""Guests of a scenario, the ends they can run at, and the chains of their migrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from qcompat.machine.scenario.model import Build, Chain, Device, End, Guest, Stop, Then
from qcompat.machine.scenario.section import Section

THEN = ("", "reset", "power-off")


def read_guests(root: Section) -> dict[str, Guest]:
    """The guests, in the order of the file."""
    guests: dict[str, Guest] = {}
    for name, section in root.sections("guests"):
        guests[name] = Guest(
            name=name,
            machine=section.text("machine"),
            devices=_devices(section),
            cpus=section.number("cpus", 1),
        )
    if not guests:
        root.note("guests", "is missing")
    return guests


def read_ends(root: Section) -> tuple[End, ...]:
    """The ends that the file names."""
    return tuple(
        End(row.text("name"), row.text("build"), row.text("host", ""), row.settings("set"))
        for row in root.rows("ends")
    )


def default_ends(
    builds: Mapping[str, Build], hosts: Mapping[str, object], ends: tuple[End, ...]
) -> tuple[End, ...]:
    """The ends of a grid: those named, or else each build, on each host where there are any."""
    if ends:
        return tuple(end for end in ends if end.build in builds)
    if not hosts:
        return tuple(End(build, build) for build in builds)
    return tuple(End(f"{build} on {host}", build, host) for build in builds for host in hosts)


def read_chains(root: Section, ends: tuple[End, ...]) -> tuple[Chain, ...]:
    """The chains; a stop names one of `ends`, or a build with a host and properties."""
    return tuple(
        Chain(row.text("name"), row.text("guest"), _stops(row, {end.name: end for end in ends}))
        for row in root.rows("chains")
    )


def _devices(section: Section) -> tuple[Device, ...]:
    devices = tuple(
        Device(
            name=inner.text("id", inner.text("type")),
            type=inner.text("type"),
            properties=inner.values("properties"),
        )
        for inner in section.rows("devices")
    )
    if not devices:
        section.note("devices", "is missing", 'such as devices = [{ type = "e1000e" }]')
    if len({device.name for device in devices}) < len(devices):
        section.note("devices", "has the same device twice", "give each its own id")
    return devices


def _stops(row: Section, ends: Mapping[str, End]) -> tuple[Stop, ...]:
    stops = tuple(
        Stop(_end(inner, ends), cast(Then, inner.choice("then", THEN, "")), inner.texts("keeps"))
        for inner in row.rows("stops")
    )
    if len(stops) < 2:
        row.note("stops", "must be two or more")
    return stops


def _end(section: Section, ends: Mapping[str, End]) -> End:
    given = section.settings("set")
    if "end" in section:
        name = section.text("end")
        if name not in ends:
            section.problems.unknown(section.at("end"), "end", name, ends)
        end = ends.get(name, End(name, ""))
        return msgspec.structs.replace(end, set={**end.set, **given}) if given else end
    build, host = section.text("build"), section.text("host", "")
    options = " ".join(f"{d}.{n}={v}" for d, values in given.items() for n, v in values.items())
    name = build + (f" on {host}" if host else "") + (f" with {options}" if options else "")
    return End(name, build, host, given)
